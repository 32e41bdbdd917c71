# No allocation per record: as many for 200,000 records as for 100,000, in libraries too.
bats_require_minimum_version 1.5.0
load helper

: "${KPIPE_BUILD:=$BATS_TEST_DIRNAME/../build/cc}"
export KPIPE_BUILD

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer bears no preloading"
}

# calls SHELL-COMMAND : how many allocations `tool` in it makes. It stands as $count there.
calls() {
    local count="LD_PRELOAD=$KPIPE_BUILD/fault/alloc.so FAULT_REPORT=9"
    sh -c "${1//COUNT/$count}" 9>calls >/dev/null
    [ -s calls ]
    cat calls
}

# flat SHELL-COMMAND : with $n records the same count at 100,000 and 200,000.
flat() {
    local once twice
    once=$(n=100000 calls "$1")
    twice=$(n=200000 calls "$1")
    echo "$once allocations, then $twice: $1"
    [ "$once" -gt 0 ]
    same "$once" "$twice"
}

@test "kcat-in: none per record" {
    flat 'yes "a=line of text" | head -n $n | COUNT kcat-in -K ='
}

@test "kgrep: none per record, in PCRE2 neither" {
    local records='yes "a=line of text" | head -n $n | kcat-in -K ='
    flat "$records | COUNT kgrep -F text"
    flat "$records | COUNT kgrep '(l|k)ine.*t?x'"
    flat "$records | COUNT kgrep -i -w LINE"
    flat "$records | COUNT kgrep -v nothing"
    flat "$records | COUNT kgrep --on any text"
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

@test "an allocation per record would be seen" {
    local few many
    few=$(calls 'seq 1000 | COUNT awk "{ a[NR] = \$0 }"')
    many=$(calls 'seq 5000 | COUNT awk "{ a[NR] = \$0 }"')
    [ "$many" -gt "$few" ]
}
