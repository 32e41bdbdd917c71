# kcat-in -g on a real broker: slow and dead stages.
load helper

fill() {
    seq "$2" | awk '{print "k" $1 % 97 "\tksql " $1}' | kcat-in -K '\t' | kout -t "$1"
}

@test "a reader that stalls for 3 times max.poll.interval.ms stays a member" {
    topic stall:2
    fill stall 100000
    cat >stall.py <<'E2'
import os, time
passed, stalled = 0, False
while chunk := os.read(0, 4096):
    assert os.write(1, chunk) == len(chunk)  # a pipe takes 4096 whole
    passed += len(chunk)
    if passed > 65536 and not stalled:
        time.sleep(19)
        stalled = True
E2
    status 0 bash -c "set -o pipefail
        kcat-in -g stall -t stall -e -X max.poll.interval.ms=6000 -X session.timeout.ms=6000 |
        python3 stall.py | kout -o got"
    same '' "$stderr" # no partitions were lost, nothing was told
    same 100000 "$(wc -l <got)"
    same 100000 "$(sort -u got | wc -l)"
    same 100000 "$(committed stall stall)"
}

@test "a stage of 1 ms a record makes progress, and a stop drains it in bounded time" {
    topic slow:2
    fill slow 60000
    cat >slow.py <<'E2'
import os, time
while chunk := os.read(0, 4096):
    time.sleep(len(chunk) / 64 / 1000)
    os.write(1, chunk)
E2
    setsid bash -c "kcat-in -g slow -t slow | python3 slow.py | kout -o got; echo \${PIPESTATUS[@]} >status" 3>&- &
    wait_for 30 grep -q ksql got
    # Two acks apart: the window has closed in on what the stage can do.
    wait_for 60 sh -c '[ "$(wc -l <got)" -gt 9000 ]'
    pkill -TERM -f '^kcat-in -g slow'
    wait_for 40 test -s status
    same '0 0 0' "$(cat status)"
    same "$(wc -l <got)" "$(committed slow slow)"
    same "$(wc -l <got)" "$(sort -u got | wc -l)"
}

@test "a second member takes its share while the first drains: nothing twice, nothing lost" {
    topic join:4
    fill join 20000
    : >one
    : >two
    setsid bash -c 'kcat-in -g join -t join --commit-interval 50ms | kout -o one' 3>&- &
    wait_for 30 sh -c '[ "$(wc -l <one)" -ge 20000 ]'
    setsid bash -c 'kcat-in -g join -t join --commit-interval 50ms | kout -o two' 3>&- &
    wait_for 30 sh -c "'$broker' run '$BATS_FILE_TMPDIR/kafka' \
        org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server '$KPIPE_BROKERS' \
        --describe --group join --members 2>/dev/null 3>&- | awk '\$5 == 2' | grep -c . | grep -qx 2"
    fill join 20000
    wait_for 30 sh -c '[ "$(cat one two | wc -l)" -ge 40000 ]'
    pkill -TERM -f '^kcat-in -g join'
    wait_for 30 sh -c '! pgrep -f "^kcat-in -g join" >/dev/null'
    same 40000 "$(cat one two | wc -l)"
    [ -s two ]
    same 40000 "$(committed join join)"
}

# The seed decides who is killed when; a failure prints it.
@test "random kill -9 over two pipelines in one group: nothing is lost" {
    seed=${SEED:-$RANDOM}
    RANDOM=$seed
    echo "SEED=$seed"
    topic kill:4 killed:4
    seq 100000 | kcat-in | kout -t kill
    local sessions=
    for _ in 1 2; do
        setsid bash -c "while [ ! -e stop ]; do kcat-in -g kill -t kill --commit-interval 30ms \
            -X session.timeout.ms=6000 | kgrep . | ktr a b | kout -t killed; done" >/dev/null 2>&1 3>&- &
        sessions+=$!,
    done
    sessions=${sessions%,}
    kills=0
    for _ in $(seq 40); do
        sleep 0.$((RANDOM % 8 + 1)) # between kills, not for a condition
        mapfile -t stages < <(pgrep -s "$sessions" -x 'kcat-in|kgrep|ktr|kout')
        [ "${#stages[@]}" -gt 0 ] || continue
        ! kill -9 "${stages[RANDOM % ${#stages[@]}]}" 2>/dev/null || kills=$((kills + 1))
        [ "$kills" -lt 12 ] || break
    done
    : >stop
    pkill -TERM -s "$sessions" -x kcat-in || true
    wait_for 30 sh -c '! pgrep -s "$0" -x kout >/dev/null' "$sessions"
    kcat-in -g kill -t kill -e -X session.timeout.ms=6000 | kout -t killed
    kcat-in -t killed -e | kout | sort -un >got
    seq 100000 | cmp - got
    [ "$kills" -ge 10 ]
}
