# kpipe-loop around a committing line on a real broker: it goes on where it was, notes acks, and
# ends cleanly.
load helper

fill() { # fill TOPIC FROM TO
    seq "$2" "$3" | kcat-in | kout -t "$1"
}

there() { # there N : so many different ones have arrived
    [ "$(all work-out | sort -u | wc -l)" -eq "$1" ]
}

@test "a source and a sink that are killed lose nothing" {
    topic work:2 work-out:1
    fill work 1 2000
    kpipe-loop --max-wait 100ms --tries 9 \
        'kcat-in -g work -t work --commit-interval 50ms | kgrep . | kout -t work-out' 2>err 3>&- &
    loop=$!
    wait_for 30 there 2000
    pkill -9 -P "$(pgrep -P $loop)" -x kcat-in
    wait_for 30 grep -q 'run 1: ended with 75: again in 100 ms' err
    fill work 2001 2500
    # The dead member holds its partitions for its session's time.
    wait_for 60 there 2500
    pkill -9 -P "$(pgrep -P $loop)" -x kout
    wait_for 30 grep -q 'run 2: ended with 137: again in' err
    fill work 2501 3000
    wait_for 60 there 3000
    kill -TERM $loop
    ended=0
    wait $loop || ended=$?
    same 0 "$ended"
    same 3000 "$(committed work work)"
    all work-out | sort -nu >got
    seq 3000 | cmp - got
}

acked() {
    [ "$(committed ack ack)" = 3 ]
}

@test "runs that acked something are not counted, those that did not are" {
    topic ack:1
    fill ack 1 3
    kpipe-loop --max-wait 10ms --tries 2 \
        "kcat-in -g ack -t ack | kout -- sh -c 'tee -a got | grep -qv 9'" 2>err 3>&- &
    loop=$!
    wait_for 30 grep -qs 3 got
    wait_for 60 acked
    fill ack 9 9
    ended=0
    wait $loop || ended=$?
    same 75 "$ended"
    grep -q 'run 3: ended with 75: given up: 2 runs without one ack' err
    same 3 "$(committed ack ack)"
    same "1 2 3 9 9 9" "$(xargs <got)"
}
