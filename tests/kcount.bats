# kcount: counts by key, value, header or place.
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
    says 'kcount: --by colour: want key, value, topic, partition, header:NAME or all'
}

@test "by topic: the file that a record is from; by partition: text has none" {
    printf 'x\ny\n' >a
    printf 'z\n' >b
    same "$(printf 'a 2\nb 1')" "$(kcat-in a b | kcount --by topic | kout -K ' ')"
    status 65 sh -c 'kcat-in a | kcount --by partition | kout'
    says 'kcount: no record of 2 has a partition'
}

@test "by partition of a topic, two digits too" {
    python3 -c "
import struct, sys
sys.path.insert(0, '$BATS_TEST_DIRNAME/tool')
from records import *
def place(number, partition):
    return frame(SOURCE, 0, number, 1, -1, partition, b't')
frames = [place(1, 7), place(2, 12)] + [record(b'x', source=1 + (n % 5 == 0)) for n in range(100)]
sys.stdout.buffer.write(segment(frames))" >t.kf
    same "$(printf '12 20\n7 80')" "$(kcount --by partition <t.kf | kout -K ' ')"
}

@test "by header: each one of the name, null ones not" {
    python3 -c "
import sys
sys.path.insert(0, '$BATS_TEST_DIRNAME/tool')
from records import *
sys.stdout.buffer.write(segment([source(1, b'in'),
    record(b'1', headers=[(b'h', b'a'), (b'g', b'x'), (b'h', b'b')]),
    record(b'2', headers=[(b'h', b'a')]), record(b'3', headers=[(b'h', b'')]), record(b'4')]))" >h.kf
    status 0 sh -c "kcount --by header:h <h.kf | kout -K ' '"
    same "$(printf 'a 2\nb 1\n 1')" "$output"
    same 'kcount: records without a header:h, not counted: 1' "$stderr"
}

@test "all records together" {
    same 'all 20000' "$(seq 20000 | kcat-in | kcount --by all | kout -K ' ')"
}

@test "as 8 bytes, the most significant first" {
    seq 300 | sed 's/.*/a/' | kcat-in | kcount --by value --as be64 | kout >got
    printf '\0\0\0\0\0\0\001\054\n' | cmp - got
    status 64 kcount --as hex </dev/null
    says 'kcount: --as hex: want text or be64'
}

@test "--max-keys: 71 before anything of the barrier is written" {
    same 3 "$(seq 3 | kcat-in | kcount --by value --max-keys 3 | kout | lines_of "$(cat)")"
    status 71 sh -c 'seq 4 | kcat-in | kcount --by value --max-keys 3 | kout'
    same '' "$output"
    same 'kcount: --max-keys 3: more keys came: raise it, or count less' "$stderr"
}

@test "--max-memory: 71, told" {
    status 71 sh -c 'seq 200000 | kcat-in | kcount --by value --max-memory 2M | kout'
    same '' "$output"
    says 'kcount: --max-memory 2097152: '
    status 0 sh -c 'seq 10 | kcat-in | kcount --by value --max-memory 2M | kout'
}

@test "limits hold at once: keys that never end are not waited for" {
    endless() { seq 100000000 2>/dev/null | timeout 20 kcat-in 2>/dev/null | kcount --by value "$@" | kout; }
    status 71 endless --max-memory 4M
    says 'kcount: --max-memory 4194304: '
    status 71 endless --max-keys 50000
    says 'kcount: --max-keys 50000: more keys came'
    same '' "$output"
}
