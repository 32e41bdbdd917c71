# Where kcat-in starts and where it ends, on a real broker.
load helper

setup_file() {
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    with_client
    export broker
    eval "$("$broker" start -p $$ "$BATS_FILE_TMPDIR/kafka" log.cleaner.backoff.ms=100 3>&-)"
    export KPIPE_BROKERS=$BROKERS
    topic three:3
    for p in 0 1 2; do
        seq -f "$p-%g" 0 9 | kcat -P -b "$KPIPE_BROKERS" -t three -p "$p"
    done
}

# What a failed test has left running.
teardown() {
    local pid
    for pid in $(jobs -p); do
        kill -TERM -- "$pid" 2>/dev/null || true
    done
}

# got ARG... : the values that kcat-in ARG... reads, sorted, on one line.
got() {
    timeout 30 kcat-in "$@" 3>&- | kout 3>&- | sort -V | tr '\n' ' '
    same '0 0' "${PIPESTATUS[*]:0:2}"
}

records() { # records TOPIC : see tests/kafka/records
    "$python" "$BATS_TEST_DIRNAME/../kafka/records" "$KPIPE_BROKERS" "$1"
}

# transaction TOPIC VALUE commit|abort|open : one record in a transaction, and its mark behind it.
# "open" leaves it until the line "end" comes on descriptor 9.
transaction() {
    open_transaction "$1" "$2"
    [ "$3" != commit ] || echo >&9
    [ "$3" = open ] || { exec 9>&- && wait $!; }
}

# ends TOPIC OFFSET : its partition 0 ends there for a reader of committed records.
ends() {
    [ "$("$broker" run "$BATS_FILE_TMPDIR/kafka" org.apache.kafka.tools.GetOffsetShell \
        --bootstrap-server "$KPIPE_BROKERS" --topic "$1" 2>/dev/null 3>&-)" = "$1:0:$2" ]
}

@test "-t TOPIC:PARTITIONS reads these, named once or in pieces" {
    same '0-9 2-9 ' "$(got -t three:0,2 -e -o 9)"
    same '1-9 2-9 ' "$(got -t three:1-2 -e -o 9)"
    same '0-9 1-9 ' "$(got -t three:1 -t three:0 -t three:1 -e -o 9)"
    same '0-9 1-9 2-9 ' "$(got -t three:1 -t three -e -o 9)"
}

@test "a partition that is not there is told" {
    status 66 kcat-in -t three:1,3 -e
    says 'kcat-in: topic three/3: does not exist: the last one is 2'
    status 66 kcat-in -t three:0-99 -e
    says 'topic three/99: does not exist'
}

@test "-o: the beginning, the end, an offset, the last ones" {
    same '1-0 1-1 1-2 ' "$(got -t three:1 -o beginning --until 3)"
    same '' "$(got -t three -o end -e)"
    same '0-8 0-9 1-8 1-9 2-8 2-9 ' "$(got -t three -o 8 -e)"
    same '0-8 0-9 1-8 1-9 2-8 2-9 ' "$(got -t three -o -2 -e)"
    same 30 "$(got -t three -o -999 -e | wc -w)"
    same '' "$(got -t three -o -0 -e)"
    same '' "$(got -t three -o 10 -e)"
    same '' "$(got -t three -o 999 -e)"
}

@test "--until an offset: it is not read, and is the end whichever comes first" {
    same '0-4 1-4 2-4 ' "$(got -t three -o 4 --until 5)"
    same '' "$(got -t three -o 5 --until 5)"
    same '' "$(got -t three --until 0)"
    same '0-9 1-9 2-9 ' "$(got -t three -o 9 --until 999 -e)"
    same '0-0 0-1 ' "$(got -t three:0 --until 5 -n 2)"
}

@test "offsets that are not there yet are waited for, those before them are not put" {
    topic later:1
    seq 0 3 | kcat -P -b "$KPIPE_BROKERS" -t later
    timeout 30 kcat-in -t later -o 6 --until 8 3>&- | kout >out 3>&- &
    seq 4 20 | kcat -P -b "$KPIPE_BROKERS" -t later
    wait $!
    same $'6\n7' "$(cat out)"
}

@test "an offset that is gone is the beginning" {
    topic cut:1
    seq 0 9 | kcat -P -b "$KPIPE_BROKERS" -t cut
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" cut cut 7
    same '7 8 9 ' "$(got -t cut -e)"
    same '7 8 9 ' "$(got -t cut -e -o 2)"
    same '7 8 9 ' "$(got -t cut -e -o -8)"
    same '7 8 9 ' "$(got -t cut -e -o @0)"
    same '' "$(got -t cut --until 5)"
}

@test "@TIME: from the first that is not older on, and none that is older is cut" {
    local start=$((($(date +%s) - 600) * 1000))
    topic times:2
    records times <<END
0 $((start + 100)) - a100
0 $((start + 300)) - b300
0 $((start + 200)) - c200
0 $((start + 400)) - d400
0 $((start + 150)) - e150
1 $((start + 50)) - f50
1 $((start + 60)) - g60
END
    same 'b300 c200 d400 e150 ' "$(got -t times -e -o "@$((start + 300))")"
    same 'd400 e150 ' "$(got -t times -e -o "@$((start + 301))")"
    same '' "$(got -t times -e -o "@$((start + 401))")"
    same 'b300 c200 d400 e150 g60 ' "$(got -t times -e -o "@$((start + 60))" | sed 's/a100 //')"
    same 'a100 c200 e150 f50 g60 ' "$(got -t times --until "@$((start + 300))")"
    same '' "$(got -t times --until "@$((start + 50))")"
    same 7 "$(got -t times --until @now | wc -w)"
    same 'c200 e150 ' "$(got -t times -o "@$((start + 150))" --until "@$((start + 300))")"
    same 7 "$(got -t times -o @-1h -e | wc -w)"
    same '' "$(got -t times -o @-1m -e)"
    same 'a100 b300 c200 d400 e150 f50 g60 ' "$(got -t times -o "@$((start / 1000))" -e)"
    same 'a100 b300 c200 d400 e150 f50 g60 ' "$(TZ=Asia/Kathmandu got -t times -e \
        -o "@$(TZ=Asia/Kathmandu date -d "@$((start / 1000))" +%Y-%m-%dT%H:%M:%S)")"
}

@test "a record that comes while a time is looked up is not lost: none is as late, then one is" {
    topic future:1
    kcat-in -t future -o @-1s 3>&- | kout >out 3>&- &
    records future <<<"0 $(($(date +%s) * 1000 + 60000)) - late"
    wait_for 10 grep -q late out
    kill -TERM "$(pgrep -P $$ -x kcat-in)"
    wait
}

@test "a transaction's mark at the end holds nothing up" {
    topic marks:1
    seq 0 3 | kcat -P -b "$KPIPE_BROKERS" -t marks
    transaction marks five commit
    # A commit is answered before its marks are in the partitions (KIP-98).
    wait_for 20 sh -c 'kcat-in -t marks -e | kout | grep -q five'
    same '0 1 2 3 five ' "$(got -t marks -e)"
    same '0 1 2 3 five ' "$(got -t marks --until 6)"
    same '0 1 2 3 five ' "$(got -t marks --idle 100ms)"
    same '' "$(got -t marks -o -1 -e)" # the mark
    same 'five ' "$(got -t marks -o -2 -e)"
    same '' "$(got -t marks -o 5 --until 6)"
    transaction marks gone abort
    wait_for 30 ends marks 8
    same '0 1 2 3 five ' "$(got -t marks -e)"
    same '' "$(got -t marks -o 6 --until 8)"
    same '' "$(got -t marks -o -2 -e)"
    same '0 1 2 3 five ' "$(got -t marks --idle 100ms)"
}

@test "an open transaction at the end is not waited for" {
    topic open:1
    seq 0 3 | kcat -P -b "$KPIPE_BROKERS" -t open
    transaction open five open
    seq 5 6 | kcat -P -b "$KPIPE_BROKERS" -t open
    same '0 1 2 3 ' "$(got -t open -e)"
    same '2 3 ' "$(got -t open -o -2 -e)"
    same '' "$(got -t open -o end -e)"
    same '0 1 2 3 ' "$(got -t open --idle 100ms)"
    same '0 1 2 3 ' "$(got -t open --until @now)"
    timeout 30 kcat-in -t open -o 4 -n 3 3>&- | kout >out 3>&- &
    local reader=$!
    echo >&9
    exec 9>&-
    wait "$reader"
    same $'five\n5\n6' "$(cat out)"
}

@test "a compacted topic: holes are no records, and are not waited for" {
    topic compact:1 cleanup.policy=compact segment.ms=100 min.cleanable.dirty.ratio=0.01 \
        delete.retention.ms=0
    local now=$((($(date +%s) - 3600) * 1000)) i
    for i in 0 1 2 3 4 5 6 7; do
        echo "0 $((now + i * 1000)) k$((i % 2)) v$i"
    done | records compact
    echo "0 $((now + 9000)) other last" | records compact
    wait_for 60 sh -c '[ "$(kcat-in -t compact -e | kout | wc -l)" -eq 3 ]'
    same 'last v6 v7 ' "$(got -t compact -e)"
    same 'v6 ' "$(got -t compact --until 7)"
    same '' "$(got -t compact --until 6)"
    same '' "$(got -t compact -o 1 --until 3)"
    same 'last v7 ' "$(got -t compact -o -2 -e)"
    same 'last v6 v7 ' "$(got -t compact -o -5 -e)" # offsets, not records
    same 'last v6 v7 ' "$(got -t compact -o "@$((now + 2000))" -e)"
    same 'v6 ' "$(got -t compact --until "@$((now + 7000))")"
}

@test "--per-partition: so many of each, then it ends; -n is of all" {
    same '0-0 0-1 1-0 1-1 2-0 2-1 ' "$(got -t three --per-partition 2)"
    same '0-9 1-9 2-9 ' "$(got -t three --per-partition 1 -o -1)"
    same '0-8 0-9 1-8 1-9 2-8 2-9 ' "$(got -t three --per-partition 5 -o 8 -e)"
    same 3 "$(got -t three --per-partition 2 -n 3 | wc -w)"
}

@test "a partition that has given enough gives no more while another is waited for" {
    topic large:2
    seq 200000 | kcat -P -b "$KPIPE_BROKERS" -t large -p 0
    timeout 30 kcat-in -t large --per-partition 2 3>&- | kout >out 3>&- &
    wait_for 20 grep -q 2 out
    echo end | kcat -P -b "$KPIPE_BROKERS" -t large -p 1
    echo end | kcat -P -b "$KPIPE_BROKERS" -t large -p 1
    wait $!
    same $'1\n2\nend\nend' "$(cat out)"
}

@test "--idle ends when nothing has come, and what comes meanwhile is read" {
    topic idle:1
    timeout 30 kcat-in -t idle --idle 3s 3>&- | kout >out 3>&- &
    echo one | kcat -P -b "$KPIPE_BROKERS" -t idle
    wait_for 20 grep -q one out
    echo two | kcat -P -b "$KPIPE_BROKERS" -t idle
    wait $!
    same $'one\ntwo' "$(cat out)"
    same '0 0' "$(kcat-in -t idle --idle 100ms | kout >/dev/null; echo "${PIPESTATUS[*]}")"
}

@test "a pattern without a group: all that match, but Kafka's own" {
    topic pat-a:1 pat-b:2
    echo a | kcat -P -b "$KPIPE_BROKERS" -t pat-a
    echo b | kcat -P -b "$KPIPE_BROKERS" -t pat-b -p 1
    same 'a b ' "$(got -t '^pat-' -e)"
    same 'b ' "$(got -t '^pat-(b|c)$' -t '^b' -e)"
    same '0-9 a ' "$(got -t '^pat-a' -t three:0 -e -o -1)"
    kcat-in -g own -t pat-a -e | kout >/dev/null # has __consumer_offsets made
    kcat-in -t '^.*' -e >all.kf
    status 1 grep -aq __consumer_offsets all.kf
    kcat-in -t '^__consumer_offsets$' -e >own.kf
    grep -aq __consumer_offsets own.kf
    status 66 kcat-in -t '^nothing' -e
    says 'kcat-in: -t ^nothing: no topic matches: check the pattern and the brokers'
    status 66 bash -c "kcat-in -g own -t '^nothing' -e | kout"
    says 'no topic matches'
}

@test "a group starts at -o where it has stored nothing, and there only" {
    same '0-9 1-9 2-9 ' "$(got -g last -t three -o -1 -e)"
    same '' "$(got -g last -t three -o beginning -e)"
    same '0-8 0-9 1-8 1-9 2-8 2-9 ' "$(got -g number -t three -o 8 -e)"
    same '' "$(got -g past -t three -o 999 -e)"
    same 30 "$(committed past three)"
    local start=$((($(date +%s) - 600) * 1000))
    topic gtimes:1
    records gtimes <<END
0 $((start + 100)) - a100
0 $((start + 300)) - b300
0 $((start + 200)) - c200
END
    same 'b300 c200 ' "$(got -g time -t gtimes -o "@$((start + 200))" -e)"
    same '' "$(got -g notime -t gtimes -o "@$((start + 301))" -e)"
    same 3 "$(committed notime gtimes)"
}

@test "a group's --per-partition commits what was read, the next run goes on there" {
    same '0-0 0-1 1-0 1-1 2-0 2-1 ' "$(got -g each -t three --per-partition 2)"
    same 6 "$(committed each three)"
    same '0-2 0-3 0-4 1-2 1-3 1-4 2-2 2-3 2-4 ' "$(got -g each -t three --per-partition 3 -e)"
    same 15 "$(committed each three)"
    same 15 "$(got -g each -t three --per-partition 99 -e | wc -w)"
    same 30 "$(committed each three)"
}

@test "a group's --idle ends it, and all is committed" {
    same 30 "$(got -g idle -t three --idle 300ms | wc -w)"
    same 30 "$(committed idle three)"
    same '' "$(got -g idle -t three --idle 300ms)"
}

@test "what a group cannot have is refused" {
    status 64 bash -c 'kcat-in -g x -t three:0 -e | kout'
    says '-t TOPIC:PARTITIONS'
    status 64 bash -c 'kcat-in -g x -t three --until 5 | kout'
    says '--until'
    status 64 bash -c 'kcat-in -g x -t three --until @now | kout'
    says '--until'
}
