# kpipe-loop: what is run again and what is not, what is counted, and where signals go.
bats_require_minimum_version 1.5.0
load helper

TERMINAL=$BATS_TEST_DIRNAME/tool/terminal.py

# Each run of the pipeline leaves a line in runs.
ran() {
    same "$1" "$(lines_of "$(cat runs)")"
}

loop() { # loop N PIPELINE [OPTION...] : it ends with N
    local want=$1 pipeline=$2
    shift 2
    : >runs
    status "$want" timeout 60 kpipe-loop --max-wait 10ms "$@" "echo run >>runs; $pipeline"
}

@test "0 is the end, and the output is the pipeline's" {
    loop 0 'echo done'
    same "done" "$output"
    same '' "$stderr"
    ran 1
}

@test "what must be mended, and what somebody wished, is not run again" {
    local end
    for end in 1 2 64 65 66 70 71 74 76 77 78 126 129 141 143; do
        loop $end "exit $end"
        same '' "$stderr"
        ran 1
    done
    run -127 --separate-stderr timeout 60 kpipe-loop 'no-such-tool a'
    same 1 "$(lines_of "$stderr")"
    says 'no-such-tool: not found'
}

@test "what may pass is run again" {
    local end
    for end in 69 75 134 137 139; do
        loop 0 "[ \$(wc -l <runs) -gt 2 ] || exit $end"
        ran 3
        says "kpipe-loop: run 1: ended with $end: again in 10 ms"
        says "kpipe-loop: run 2: ended with $end: again in 10 ms"
        same 2 "$(lines_of "$stderr")"
    done
}

@test "a last stage that is killed is run again" {
    loop 0 'echo | { cat >/dev/null; [ $(wc -l <runs) -gt 1 ] || sh -c "kill -9 \$\$"; }'
    says 'run 1: ended with 137: again'
    ran 2
}

@test "a broken stream is not run again" {
    loop 76 'true | kgrep a | kout'
    says 'kgrep: standard input: nothing came'
    ran 1
}

@test "three runs without an ack are enough, or as many as are wanted" {
    loop 75 'exit 75'
    ran 3
    says 'kpipe-loop: run 3: ended with 75: given up: 3 runs without one ack: '
    loop 137 'exit 137' --tries 5
    ran 5
}

@test "an ack begins the count anew; a broker that is away does not count" {
    loop 75 '[ $(wc -l <runs) -ne 2 ] || echo >>$KPIPE_LOOP; exit 75'
    ran 5
    loop 75 '[ $(wc -l <runs) -gt 4 ] || exit 69; exit 75'
    ran 7
}

@test "what acked in one run has not acked in the next" {
    loop 75 '[ $(wc -l <runs) -gt 1 ] || echo >>$KPIPE_LOOP; exit 75'
    ran 4
}

@test "the waits are told, and double" {
    status 75 timeout 60 kpipe-loop --tries 3 'exit 75'
    says 'run 1: ended with 75: again in 100 ms'
    says 'run 2: ended with 75: again in 200 ms'
}

# begun : the pipeline in the background has said that it is there.
begun() {
    wait_for 20 test -s "$1"
}

ended() { # ended N PID
    local got=0
    wait "$2" || got=$?
    same "$1" "$got"
}

@test "SIGTERM goes to every stage, is waited for, and nothing is run again" {
    : >there
    local stage='trap "echo got >>got; exit 75" TERM; echo >>there here; while :; do sleep 0.05; done'
    kpipe-loop "sh -c '$stage' | sh -c '$stage'" 3>&- &
    local loop=$!
    wait_for 20 sh -c '[ "$(wc -l <there)" = 2 ]'
    kill -TERM $loop
    ended 75 $loop
    same 2 "$(lines_of "$(cat got)")"
    same 2 "$(lines_of "$(cat there)")"
}

@test "the loop does not end before its stages, also when all get the signal" {
    local stage='trap "sleep 0.5; echo done >whole; exit 0" TERM; echo >there; while :; do sleep 0.05; done'
    # As systemd does with KillMode=control-group: every process, the shell too.
    kpipe-loop "sh -c '$stage'" 3>&- &
    local loop=$! shell
    begun there
    shell=$(pgrep -P $loop)
    kill -TERM "$shell" $loop
    ended 0 $loop
    same 'done' "$(cat whole)"
}

@test "a second signal is passed on too" {
    local stage='trap "echo >>got; [ \$(wc -l <got) -lt 2 ] || exit 143" TERM
        echo >there; while :; do sleep 0.05; done'
    kpipe-loop "sh -c '$stage'" 3>&- &
    local loop=$!
    begun there
    kill -TERM $loop
    begun got
    sleep 0.2 # less than 100 ms apart they would be one: kpipe(7)
    kill -TERM $loop
    ended 143 $loop
}

@test "a signal between two runs ends it at once" {
    kpipe-loop --tries 9 'echo >>there here; exit 69' 2>err 3>&- &
    local loop=$!
    wait_for 20 grep -q 'again in 1600 ms' err
    kill -TERM $loop
    ended 143 $loop
    same 5 "$(lines_of "$(cat there)")"
}

@test "stages that lose their shell are ended, not left beside the next run" {
    kpipe-loop 'echo $$ >shell; sleep 7531 | sleep 7531' 3>&- &
    local loop=$! first
    begun shell
    first=$(cat shell)
    wait_for 20 sh -c '[ "$(pgrep -cfx "sleep 7531")" = 2 ]'
    kill -KILL "$first"
    wait_for 20 sh -c "[ \"\$(cat shell)\" != $first ] && [ \"\$(pgrep -cfx 'sleep 7531')\" = 2 ]"
    kill -TERM $loop
    ended 143 $loop
    run ! pgrep -fx 'sleep 7531'
}

@test "Ctrl-C ends pipeline and loop, and a shell's loop around them" {
    mkfifo idle
    exec 8<>idle
    echo another >&8
    status 130 timeout 60 python3 "$TERMINAL" run \
        "sh -c 'while :; do kpipe-loop \"kcat-in idle | ktr a b | kout\"; done'" 'bnother>\x03'
    exec 8>&-
}

@test "what was ignored at the start stays ignored, in the pipeline too" {
    status 0 timeout 60 sh -c "trap '' TERM HUP
        kpipe-loop 'kill -TERM \$\$; kill -HUP \$PPID; sh -c \"kill -TERM \\\$\\\$; echo alive\"'"
    same alive "$output"
}

@test "mistakes are told in two lines" {
    status 64 kpipe-loop
    says 'kpipe-loop: PIPELINE: is missing'
    same 2 "$(lines_of "$stderr")"
    status 64 kpipe-loop kcat-in lines
    says 'one PIPELINE is wanted: quote it'
    status 64 kpipe-loop --tries 0 true
    says '--tries 0: want a number, 1 or more'
    status 64 kpipe-loop --max-wait never true
    says '--max-wait never: want a time'
}

@test "the unit is one that systemd takes" {
    command -v systemd-analyze >/dev/null || skip "no systemd-analyze"
    sed "s,/usr/local/bin/kpipe-loop,$(command -v kpipe-loop)," \
        "$BATS_TEST_DIRNAME/../contrib/kpipe@.service" >kpipe@.service
    status 0 systemd-analyze verify --man=no "$PWD/kpipe@one.service"
    same '' "$output$stderr"
    echo 'KillMode=nonsense' >>kpipe@.service
    run --separate-stderr systemd-analyze verify --man=no "$PWD/kpipe@one.service"
    [ -n "$output$stderr" ]
}
