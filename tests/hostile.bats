# Input that was made to do harm: patterns and records that explode, files that are too large, JSON
# that is too deep, numbers that overflow. One clear line, no crash, no endless search.
load helper

# A second of CPU a record, which ulimit -t counts; as much again for the start and a sanitizer's part.
bounded() { (ulimit -t "$1" && exec "${@:2}"); }

# told STATUS : $status is it, and $stderr one line (and the usage of a mistake), not of a sanitizer.
told() {
    case $stderr in *ERROR:* | *'runtime error'* | 'usage: '*) return 1 ;; esac
    [ "$status" -eq "$1" ] && [ "$(lines_of "${stderr%$'\n'usage: *}")" -eq 1 ]
}

# rows SIZE : a record of so many a's.
rows() { head -c "$1" /dev/zero | tr '\0' a | kcat-in --whole >"$1.kf"; }

# answers STATUS COUNT SIZE LIMIT : for each pattern of standard input, -E ends with that status and
# prints the count, and -P does, too, or ends with 65.
answers() {
    local pattern language
    while read -r pattern; do
        for language in -E -P; do
            attempt bounded "$4" kgrep -c "$language" "$pattern" <"$3.kf"
            seen+=" $status"
            case $language,$status in
            -E,"$1" | -P,"$1") same "$2" "$output" ;;
            -P,65) told 65 ;;
            *)
                echo "$language $pattern, $3: $status $stderr"
                false
                ;;
            esac
        done
    done
}

# explode SIZE... : a second a record, and an answer or 65, never a wrong no.
explode() {
    local limit=3 size seen=''
    [ -z "$KPIPE_SAN" ] || limit=60
    printf '%s\n' '(a+)+$' '(.*)*x|$' '(a|a)*$' '(a*)*$' '(a|aa)+$' '((a+)+)+$' 'a+$' >yes
    printf '%s\n' '(a+)+[bc]' '(.*)*[xy]' '(a|a)*[xy]' 'a+[bc]' '(a|aa)+[bc]' '((a+)+)+[bc]' \
        '([ab]{2,})+[cd]' '(a{2,})*[cd]' >no
    for size; do
        rows "$size"
        answers 0 1 "$size" "$limit" <yes
        answers 1 0 "$size" "$limit" <no
    done
    case $seen in *' 65'*) ;; *) false ;; esac
}

@test "expressions that explode: a second a record, and an answer or 65, never a wrong no" {
    explode 50 3000
}

# bats test_tags=slow
@test "expressions that explode in large records" {
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer takes minutes for it"
    explode 100000 1000000
}

# What is bounded by the clock, and not by the steps that PCRE2 counts.
@test "empty matches in a long row, and Perl's verbs: 65 in a second" {
    local limit=3 words
    [ -z "$KPIPE_SAN" ] || limit=60
    rows 250000
    for words in "-o (a+[bc])?" "-cP (*NO_START_OPT)a+[bc]"; do
        # shellcheck disable=SC2086 # two words
        attempt bounded "$limit" kgrep $words <250000.kf
        [ "$status" -eq 65 ] && told 65
    done
}

@test "many steps that take no time are no reason to give up" {
    yes 'word wort' | head -5000 | tr '\n' ' ' | kcat-in --whole >words.kf
    same 1 "$(kgrep -cP '^(?:\w+\s+)+' <words.kf)"
    same 50001 "$(kgrep -o --into key '([a-z]+ )+' <words.kf | kout | wc -c)"
}

@test "what matched in a long row is found, by -o, too" {
    local limit=3 pattern
    [ -z "$KPIPE_SAN" ] || limit=60
    rows 100000
    for pattern in '(a+)+$' '(a*)*b|a+' '(a|aa)+'; do
        attempt bounded "$limit" sh -c 'kgrep -o "$1" <100000.kf | kout | wc -c' sh "$pattern"
        same 100001 "$output"
    done
}

# bats test_tags=slow
@test "where too many ways are left it is 65 or the record is left out, never a no" {
    { head -c 200000 /dev/zero | tr '\0' a; printf '\nb\n'; } | kcat-in >in.kf
    attempt bounded 30 kgrep '(a{1,500})+[bc]' <in.kf
    told 65
    says 'kgrep: -:1: cannot be decided: match limit exceeded: simplify PATTERN'
    attempt bounded 30 kgrep -c -v --on-error skip '(a{1,500})+[bc]' <in.kf
    same 1 "$output"
    told 0
    says 'kgrep: -:1: cannot be decided: match limit exceeded: left out'
}

# bats test_tags=slow
@test "a pattern file of 10 MB" {
    local option
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer takes minutes for it"
    seq -f '%.0f-number' 1000000 1700000 >words
    [ "$(wc -c <words)" -gt 10000000 ]
    printf 'none\nthe 1234567-number is there\n1234567\n' | kcat-in >in.kf
    for option in -F -E -G -iF -wF; do
        status 0 timeout 60 sh -c 'kgrep '$option' -f words <in.kf | kout'
        same 'the 1234567-number is there' "$output"
    done
    sed 's/$/(a|b)/' words >expressions
    attempt timeout 60 kgrep -f expressions <in.kf
    told 64
    says 'kgrep: PATTERN: is too much for PCRE2: regular expression is too large'
    head -c 10000000 /dev/zero | tr '\0' '(' >deep
    attempt timeout 60 kgrep -f deep <in.kf
    told 64
    says ': parentheses nest too deeply: to take it as it stands: -F'
    attempt timeout 60 kgrep -P -f deep <in.kf
    told 64
}

@test "JSON 10,000 deep: 65" {
    python3 -c 'print("{\"payload\":" + "[" * 10000 + "]" * 10000 + "}")' >deep
    attempt kcat-in -J deep
    told 65
    says 'deep:1: is no JSON: '
    python3 -c 'print("{\"a\":" * 10000 + "1" + "}" * 10000)' >deep
    attempt kcat-in -J deep
    told 65
}

@test "numbers that overflow in JSON: 65" {
    local record
    for record in '{"partition":99999999999999999999,"payload":"x"}' '{"offset":1e400,"payload":"x"}' \
        '{"ts":9223372036854775808,"payload":"x"}' '{"ts":-9223372036854775809,"payload":"x"}'; do
        echo "$record" >in
        attempt kcat-in -J in
        told 65
        says 'kcat-in: in:1: '
    done
}

@test "numbers that overflow on a command line: 64, in every option that has one" {
    local number options option tool
    echo x | kcat-in >in.kf
    while read -r tool options; do
        for option in $options; do
            for number in 18446744073709551616 99999999999999999999999999 -9223372036854775809 1e9 0x10 ''; do
                case $tool in
                kgrep) attempt kgrep "$option" "$number" x ;;
                kout) attempt kout -b 127.0.0.1:1 -x -t t "$option" "$number" ;;
                kcat-in) attempt kcat-in -b 127.0.0.1:1 -t t "$option" "$number" ;;
                *) attempt "$tool" "$option" "$number" ;;
                esac <in.kf
                told 64 || {
                    echo "$tool $option '$number': $status $stderr"
                    return 1
                }
                says "$tool: $option $number: "
            done
        done
    done <<'END'
kgrep -m -A -B -C
kcount --max-keys --max-memory
kcat-in -n --per-partition --idle --max-record
kcat-in --commit-interval --commit-count --sinks --ready-timeout --timeout --restore-timeout
kout --spool --rate
kpipe-loop --max-wait --tries
END
}

@test "a repeat in a SET, an interval, a place that overflow" {
    echo x | kcat-in >in.kf
    attempt ktr a '[b*99999999999999999999999]' <in.kf
    told 64
    attempt kgrep 'a{99999999999999999999}' <in.kf
    told 64
    attempt kgrep 'a{1,65536}' <in.kf
    told 64
    for place in 99999999999999999999 -99999999999999999999 @99999999999999999999999; do
        attempt kcat-in -b 127.0.0.1:1 -t t -o "$place"
        told 64
    done
}
