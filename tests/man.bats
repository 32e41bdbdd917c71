# man: the pages are lint-clean, their examples do what they show, and SYNOPSIS, --help and the
# options that are accepted agree.
load helper

top=$BATS_TEST_DIRNAME/..
pages=("$top"/man/*.[157])

# Pages of others that ours may name.
foreign='cat.1 fdatasync.2 file.1 grep.1 head.1 kcat.1 sh.1 tee.1 tr.1 uniq.1'

tools() {
    local folder tool
    for folder in "$top"/src/*/; do
        tool=$(basename "$folder")
        [ ! -e "$folder/$tool.c" ] || echo "$tool"
    done
}

section() { # section PAGE NAME : its mdoc source
    awk -v head=".Sh $2" '$0 == head {on = 1; next} /^\.Sh / {on = 0} on' "$1"
}

# each COMMAND... : runs it with every tool; all complaints are shown, not just the first.
each() {
    local tool failed=0
    for tool in $(tools); do
        "$@" "$tool" || failed=1
    done
    return "$failed"
}

@test "every page is lint-clean, and the pages it names are there" {
    local page name said
    mkdir -p man/man1 man/man2 man/man3 man/man5 man/man7
    for page in "${pages[@]}"; do
        ln -s "$page" "man/man${page##*.}/"
    done
    for name in $foreign; do
        [ -e "man/man${name##*.}/$name" ] || : >"man/man${name##*.}/$name"
    done
    said=$(MANPATH=$PWD/man mandoc -Tlint -Wstyle "${pages[@]}" 2>/dev/null) || :
    same '' "$said"
}

@test "every tool has a page" {
    has_page() { [ -e "$top/man/$1.1" ] || { echo "no man/$1.1"; return 1; }; }
    each has_page
}

@test "every page has the sections that it must have" {
    local page name wanted failed=0
    for page in "${pages[@]}"; do
        case $page in
        *.1) wanted='NAME,SYNOPSIS,DESCRIPTION,EXIT STATUS,EXAMPLES,SEE ALSO' ;;
        *) wanted='NAME,DESCRIPTION,EXAMPLES,SEE ALSO' ;;
        esac
        while IFS= read -r name; do
            [ -n "$(section "$page" "$name")" ] || { echo "$page: no $name"; failed=1; }
        done < <(tr , '\n' <<<"$wanted")
    done
    return "$failed"
}

# --- examples

# blocks PAGE FOLDER : its EXAMPLES' literal displays, as a reader sees them, to FOLDER/1, 2 ...
blocks() {
    section "$1" EXAMPLES | sed "s/\\\\(aq/'/g; s/\\\\[&]//g; s/\\\\-/-/g; s/\\\\e/\\\\/g" |
        awk -v to="$2" '/^\.Bd -literal/ {n++; on = 1; next}
                        /^\.Ed/ {on = 0}
                        on {print > (to "/" n)}'
}

# script BLOCK : sh commands that print the block anew: each command as it was typed, and what it
# says. One that does not end with 0 is noted in ../failed. Lines with "> " go on with a command.
script() {
    awk 'function end() {
             if (typed == "")
                 return
             printf "cat >&3 <<\"=====\"\n%s=====\n", typed
             printf "{ %s\n} >&3 2>&1 3>&- || echo \"line %d: status $?\" >>../failed\n",
                 command, line
             typed = ""
         }
         /^\$ / {end(); typed = $0 "\n"; command = substr($0, 3); line = NR; more = 1; next}
         more && /^> / {typed = typed $0 "\n"; command = command "\n" substr($0, 3); next}
         {more = 0}
         END {end()}' "$1"
}

# Where a block names the broker of kdev(1), one listens, with the topics that the block names.
broker_start() { # broker_start BLOCK
    local topics=() name line
    for name in $(grep -o -e '-t [a-z][a-z]*' "$1" | cut -c 4- | sort -u); do
        topics+=(-t "$name:2")
    done
    mkfifo ready
    kdev -p 0 "${topics[@]}" >ready 2>kdev.log 3>&- &
    broker=$!
    read -r line <ready || :
    rm ready
    [ -n "$line" ] || { cat kdev.log; return 1; }
    sed -i "s/127\.0\.0\.1:19092/${line##*=}/" "$1"
}

broker_stop() {
    [ -z "${broker:-}" ] || { kill "$broker" && wait "$broker"; } 2>/dev/null || :
    broker=
}

teardown() {
    broker_stop
}

# run_block BLOCK NAME : runs it in an empty folder and compares.
run_block() {
    local ended=0
    ! grep -q '127\.0\.0\.1:19092' "$1" || broker_start "$1" || return 1
    script "$1" >script
    rm -rf empty got failed
    mkdir empty
    (cd empty && timeout 60 sh ../script </dev/null 3>>../got) || ended=$?
    broker_stop
    diff -u --label "$2: shown" --label "$2: got" "$1" got || return 1
    [ "$ended" -eq 0 ] && [ ! -e failed ] || {
        echo "$2: sh: status $ended"
        cat failed 2>/dev/null
        return 1
    }
}

run_page() { # run_page PAGE
    local block failed=0
    rm -rf blocks
    mkdir blocks
    blocks "$1" "$PWD/blocks"
    for block in blocks/*; do
        [ -e "$block" ] || { echo "${1##*/}: no example"; return 1; }
        case $(head -n 1 "$block") in
        '$ '*) run_block "$block" "${1##*/}, example ${block##*/}" || failed=1 ;;
        *) echo "${1##*/}, example ${block##*/}: shows no command" && failed=1 ;;
        esac
    done
    return "$failed"
}

@test "every example gives exactly what it shows" {
    local page failed=0
    for page in "${pages[@]}"; do
        run_page "$page" || failed=1
    done
    return "$failed"
}

@test "the lines of README.md give what they show" {
    local block failed=0
    mkdir readme
    awk '/^```/ {on = !on; n += on; next} on {print > ("readme/" n)}' "$top/README.md"
    [ "$(cat readme/* | grep -c '^\$ kcat-in')" -gt 0 ]
    for block in $(grep -l '^\$ ' readme/*); do
        run_block "$block" "README.md, block ${block##*/}" || failed=1
    done
    return "$failed"
}

@test "coming from other tools: the same on both sides" {
    local left right
    printf 'a\tksql\nb\tKSQL log\na\tk\n' >log
    sed -n '/^\.Ss Coming from/,/^\.Ed/s/   *kcat-in/\t&/p' "$top/man/kpipe.7" |
        grep -v '^kcat' | sed 's/\\e/\\/g' >pairs
    [ "$(lines_of "$(cat pairs)")" -ge 8 ]
    while IFS=$'\t' read -r left right; do
        # uniq -c has the count in front.
        same "$(sh -c "$left" | tr '\0' '@' | sed 's/^ *\([0-9][0-9]*\) \(.*\)/\2 \1/' | sort)" \
            "$(sh -c "$right" | tr '\0' '@' | sort)"
    done <pairs
}

# --- SYNOPSIS, --help, and what is accepted

usage() { # usage TOOL : the synopses of --help, each on one line
    "$1" --help | awk '/^(usage: |       [a-z])/ {if (said != "") print said; said = substr($0, 8); next}
                       /^        / && !over {sub(/^ */, " "); said = said $0; next}
                       {over = 1}
                       END {print said}'
}

@test "SYNOPSIS is the usage" {
    agree() {
        same "$(usage "$1")" "$(mandoc -Tascii -Owidth=400 "$top/man/$1.1" | sed 's/.\x08//g' |
            sed -n '/^SYNOPSIS/,/^DESCRIPTION/s/^  *//p')"
    }
    each agree
}

rows() { # rows TOOL : the options of --help as its left column has them
    "$1" --help | grep -E '^  (-., |    )--' | cut -c 3-30
}

# An option a line, letters and long names apart, each with its argument: "-K SEP".
of_help() { # of_help TOOL
    rows "$1" | flatten
}

of_page() { # of_page TOOL
    section "$top/man/$1.1" DESCRIPTION |
        sed -n 's/^\.It \(Fl .*\)/\1/; T
                s/ Ns / /g; s/ \([:|]\) /\1/g; s/\([:| ]\)\(Ar\|Cm\) /\1/g
                s/Fl -/--/g; s/Fl /-/g; p' | flatten
}

flatten() {
    sed 's/,/ /g' | awk '{arg = $NF ~ /^-/ ? "" : " " $NF
                          for (i = 1; i <= NF; i++) if ($i ~ /^-/) print $i arg}' | sort -u
}

of_usage() { # of_usage TOOL : as it stands there, groups of letters taken apart
    usage "$1" | grep -oE '(^|[[ ])--?[A-Za-z0-9][A-Za-z0-9-]*( [A-Za-z][^] ]*)?' | cut -c 2- |
        awk '/^-[^-]/ && NF == 1 {
                 for (i = 2; i <= length($1); i++)
                     print "-" substr($1, i, 1)
                 next
             }
             1' |
        sort -u
}

@test "the options of the page are those of --help" {
    agree() { diff -u --label "$1 --help" --label "man/$1.1" <(of_help "$1") <(of_page "$1"); }
    each agree
}

# The usage has every letter, and the long names of those that have none.
@test "the options of the usage are those of --help" {
    agree() {
        diff -u --label "$1 --help" --label "usage of $1" \
            <(rows "$1" | grep -v -e '--help' -e '--version' |
                sed -E 's/, --[^ ]*//; s/ *$//; s/^ *//' | sort) <(of_usage "$1")
    }
    each agree
}

@test "the letters that are accepted are those of --help" {
    agree() {
        local letter accepted=
        for letter in {A..Z} {a..z} {0..9}; do
            case $("$1" "-$letter" --help 2>&1 >/dev/null </dev/null) in
            *': unknown option: '*) ;;
            *) accepted+="-$letter"$'\n' ;;
            esac
        done
        diff -u --label "$1 --help" --label "$1 accepts" \
            <(of_help "$1" | grep -o '^-[^-]' | sort) <(printf '%s' "$accepted" | sort)
    }
    each agree
}

@test "every long name of --help is accepted" {
    agree() {
        local name failed=0
        for name in $(of_help "$1" | grep -o '^--[^ ]*'); do
            case $("$1" "$name" --help 2>&1 >/dev/null </dev/null) in
            *': unknown option: '*) echo "$1: $name is unknown" && failed=1 ;;
            esac
        done
        return "$failed"
    }
    each agree
}

@test "the statuses of kpipe(7) are those of util/fault.h" {
    same "$(sed -n 's/^ *STATUS_[A-Z]* = \([0-9]*\),.*/\1/p' "$top/src/util/fault.h")" \
        "$(sed -n '/^\.Ss Statuses/,/^\.El/s/^\.It \([0-9]*\)$/\1/p' "$top/man/kpipe.7")"
}

@test "README.md names every package that .ci/deps wants" {
    local package failed=0
    for package in $(sed -n 's/^ *need \([^ ]*\) .*/\1/p' "$top/.ci/deps"); do
        grep -qE "(^|[ \`])$package([ \`]|\$)" "$top/README.md" ||
            { echo "README.md: no $package" && failed=1; }
    done
    return "$failed"
}
