# Completion: what is offered is what the tools have, and what the brokers have, and nothing else.
load helper

top=$BATS_TEST_DIRNAME/..
TOOLS="kcat-in kgrep ktr kcount kout kdev kpipe-adm kpipe-loop"

setup() {
    work
    unset KPIPE_BROKERS KPIPE_CONF _kpipe_asked
    . "$top/contrib/completion/kpipe.bash"
}

teardown() {
    [ -z "${kdev-}" ] || { kill -TERM "$kdev" && wait "$kdev"; } || :
}

broker() { # a kdev with topics; its address in $brokers
    kdev -p 0 -t lines:2 -t out:1 -t other:1 >ready 2>kdev.err 3>&- &
    kdev=$!
    wait_for 10 grep -qs '^ready: ' ready
    brokers=$(sed 's/.*=//' ready)
}

# A kpipe-adm that notes how it was asked, and knows names.
asked_of() {
    mkdir -p stub
    cat >stub/kpipe-adm <<E2
#!/bin/sh
[ "\$1" != --help ] || exec "$(command -v kpipe-adm)" --help
E2
    cat >>stub/kpipe-adm <<'E2'
echo "$@" >>asked
case $* in *topics) printf 'one\ntwo\n' ;; *groups) printf 'mine\nyours\n' ;; esac
E2
    chmod +x stub/kpipe-adm
    PATH=$PWD/stub:$PATH
}

compopt() {
    options_set+=" $2"
}

# offered LINE : what bash offers at the end of LINE, sorted, in $output; the options it sets for
# readline in $options_set. The words are cut as readline does it.
offered() {
    local function
    COMP_LINE=$1 COMP_POINT=${#1} options_set='' COMPREPLY=()
    mapfile -t COMP_WORDS < <(grep -oE '[=:<>]+|[^ =:<>]+' <<<"$1")
    [ "${1% }" = "$1" ] || COMP_WORDS+=('')
    COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
    function=$(complete -p "${COMP_WORDS[0]}" | sed 's/.*-F \([^ ]*\).*/\1/')
    "$function" "${COMP_WORDS[0]}" "${COMP_WORDS[-1]}" "${COMP_WORDS[-2]}" 2>err
    [ ! -s err ]
    output=$([ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}" | sort -u)
}

# offers LINE WORD... : just these.
offers() {
    local line=$1
    shift
    offered "$line"
    same "$(printf '%s\n' "$@" | sort)" "$output" || { echo "at: $line"; return 1; }
}

options_of() { # options_of TOOL : as --help has them
    "$1" --help | grep -E '^  (-., |    )--' | grep -oE '^  (-.|  )|--[a-z0-9-]+' |
        grep -o -e '-.*' | sort -u
}

# Every option that has values: TOOL --LONG VALUE...
valued() {
    local tool long values
    for tool in $TOOLS; do
        for long in $(options_of "$tool" | grep -e --); do
            values=$(_kpipe_values "$tool" "$long")
            [ -z "$values" ] || echo "$tool $long $values"
        done
    done
}

@test "the options are those of --help" {
    local tool
    for tool in $TOOLS; do
        # shellcheck disable=SC2046 # words
        offers "$tool -" $(options_of "$tool")
    done
    offers 'kgrep --col' --color
    offers 'kgrep --c' --color --context --count
    offers 'kgrep -- --c' ''
}

# bats test_tags=slow
@test "an option's values are those that the tool takes" {
    local tool long values value
    [ "$(lines_of "$(valued)")" -ge 13 ]
    while read -r tool long values; do
        # shellcheck disable=SC2086 # words
        offers "$tool $long " $values
        # shellcheck disable=SC2086
        offers "$tool $long=" $values
        for value in $values nonsense; do
            value=${value/%:/:x}
            "$tool" "$long" "$value" </dev/null >/dev/null 2>said || :
            [ "$value" = nonsense ] || run ! grep -F " $value: " said
        done
        grep -qF ' nonsense: ' said
    done < <(valued)
    # None stands there that no tool has.
    same "$(valued | cut -d ' ' -f 1,2 | tr -d ' ' | sort)" \
        "$(declare -f _kpipe_values | grep -oE '[a-z-]+--[a-z-]+' | sort)"
}

@test "an option in any shape" {
    offers 'kout -z g' gzip
    offers 'kout -zg' -zgzip
    offers 'kout --compress=g' gzip
    offers 'kout -0xz lz' lz4
    offers 'kgrep --on he' header:
    same ' nospace' "$options_set"
    offers 'kgrep -e --color ' ''
    offers 'kcat-in -K : --unt' --until
    offers 'kcat-in -K= --unt' --until
    offers 'kcat-in -n ' ''
    same '' "$options_set"
    offers 'kcat-in ' ''
    same ' default' "$options_set"
    offers 'kgrep x < ' ''
    same ' default' "$options_set"
    offers 'kgrep -f ' ''
    same ' default' "$options_set"
    offers 'kgrep x' ''
    same '' "$options_set"
    offered 'kout -o x -- gre'
    grep -qx grep <<<"$output"
    offers 'kpipe-adm ' groups lag reset state topics
    offers 'kpipe-adm -g lag re' reset
    offers 'kpipe-adm reset ' beginning end
}

@test "names of groups and topics, and who is asked for them" {
    asked_of
    offers 'kcat-in -g ' mine yours
    offers 'kcat-in -b a:1,b:2 -F ./x.yaml -X K=V -t t' two
    offers 'kout --brokers=a:1 --group=m' mine
    offers 'kout -ba:1 -xt o' one
    offers 'kcat-in -to' -tone
    offers 'kpipe-adm -b a topics ' one two
    offers 'kpipe-adm -g mine --store s --diff y' yours
    offers 'kpipe-adm -g mine lag o' one
    offers 'kpipe-adm groups ' ''
    offers 'kdev -t ' ''
    same '--names groups
-b a:1,b:2 -F ./x.yaml -X K=V --names topics
--brokers=a:1 --names groups
-ba:1 --names topics
--names topics
-b a --names topics
--names groups
--names topics' "$(cat asked)"
    offers 'kcat-in -t ' one two
    offers 'kcat-in -t on' one
    same 8 "$(lines_of "$(cat asked)")"
    # What is typed is not run.
    offers 'kcat-in -b $(touch${IFS}ran) -F `touch${IFS}ran` -X a;b -t ' one two
    same '--names topics' "$(tail -n 1 asked)"
    [ ! -e ran ]
}

# bats test_tags=slow
@test "topics of a broker, and nothing where there is none" {
    broker
    _kpipe_patience=20
    KPIPE_BROKERS=$brokers offers 'kout -xt o' other out
    offers "kcat-in -b $brokers -t " lines other out
    kill -TERM "$kdev"
    wait "$kdev" || :
    kdev=
    offers "kcat-in -b $brokers -e -t " lines other out # as a moment ago
    KPIPE_BROKERS=$brokers offers 'kout -xt ' ''
    offers 'kcat-in -t ' ''
}

@test "brokers that say nothing are asked once, and not for long" {
    local began=$SECONDS
    asked_of
    echo 'exec sleep 100' >>stub/kpipe-adm
    sed -i '/^case/d' stub/kpipe-adm
    offers 'kcat-in -t ' ''
    offers 'kcat-in -t a' ''
    [ $((SECONDS - began)) -lt 50 ]
    same 1 "$(lines_of "$(cat asked)")"
}

# zsh_offers LINE... : what zsh offers at the end of each, sorted, is what bash offers.
zsh_offers() {
    local line words
    rm -f offers
    timeout 250 zsh -f "$BATS_TEST_DIRNAME/tool/completion.zsh" "$top/contrib/completion" "$@" >all
    exec 9<all
    for line; do
        : >words
        while read -r words <&9 && [ -n "$words" ]; do
            printf '%s\n' "$words" >>words
        done
        offered "$line"
        same "$output" "$(sort -u words)" || { echo "at: $line"; return 1; }
    done
    exec 9<&-
}

# bats test_tags=slow
@test "zsh offers the same" {
    local tool lines=() long
    command -v zsh >/dev/null || skip 'needs zsh'
    asked_of
    export _kpipe_patience=20
    # zsh continues its jobs, and takes away the stop that the search for leaks waits for.
    export ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0
    for tool in $TOOLS; do
        lines+=("$tool --")
    done
    while read -r tool long _; do
        lines+=("$tool $long ")
    done < <(valued)
    zsh_offers "${lines[@]}" 'kgrep -' 'kgrep --on=he' 'kout -0z g' 'kpipe-adm ' \
        'kpipe-adm reset ' 'kpipe-adm -g mine lag ' 'kcat-in -b a:1 -t ' 'kcat-in --group=' \
        'kout -xt o'
    same '-b a:1 --names topics' "$(grep -m 1 a:1 asked)"
}

@test "installed where both shells look for it, and gone again" {
    local tool share=dest/usr/share
    make -s -C "$top" -o all install B="$KPIPE_BIN" DESTDIR="$PWD/dest" PREFIX=/usr
    cmp "$top/contrib/completion/_kpipe" "$share/zsh/site-functions/_kpipe"
    for tool in $TOOLS; do
        grep -qw "$tool" <(head -n 1 "$share/zsh/site-functions/_kpipe")
        "$BASH" -c ". $share/bash-completion/completions/$tool && complete -p $tool"
    done
    make -s -C "$top" uninstall DESTDIR="$PWD/dest" PREFIX=/usr
    same '' "$(find dest ! -type d)"
}
