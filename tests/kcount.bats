# kcount: counts by key or value.
load helper

count() { kcat-in -K '\t' | kcount "$@" | kout -K '\t'; }

@test "by key, in the order of first change" {
    same "$(printf 'b\t2\na\t1')" "$(printf 'b\tx\na\ty\nb\tz\n' | count)"
}

@test "by value" {
    same "$(printf 'x\t2\ny\t1')" "$(printf 'b\tx\na\ty\nb\tx\n' | count --by value)"
}

@test "an empty key is a key" {
    same "$(printf '\t2')" "$(printf '\tx\n\ty\n' | count)"
}

@test "equals awk's count" {
    seq 20000 | awk '{print $1 * 7919 % 613 "\t" $1}' >in
    count <in | sort >got
    awk -F'\t' '{n[$1]++} END {for (k in n) print k "\t" n[k]}' in | sort >want
    cmp want got
}

@test "records without a key are told, not counted" {
    printf 'a\tx\nnokey\n' >in
    status 0 sh -c "kcat-in -K '\t' in | kcount | kout -K '\t'"
    same "$(printf 'a\t1')" "$output"
    says 'kcount: records without a key, not counted: 1'
}

@test "nothing countable at all is an error, and the end knows" {
    printf 'x\ny\n' >in
    status 65 sh -c 'kcat-in in | kcount | kout'
    same '' "$output"
    same 'kcount: no record of 2 has a key: kcat-in -K SEP, or --by value' "$stderr"
}

@test "no records at all is no error" {
    status 0 sh -c 'kcat-in /dev/null | kcount | kout'
    same '' "$output$stderr"
}

@test "one update per changed key at each barrier" {
    mkfifo lines
    kcat-in --commit-interval 20ms lines | kcount --by value | kout -K ' ' >out &
    exec 9>lines
    printf 'a\nb\na\n' >&9
    wait_for 10 grep -q '^b 1$' out
    printf 'a\n' >&9
    wait_for 10 grep -q '^a 3$' out
    exec 9>&-
    wait
    same "$(printf 'a 2\nb 1\na 3')" "$(cat out)"
}

@test "counting goes on over segments" {
    printf 'a\n' | kcat-in >one.kf
    same "$(printf 'a\t1\na\t2')" "$(cat one.kf one.kf | kcount --by value | kout -K '\t')"
}

@test "a wrong --by is a usage mistake of two lines" {
    status 64 kcount --by colour </dev/null
    same 2 "$(lines_of "$stderr")"
    says 'kcount: --by colour: want key or value'
}
