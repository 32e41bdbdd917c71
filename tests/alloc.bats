# No allocation per record: as many for 80,000 records as for 40,000, in libraries too.
load helper

setup() {
    work
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer bears no preloading"
}

# calls SHELL-COMMAND : how many allocations `tool` in it makes. It stands as $count there.
calls() {
    local count="LD_PRELOAD=$KPIPE_BUILD/fault/alloc.so FAULT_REPORT=9"
    sh -c "${1//COUNT/$count}" 9>calls >/dev/null
    [ -s calls ]
    cat calls
}

# flat SHELL-COMMAND : with $n records the same count at 40,000 and 80,000.
flat() {
    local once twice
    once=$(n=40000 calls "$1")
    twice=$(n=80000 calls "$1")
    echo "$once allocations, then $twice: $1"
    [ "$once" -gt 0 ]
    same "$once" "$twice"
}

@test "kcat-in: none per record" {
    flat 'yes "a=line of text" | head -n $n | COUNT kcat-in -K ='
    flat 'yes "a line of text" | head -n $n | COUNT kcat-in'
}

@test "kgrep: none per record, in PCRE2 neither" {
    local records='yes "a=line of text" | head -n $n | kcat-in -K ='
    flat "$records | COUNT kgrep -F text"
    flat "$records | COUNT kgrep '(l|k)ine.*t?x'"
    flat "$records | COUNT kgrep -i -w LINE"
    flat "$records | COUNT kgrep -v nothing"
    flat "$records | COUNT kgrep --on any text"
    flat "$records | COUNT kgrep -F -e text -e one -e two -e three -e four"
    flat "$records | COUNT kgrep -P '(?<=o)f'"
    flat "$records | COUNT kgrep -o --into key '(l|k)ine'"
    flat "$records | COUNT kgrep -o --into header:h line"
    flat "$records | COUNT kgrep -C 3 nothing"
}

@test "ktr: none per record, in place or shorter" {
    local records='yes "a=line of text" | head -n $n | kcat-in -K ='
    flat "$records | COUNT ktr a-z A-Z"
    flat "$records | COUNT ktr -d aeiou"
    flat "$records | COUNT ktr -k -s a-z"
}

@test "kcount: none per record of a known key" {
    local records='seq -f "%.0f=x" $n | sed "s/^.*\(..=\)/\1/" | kcat-in -K ='
    flat "$records | COUNT kcount"
    flat "$records | COUNT kcount --by value"
}

@test "kout: none per record" {
    local records='yes "a=line of text" | head -n $n | kcat-in -K ='
    flat "$records | COUNT kout"
    flat "$records | COUNT kout -K ="
    flat "$records | COUNT kout -o out"
}

@test "LINES: none per record or frame, through every filter" {
    local filter records='yes "a line of text" | head -n $n | kcat-in'
    for filter in 'kgrep -F text' "kgrep '(l|k)ine.*t?x'" 'kgrep -v nothing' 'kgrep -C 3 nothing' \
        'kgrep -o line' 'ktr a-z A-Z' 'ktr -d aeiou' 'kcount --by value' kout 'kout -o out'; do
        flat "$records | COUNT $filter"
    done
}

@test "an allocation per record would be seen" {
    local few many
    few=$(calls 'seq 1000 | COUNT awk "{ a[NR] = \$0 }"')
    many=$(calls 'seq 5000 | COUNT awk "{ a[NR] = \$0 }"')
    [ "$many" -gt "$few" ]
}
