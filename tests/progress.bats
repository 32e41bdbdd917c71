# How far a bounded run is, on a real terminal; and never a byte of it into a log.
# bats file_tags=slow
load helper

TOOL=$BATS_TEST_DIRNAME/tool

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    kdev -p 0 -t t1:2 -t t2:2 -t t3:2 -t t4:2 -t t5:2 >ready 2>kdev.err 3>&- &
    echo $! >kdev.pid
    wait_for 10 grep -qs '^ready: ' ready
    eval "$(sed 's/^ready: //' ready)"
}

teardown_file() {
    kill -TERM "$(cat "$BATS_FILE_TMPDIR/kdev.pid")"
}

# A topic of this test's own with three records; a program that waits for a line from the terminal,
# then writes a fourth one.
setup() {
    work
    export TERM=xterm topic=t$BATS_TEST_NUMBER
    printf 'a\nb\nc\n' | kcat-in | kout -t "$topic"
    cat >fourth <<'E2'
read line </dev/tty
printf 'd\n' | kcat-in | kout -t $topic
E2
}

# shown COMMAND [TYPED]... : at a terminal, as a job; all that was shown is in raw, what is to be
# seen in the end is in $output.
shown() {
    timeout 60 "$PYTHON" "$TOOL/terminal.py" run "sh -c '$1'" "${@:2}" >raw
    output=$("$PYTHON" "$TOOL/terminal.py" screen <raw)
}

@test "a line after a second, drawn in its place, and nothing of it in the end" {
    shown 'sh fourth & kcat-in -t $topic -n 4 >out.kf' '75 %>\n'
    same '' "$output"
    grep -qE $'\r\33\\[Kkcat-in: 3 records, [0-9.]+/s, [0-9.]+ k?B/s, 75 %, [0-9:]+ left' raw
    [[ $(tail -c 4 raw) == *$'\r\33[K' ]]
    same 4 "$(kgrep -c '' <out.kf)"
    shown 'kcat-in -t $topic -n 9 >out.kf' '44 %>\x03' || [ $? -eq 130 ]
    same '' "${output//^C/}"
}

@test "what is written to the terminal, and messages of any stage, have lines of their own" {
    shown 'sh fourth & kcat-in --summary -t $topic -n 4 | kcount --by header:x | kout' \
        '75 %>\n' || [ $? -eq 65 ]
    same 2 "$(lines_of "$output")"
    same 1 "$(grep -c '^kcount: no record of 4 has ' <<<"$output")"
    same 1 "$(grep -c '^kcat-in: records: 4, bytes' <<<"$output")"
    cat fourth fourth >two
    shown 'sh two & kcat-in -t $topic -n 6 --per-partition 9 | kout' '66 %>\n' '83 %>\n'
    same $'a\nb\nc\nd\nd\nd' "$(sort <<<"$output")"
    sed -i "s/'d.n'/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab/" two
    shown 'sh two & kcat-in -t $topic -n 8 | kgrep -P --on-error skip "^(a+)+$" | kout' \
        '75 %>\n' '87 %>\n' || [ $? -eq 1 ]
    same 2 "$(grep -c '^kgrep: .*: left out$' <<<"$output")"
    same 3 "$(lines_of "$output")"
}

@test "a group's member" {
    shown 'sh fourth & kcat-in -g g1 -t $topic -n 4 | kout -o out' '75 %>\n'
    same '' "$output"
    same $'a\nb\nc\nd' "$(sort out)"
}

@test "not a byte to who did not ask, is no terminal, or has lent it to others" {
    local run='kcat-in -t $topic -n 9 --idle 1500ms'
    shown "$run >out.kf"
    grep -q '33 %' raw
    shown "$run --no-progress >1.kf & $run >2.kf 2>err & TERM=dumb $run >3.kf; wait"
    same '' "$(cat raw)"
    shown "set -m; $run >4.kf & wait"
    same '' "$(cat raw)"
    same 12 "$(cat [1-4].kf | kgrep -c '')"
    [ ! -s err ]
    status 64 kcat-in --no-progress file
    says 'which topic? -t TOPIC'
}

@test "the stream says that its end of the terminal is shared" {
    shown 'kcat-in -t $topic -e | cat >shared.kf; kcat-in -t $topic -e >file.kf'
    kcat-in -t "$topic" -e >alone.kf
    flags() { od -An -tu1 -j 37 -N 1 "$1" | tr -d ' '; } # HELLO's
    same 4 "$(flags shared.kf)"
    same 0 "$(flags alone.kf)"
    same 0 "$(flags file.kf)" # whoever reads it later has another terminal
    timeout 20 "$PYTHON" "$TOOL/terminal.py" run 'kout <shared.kf' | cmp - <(
        printf '\r\33[K'
        kout <shared.kf
    )
    same $'a\nb\nc' "$(kout <shared.kf | sort)"
}
