# State in the stream, without Kafka: what kcount --store takes and gives. The source's frames are
# made from kframe(5), and its answers are read by the same.
load helper

# counts SCRIPT [OPTION...] : kcount --store counts on a group's stream of the frames that a Python
# expression lists; prints what comes out, a frame a line, but for HELLO, SOURCE, OPEN and END.
counts() {
    local frames=$1
    shift
    printf '%s\n' "$frames" >frames.py
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import sys
from records import *
def n(number):
    return number.to_bytes(8, "big")
def put(key, place, time=None):
    raw = record(b"v", key, source=place)
    return raw if time is None else raw[:5] + bytes([raw[5] | 8]) + raw[6:24] + struct.pack("<q", time) + raw[32:]
head = [source(1, b"A", 0), source(2, b"B", 0), source(3, b"A", 1), opened(2)]
sys.stdout.buffer.write(segment(head + eval(open("frames.py").read()), hello(b"g")))' >in.kf
    kcount --store counts "$@" <in.kf >out.kf || return
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records as r
for kind, flags, source, offset, time, key, value in r.decode(open("out.kf", "rb").read()):
    if kind == r.RECORD:
        print("record", key.decode(), value.decode(), offset, time if flags & 8 else "-")
    elif kind in (r.STATE, r.RESTORE):
        store, count = value.split(b"\0", 1)
        print("state" if kind == r.STATE else "restore", source, key.decode(), store.decode(),
              int.from_bytes(count, "big"), time if flags & 8 else "-")
    elif kind == r.TASK:
        print("task", source, offset)
    elif kind == r.BARRIER:
        print("barrier", offset)'
}

@test "counts of a task leave at the barrier, for the far end and to be kept" {
    same "$(cat <<'EOT'
task 0 1
record b 2 -1 -
state 0 b counts 2 -
record a 1 -1 -
state 0 a counts 1 -
barrier 1
record a 2 -1 -
state 0 a counts 2 -
barrier 2
EOT
    )" "$(counts '[task(0, new=True), put(b"b", 1), put(b"a", 2), put(b"b", 2), "barrier", put(b"a", 1)]')"
}

@test "the store is announced, between HELLO and OPEN" {
    counts '[]' >/dev/null
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 - <<'EOT'
import records as r
said = r.decode(open("out.kf", "rb").read())
kinds = [s[0] for s in said]
assert kinds.index(r.STORE) == kinds.index(r.OPEN) - 1, kinds
assert [s for s in said if s[0] == r.STORE] == [(r.STORE, 0, 0, 1, 0, b"counts", b"")]
EOT
}

@test "a task goes on where its counts were" {
    same "$(cat <<'EOT'
task 0 1
record a 42 -1 -
state 0 a counts 42 -
record c 1 -1 -
state 0 c counts 1 -
barrier 1
EOT
    )" "$(counts '[restore(0, b"counts", b"a", n(40)), restore(0, b"counts", b"b", n(7)),
        restore(0, b"counts", b"a", n(41)), task(0), put(b"a", 1), put(b"c", 1)]')"
}

@test "tasks do not see each other's counts" {
    same "$(cat <<'EOT'
task 0 1
task 1 1
record a 11 -1 -
state 0 a counts 11 -
record a 1 -1 -
state 1 a counts 1 -
barrier 1
EOT
    )" "$(counts '[restore(0, b"counts", b"a", n(10)), task(0), task(1, new=True), put(b"a", 3),
        put(b"a", 1)]')"
}

@test "a task that was given up is forgotten, with what it still owed" {
    same "$(cat <<'EOT'
task 0 1
task 0 2
task 0 1
record a 6 -1 -
state 0 a counts 6 -
barrier 1
EOT
    )" "$(counts '[restore(0, b"counts", b"a", n(9)), task(0), put(b"a", 1), put(b"b", 1),
        task(0, REVOKED), restore(0, b"counts", b"a", n(5)), task(0), put(b"a", 1)]')"
}

@test "a restore that was cut off counts for nothing" {
    same "$(printf 'task 0 2\ntask 0 1\nrecord a 1 -1 -\nstate 0 a counts 1 -\nbarrier 1')" \
        "$(counts '[restore(0, b"counts", b"a", n(9)), task(0, REVOKED), task(0), put(b"a", 1)]')"
}

@test "another filter's store is passed on" {
    same "$(printf 'restore 0 a other 9 -\ntask 0 1\nstate 0 b other 3 5\nbarrier 1')" \
        "$(counts '[restore(0, b"other", b"a", n(9)), task(0), state(0, b"other", b"b", n(3), 5)]')"
}

@test "a count has the greatest time since its last update, and so has its state" {
    same "$(cat <<'EOT'
task 0 1
record a 3 -1 2000
state 0 a counts 3 2000
barrier 1
record a 4 -1 -
state 0 a counts 4 -
barrier 2
EOT
    )" "$(counts '[task(0), put(b"a", 1, 1000), put(b"a", 1, 2000), put(b"a", 1, 1500), "barrier",
        put(b"a", 1)]')"
}

@test "state is 8 bytes however the counts are written" {
    counts '[task(0), put(b"a", 1)]' --as text | grep '^state' >text
    counts '[task(0), put(b"a", 1)]' --as be64 | grep -a '^state' >be64
    same 'state 0 a counts 1 -' "$(cat text)"
    cmp text be64
}

@test "counts past 2^32 and to the last bit" {
    same "$(printf 'task 0 1\nrecord a 18446744073709551615 -1 -\nstate 0 a counts 18446744073709551615 -\nbarrier 1')" \
        "$(counts '[restore(0, b"counts", b"a", n(2**64 - 2)), task(0), put(b"a", 1)]')"
}

@test "a record before its task is a broken stream" {
    status 76 counts '[put(b"a", 1)]'
    says 'kcount: A/0@0: a record before its task was assigned'
    status 76 counts '[task(0), task(0, REVOKED), put(b"a", 1)]'
    status 76 counts '[restore(0, b"counts", b"a", n(9)), put(b"a", 1)]'
}

@test "a record that was made on the way has no task" {
    status 65 counts '[task(0), put(b"a", 0)]'
    says 'made on the way: count what kcat-in reads'
}

@test "what is no count in the changelog is not counted on" {
    status 78 counts '[restore(0, b"counts", b"a", b"12", 41)]'
    says 'kcount: store counts: task 0, offset 41: is not a count: something else wrote to its changelog'
}

@test "limits hold for all tasks together, and restored counts" {
    local three='[restore(0, b"counts", b"a", n(9)), task(0), task(1), put(b"b", 1), put(b"a", 3)]'
    counts "$three" --max-keys 3
    status 71 counts "$three" --max-keys 2
    same 0 "$(grep -c record <<<"$output")"
    status 71 counts "[restore(0, b'counts', b'%d' % i, n(9)) for i in range(100000)]" --max-memory 2M
    says 'kcount: --max-memory 2097152: '
}

@test "a store is refused where nothing would keep it" {
    status 64 sh -c 'echo a | kcat-in | kcount --store counts | kout'
    says 'kcount: --store: keeps the counts of a group: kcat-in -g GROUP in front, kout -x behind'
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records, sys
sys.stdout.buffer.write(records.segment([records.opened(1)],
    records.hello(b"g", flags=records.NO_HANDSHAKE)))' >written.kf
    status 64 kcount --store counts <written.kf
    status 64 kcount --store counts --volatile </dev/null
    for name in '' a-b a.b 'a b'; do
        status 64 kcount --store "$name" </dev/null
        says 'want 1 to 64 of A-Z a-z 0-9 _'
    done
}

@test "SIGUSR1 asks for figures, at work and at rest" {
    mkfifo in
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import sys
from records import *
sys.stdout.buffer.write(segment([source(1, b"A", 0), source(2, b"A", 1), opened(2), task(0), task(1),
    record(b"v", b"a"), record(b"v", b"b"), record(b"v", b"a", source=2), "barrier"], hello(b"g")))' >in.kf
    kcount --store counts <in >out.kf 2>said &
    local pid=$!
    exec 9>in
    head -c -112 in.kf >&9 # up to the FINAL barrier
    wait_for 10 sh -c '[ "$(wc -c <out.kf)" -gt 400 ]' # the magic alone is 32
    kill -USR1 "$pid"
    wait_for 10 grep -q . said
    same 'kcount: tasks 2, keys 3' "$(grep -o '^kcount: tasks 2, keys 3' said)"
    grep -qE '^kcount: tasks 2, keys 3, bytes [0-9]+, records 3, barriers 1$' said
    kill -USR1 "$pid"
    wait_for 10 sh -c '[ "$(grep -c . said)" = 2 ]'
    tail -c 112 in.kf >&9
    exec 9>&-
    wait "$pid"
}
