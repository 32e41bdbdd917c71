# Debian's package: it is built, installed, does what the README shows, and leaves nothing behind.
# bats file_tags=slow
load helper

top=$BATS_TEST_DIRNAME/..

# Why there is nothing to be tested here.
why_not() {
    if [ -n "$KPIPE_SAN" ]; then
        echo 'one build is enough'
    elif [ "$(id -u)" -ne 0 ]; then
        echo 'packages are installed by root'
    elif ! command -v dh >/dev/null; then
        echo 'needs debhelper'
    elif dpkg -s kpipe >/dev/null 2>&1; then
        echo 'kpipe is installed here already'
    fi
}

setup_file() {
    export WHY_NOT
    WHY_NOT=$(why_not)
    [ -z "$WHY_NOT" ] || return 0
    # A tree of its own: the package is of a tree without what was built.
    mkdir "$BATS_FILE_TMPDIR/tree"
    tar -C "$top" -c --exclude=./build --exclude=./.git --exclude='./bin/k*' . |
        tar -C "$BATS_FILE_TMPDIR/tree" -x
    make -s -C "$BATS_FILE_TMPDIR/tree" deb
    export DEB
    DEB=$(echo "$BATS_FILE_TMPDIR"/tree/build/deb/kpipe_*.deb)
}

setup() {
    [ -z "$WHY_NOT" ] || skip "$WHY_NOT"
    work
}

teardown_file() {
    [ -z "${DEB-}" ] || dpkg --purge kpipe >/dev/null 2>&1 || :
}

paths() { # what the package brings, no folders
    dpkg -c "$DEB" | awk '$1 !~ /^d/ {sub(/^\./, "", $6); print $6}'
}

@test "the package has all that make install has, and names what it needs" {
    local page
    same "$(sed -n 's/^kpipe (\(.*\)) .*/\1/p' "$top/debian/changelog")" "$(dpkg -f "$DEB" Version)"
    same "$(dpkg -f "$DEB" Version | sed 's,-.*,,')" "$(ktr --version | cut -d ' ' -f 3 | tr -d ';')"
    for page in librdkafka1 libyaml-0-2 libjansson4 libpcre2-8-0 libmimalloc2.0 libc6; do
        dpkg -f "$DEB" Depends | grep -qw -e "$page"
    done
    for page in "$top"/man/*.[157]; do
        paths | grep -qxF "/usr/share/man/man${page##*.}/${page##*/}.gz"
    done
    # shellcheck disable=SC2153 # it is set by tests/helper.bash
    make -s -C "$top" -o all install B="$KPIPE_BIN" DESTDIR="$PWD/dest" PREFIX=/usr
    same "$(find dest ! -type d | sed 's/^dest//; s,man/man./.*[157]$,&.gz,; s/site-func/vendor-comple/' | sort)" \
        "$(paths | grep -v -e /doc/ -e /lintian/ | sort)"
    for page in copyright changelog.gz changelog.Debian.gz examples/kpipe.cron examples/kpipe@.service; do
        paths | grep -qxF "/usr/share/doc/kpipe/$page"
    done
    run ! grep -r /usr/local/bin "$BATS_FILE_TMPDIR"/tree/build/deb/kpipe-*/debian/kpipe/usr/share/doc/kpipe/examples/*.service
}

@test "lintian has nothing to say" {
    command -v lintian >/dev/null || skip 'needs lintian'
    same '' "$(lintian --allow-root --fail-on error,warning,info -I "$DEB")"
}

@test "installed it does the line, purged it leaves nothing" {
    local path
    dpkg -i "$DEB" >log 2>&1 || { cat log; false; }
    printf 'a log\na ksql log\n' >in.txt
    # shellcheck disable=SC2030
    same 'A KSQL LOG' "$(PATH=/usr/bin:/bin && kcat-in <in.txt | kgrep ksql | ktr a-z A-Z | kout)"
    same '' "$(dpkg --verify kpipe)"
    path=$(paths)
    dpkg --purge kpipe >log 2>&1
    while IFS= read -r path; do
        [ ! -e "$path" ] || { echo "left: $path"; return 1; }
    done <<<"$path"
    same '' "$(find /etc /usr/bin /usr/lib /usr/share /var/lib -name '*kpipe*' 2>/dev/null)"
    run ! dpkg -s kpipe
}
