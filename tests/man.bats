# man: the pages are lint-clean, their examples do what they show, and SYNOPSIS, --help and the
# options that are accepted agree.
load helper
load examples

# Pages of others that ours may name.
foreign='bash.1 cat.1 cron.8 diff.1 fdatasync.2 file.1 grep.1 head.1 kcat.1 landlock.7 seccomp.2 sh.1 systemd.1 tee.1 timeout.1 tr.1 uniq.1'

tools() {
    local folder tool
    for folder in "$top"/src/*/; do
        tool=$(basename "$folder")
        [ ! -e "$folder/$tool.c" ] || echo "$tool"
    done
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
    mkdir -p man/man1 man/man2 man/man3 man/man5 man/man7 man/man8
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

@test "every example gives exactly what it shows" {
    local list
    all_blocks
    mapfile -t list < <(grep -L 'kdev\|127\.0\.0\.1:19092\|kafka:9092' -- */*)
    run_blocks "${list[@]}"
}

# bats test_tags=slow
@test "every example with a broker gives exactly what it shows" {
    local list
    all_blocks
    mapfile -t list < <(grep -l 'kdev\|127\.0\.0\.1:19092' -- */*)
    run_blocks "${list[@]}"
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

# theirs TOOL : the rows of kpipe(7)'s table of TOOL's options, as a reader sees them.
theirs() {
    sed -n "/^\.Em $1 :/,/^\.Ed/p" "$top/man/kpipe.7" | sed '1,2d; $d; s/\\e/\\/g'
}

left_of() { # left_of TOOL : what a row is about
    theirs "$1" | sed -nE 's/^(-[^ ].{0,12}[^ ]|-[^ ].*|[a-z]+.*)(  +.*)?$/\1/; T; s/  +.*//; p'
}

@test "each option of kcat, grep and tr as they are here has a row" {
    kcat -h >kcat.help 2>&1 || :
    grep --help >grep.help
    tr --help >tr.help
    local option
    left_of kcat >kcat.rows
    left_of 'GNU grep' | tr -d , | tr ' ' '\n' >grep.rows
    left_of 'GNU tr' | tr -d , | tr ' ' '\n' >tr.rows
    of_help kgrep >kgrep.help
    for option in $(grep -oE '(^  |\| )-[A-Za-z]' kcat.help | grep -o -e '-.' | sort -u); do
        grep -qE -e "^$option( |$)" kcat.rows || { echo "kcat $option"; return 1; }
    done
    for option in $(grep -oE '^ +-.*' grep.help | grep -oE '(^ *|, )-(-[a-z-]+|[A-Za-z]|NUM)' |
        grep -oE -e '-.*' | sort -u); do
        # A long name that kgrep has as well is there by its letter.
        if [[ $option != --* ]] || ! grep -qE -e "^$option( |$)" kgrep.help; then
            grep -qxF -e "$option" grep.rows || { echo "grep $option"; return 1; }
        fi
    done
    for option in $(grep -oE '^ +-.*' tr.help | grep -oE '(^ *|, )-(-[a-z-]+|[A-Za-z])' |
        grep -oE -e '-[a-zA-Z]$|--(help|version)$'); do
        grep -qxF -e "$option" tr.rows || { echo "tr $option"; return 1; }
    done
}

@test "what the tables say to do instead, the tools can do" {
    local tool option said=0
    for tool in kcat kcl 'GNU grep' 'GNU tr'; do theirs "$tool"; done >tables
    for tool in $(tools); do
        of_help "$tool" >help
        for option in $(grep -oE "$tool( -[^|;,]*| [A-Z@T:0-9,^.]+)*" tables | grep -oE -e ' --?[a-zA-Z0-9][a-z-]*' |
            grep -v -e '-1' | sort -u); do
            said=$((said + 1))
            grep -qE -e "^$option( |$)" help || { echo "$tool $option"; return 1; }
        done
    done
    [ "$said" -ge 40 ]
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

# unknown TOOL OPTION... : those of the options that the tool does not know.
unknown() {
    local option
    for option in "${@:2}"; do
        "$1" "$option" --help 2>&1 >/dev/null </dev/null
    done | sed -n 's/^[^:]*: \([^:]*\): unknown option: .*/\1/p'
}

@test "the letters that are accepted are those of --help" {
    agree() {
        printf '%s\n' -{A..Z} -{a..z} -{0..9} | sort >letters
        # shellcheck disable=SC2046 # words
        diff -u --label "$1 --help" --label "$1 accepts" <(of_help "$1" | grep -o '^-[^-]' | sort) \
            <(unknown "$1" $(cat letters) | sort | comm -23 letters -)
    }
    each agree
}

@test "every long name of --help is accepted" {
    agree() {
        # shellcheck disable=SC2046 # words
        same '' "$(unknown "$1" $(of_help "$1" | grep -o '^--[^ ]*'))"
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
        grep -qE "(^|[ \`])$package([ \`]|\$)" "$top/README.md" || {
            echo "README.md: no $package"
            failed=1
        }
    done
    return "$failed"
}
