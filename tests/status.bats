# The pipeline's status is the cause's, whatever the shell; and what ends it, a person or a reader.
load helper

TOOL=$BATS_TEST_DIRNAME/tool
SHELLS="dash bash"

setup() {
    work
    printf 'a line\nanother\n' >in.txt
    kcat-in in.txt >in.kf
    head -c 150 in.kf >cut.kf
}

# line N LINES PIPELINE : under each shell it ends with N and LINES lines on stderr.
line() {
    local shell
    for shell in $SHELLS; do
        status "$1" timeout 20 "$shell" -c "$3" || {
            echo "$shell: $3"
            return 1
        }
        same "$2" "$(lines_of "$stderr")"
    done
}

signals() {
    timeout 60 python3 "$TOOL/signals.py" "$@"
}

LIVE='kcat-in | kgrep a | ktr a b | kout'

# hit N LINES SIGNAL STAGE : the line, hit there while it is idle, ends with N.
hit() {
    local shell
    for shell in $SHELLS; do
        status "$1" signals hit "$shell" "$3" "$4" "$LIVE"
        same "$2" "$(grep -c ^k <<<"$stderr")"
    done
}

hints() {
    local file
    file=$(grep -l 'opt_hint hints' "$BATS_TEST_DIRNAME/../src/$1"/*.c)
    status 0 python3 "$TOOL/hints.py" "$1" "$file" "${@:2}"
}

@test "a clean line is 0, also where nothing was selected" {
    line 0 0 'kcat-in in.txt | kgrep a | ktr a b | kcount --by value | kout -K ='
    line 0 0 'kcat-in in.txt | kgrep nothing | kout'
    line 1 0 'kcat-in in.txt | kgrep -q nothing'
    line 0 0 'kcat-in </dev/null | kgrep a | kout'
}

@test "a usage mistake in any stage: 64, told once" {
    line 64 2 'kcat-in --nonsense in.txt | kgrep a | ktr a b | kcount --by value | kout'
    says 'kcat-in: --nonsense'
    line 64 2 'kcat-in in.txt | kgrep | ktr a b | kcount --by value | kout'
    says 'kgrep: PATTERN: is missing'
    line 64 2 'kcat-in in.txt | kgrep "(" | ktr a b | kout'
    line 64 2 'kcat-in in.txt | kgrep a | ktr | kcount --by value | kout'
    says 'ktr: '
    line 64 2 'kcat-in in.txt | kgrep a | ktr a b | kcount --by colour | kout'
    says 'kcount: --by colour: want key, value'
    line 64 2 'kcat-in in.txt | kgrep a | ktr a b | kcount --by value | kout --nonsense'
    says 'kout: --nonsense'
}

@test "a missing file: 66" {
    line 66 1 'kcat-in missing | kgrep a | ktr a b | kcount --by value | kout'
    says 'kcat-in: missing: cannot open: No such file or directory'
}

@test "bad data: 65" {
    line 65 1 'kcat-in in.txt | kcount | kgrep a | kout'
    says 'kcount: no record of 2 has a key'
    line 65 1 'kcat-in --max-record 6 in.txt | kgrep a | kout'
    says 'kcat-in: in.txt:2: longer than 6 bytes'
}

@test "a broken stream: 76" {
    line 76 1 'kgrep a <cut.kf | ktr a b | kcount --by value | kout'
    says 'kgrep: standard input: ended without END: the stage in front died'
    line 76 1 'echo text | ktr a b | kgrep a | kout'
}

@test "an output that cannot be written: 74" {
    line 74 1 'kcat-in in.txt | kgrep a | kout >/dev/full'
    says 'kout: standard output: cannot write'
}

@test "an ABORT in a saved stream is the status when it is read" {
    status 66 sh -c 'kcat-in in.txt missing >aborted.kf'
    line 66 0 'kgrep a <aborted.kf | kout'
    line 66 0 'kout <aborted.kf'
}

@test "SIGTERM, SIGINT, SIGHUP to the source: downstream 143, 130, 129, silent" {
    hit 143 0 TERM kcat-in
    hit 130 0 INT kcat-in
    hit 129 0 HUP kcat-in
}

@test "the same to a filter or the sink" {
    hit 143 0 TERM kgrep
    hit 130 0 INT ktr
    hit 129 0 HUP kout
}

@test "kill -9 of a stage: the next one tells, 76" {
    hit 76 1 KILL kcat-in
    says 'kgrep: standard input: ended without END: the stage in front died'
    hit 76 1 KILL kgrep
    says 'ktr: standard input: ended without END: the stage in front died'
    hit 76 1 KILL ktr
    says 'kout: standard input: ended without END: the stage in front died'
    hit 137 0 KILL kout
}

@test "what was ignored at the start stays ignored" {
    local signal
    for signal in INT TERM HUP; do
        status 0 signals hit dash $signal kcat-in "trap '' $signal; $LIVE" survives
        status 0 signals hit dash $signal ktr "trap '' $signal; $LIVE" survives
    done
}

@test "a second signal kills a stage that waits to write" {
    local signal
    for signal in INT TERM HUP; do
        status $((128 + $(kill -l $signal))) signals twice $signal kgrep a
    done
    status 143 signals twice TERM kout
}

@test "two signals in a row are one: timeout(1) sends its child and then its group one" {
    status 0 signals doubled TERM kgrep a
    status 130 signals doubled INT kgrep a
    status 0 signals doubled TERM kout
    mkfifo idle
    exec 7<>idle
    status 143 bash -c 'timeout 0.5 kcat-in idle 7>&- | kout'
    exec 7>&-
}

@test "SIGINT after all was read: the output is whole, and the loop stops all the same" {
    status 130 signals late INT kout
    status 130 signals late INT kgrep a
    status 0 signals late TERM kout
}

@test "a signal ends the wait for the other end of a fifo" {
    mkfifo fifo
    status 130 signals asleep INT kcat-in fifo
    status 143 signals asleep TERM kcat-in in.txt fifo
    status 130 signals asleep INT kout -o fifo
    same '' "$stderr"
}

# A quick line's loop can outlive one Ctrl-C in bash, whatever the line is made of: a stage that had
# ended before is taken for one that did not mind. So the line is in the middle of its work here.
loop='while :; do kcat-in idle | kgrep a | ktr a b | kout; done'

@test "a loop around the line stops on Ctrl-C" {
    local shell
    mkfifo idle
    exec 8<>idle
    for shell in $SHELLS $SHELLS $SHELLS; do
        echo another >&8
        status 130 timeout 60 python3 "$TOOL/terminal.py" run "$shell -c '$loop'" 'bnother>\x03'
    done
    exec 8>&-
}

@test "a loop typed into an interactive shell stops on Ctrl-C" {
    local shell
    mkfifo idle
    exec 8<>idle
    for shell in 'bash --norc --noediting -i' 'dash -i'; do
        echo another >&8
        status 42 timeout 60 python3 "$TOOL/terminal.py" run "$shell" ">$loop\n" \
            'bnother>\x03' '>echo ready $((40 + 1))\n' 'ready 41>exit 42\n'
    done
    exec 8>&-
}

@test "| head -1: head is 0, the others 141 and silent" {
    status 0 env --default-signal=PIPE bash -c \
        'yes a | kcat-in | kgrep a | ktr a b | kout | head -1; echo ${PIPESTATUS[*]}'
    same "b
141 141 141 141 141 0" "$output"
    same '' "$stderr"
}

@test "the reader leaves a quiet stream: 141" {
    status 141 signals gone kcat-in
    status 141 signals gone kgrep a
    status 141 signals gone ktr a b
    status 141 signals gone kcount --by value
    status 141 signals gone kout
}

@test "letters from elsewhere: kcat's at kcat-in" {
    hints kcat-in -C -G -P -p -c -u -Q -Z -k -H -s -r -T -f
    line 64 2 'kcat-in -b host:9092 | kout'
    says 'kcat-in: which topic? -t TOPIC'
    line 64 2 'kcat-in -e | kout'
    says 'kcat-in: which topic? -t TOPIC'
}

@test "letters from elsewhere: grep's at kgrep" {
    hints kgrep -n -l -L -r -z -h -s
    line 64 2 'kcat-in in.txt | kgrep a in.txt | kout'
    says 'kgrep: in.txt: reads standard input: kgrep PATTERN < FILE'
}

@test "letters from elsewhere: tr's and uniq's at ktr and kcount" {
    hints ktr
    hints kcount -c
    line 64 2 'kcat-in in.txt | kcount in.txt | kout'
    says 'kcount: in.txt: reads standard input: kcount < FILE'
}

@test "letters from elsewhere: kcat's at kout" {
    hints kout -P -C -g -l -k -H -T
    line 64 2 'kcat-in in.txt | kout -b host:9092'
    says 'kout: which topic? -t TOPIC'
    line 64 2 'kcat-in in.txt | kout in.txt'
    says 'kout: in.txt: reads standard input: kout < FILE'
}
