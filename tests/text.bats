# Text in, text out: the line beside GNU's, and every way in and out of kcat-in and kout.
bats_require_minimum_version 1.5.0
load helper

# Behind a version manager each start of python3 costs a tenth of a second: it is asked once.
setup_file() {
    PYTHON=$(python3 -c 'import sys; print(sys.executable)') && export PYTHON
}

# bats keeps files of its own in BATS_TEST_TMPDIR.
setup() {
    mkdir "$BATS_TEST_TMPDIR/work" && cd "$BATS_TEST_TMPDIR/work" || return 1
}

# A folder of texts, each bad in its own way.
hostile() {
    mkdir -p hostile
    cd hostile || return 1
    printf 'ksql a\r\nKSQL\r\n\r\nx ksql\r' >cr
    printf 'a\0ksql\n\0\nksql\0\n\0ksql\0x' >nul
    printf '\n\n\nksql\n\n' >empty-lines
    printf '\xff\xfe ksql \xc3\x28\n\xe2\x82 ksql\n\xc0\xafksql\n\xed\xa0\x80 ksql' >bad-utf8
    printf 'no\nksql at the end' >no-newline
    printf '\n' >newline
    printf 'ksql' >word
    : >nothing
    "$PYTHON" -c '
import random, sys
dice, out = random.Random(3), sys.stdout.buffer
def line(size):
    body = bytearray(dice.randbytes(size).replace(b"\n", b"k"))
    at = dice.choice((0, size // 2, size))
    return bytes(body[:at]) + b"ksql" * dice.randint(0, 1) + bytes(body[at:])
for size in range(256):
    out.write(bytes([size]) + b" ksql " + bytes([255 - size]) + b"\n")
for size in (32767, 32768, 65535, 65536, 131040, 131071, 131072, 131073, 262144, 400000):
    out.write(line(size) + b"\n" + line(7) + b"\n")
for _ in range(3000):
    out.write(line(dice.randint(0, 200)) + b"\n")
' >long
    cd ..
}

# of_each COMMAND OTHER : for each hostile text $f the command ends with 0 and puts out what the
# other one does.
of_each() {
    hostile
    status 0 sh -c "for f in hostile/*; do
        { $1; } >got || exit
        { $2; } >want
        cmp want got || { echo \$f; exit 1; }
    done"
    same '' "$stderr"
}

whole="sed -e '\$a\\' \$f" # with a last newline, if there was none

live() {
    timeout 60 "$PYTHON" "$BATS_TEST_DIRNAME/tool/live.py" "$@"
}

@test "the line gives what GNU's gives, on hostile text" {
    of_each 'kcat-in <$f | kgrep ksql | ktr a-z A-Z | kout' 'grep -a ksql <$f | tr a-z A-Z'
}

@test "with -0 on both ends too" {
    of_each 'kcat-in -0 <$f | kgrep ksql | ktr a-z A-Z | kout -0' 'grep -az ksql <$f | tr a-z A-Z'
}

@test "a line of 100 MB" {
    set -o pipefail
    { seq 9 && head -c 100000000 /dev/zero | tr '\0' k && printf ' ksql\nksql'; } >in.txt
    kcat-in <in.txt | kgrep ksql | ktr a-z A-Z | kout | cmp - <(grep -a ksql in.txt | tr a-z A-Z)
}

@test "kcat-in X | kout gives X back" {
    of_each 'kcat-in $f | kout' "$whole"
    of_each 'kcat-in <$f | kout' "$whole"
}

@test "kcat-in -0 X | kout -0 gives X back" {
    local turn="tr '\\n\\0' '\\0\\n'"
    of_each "$turn <\$f >in; kcat-in -0 in | kout -0 | $turn" "$whole"
}

@test "kcat-in -K | kout -K gives X back, whatever separates" {
    local separator
    for separator in k ksql '\0' '\xff'; do
        of_each "kcat-in -K '$separator' \$f | kout -K '$separator'" "$whole"
    done
}

@test "-K splits at the first separator; without one there is no key" {
    printf 'a=1=2\nplain\n=empty\nb=\n' >in.txt
    same "1=2
plain
empty" "$(kcat-in -K = in.txt | kout)"
    same "a<1=2
plain
<empty
b<" "$(kcat-in -K = in.txt | kout -K '<')"
}

@test "two saved streams are one" {
    printf '1\n2' >in.txt
    kcat-in in.txt >a.kf
    same '1 2 1 2' "$(cat a.kf a.kf | kout | xargs)"
    same '1 2 1 2' "$(cat a.kf a.kf | kgrep . | ktr a b | kout | xargs)"
}

@test "files in the order named, - is standard input, each file's last line counts" {
    printf '1\n2' >a
    printf '3' >b
    same '1 2 x 3 1 2' "$(printf 'x\n' | kcat-in a - b a | kout | xargs)"
    same '3 -n' "$(cp b ./-n && printf -- '-n' >./-n && kcat-in b -- -n | kout | xargs)"
}

@test "a file that is missing, a folder, one that may not be read: 66 after what came before" {
    printf '1\n' >a
    status 66 sh -c 'kcat-in a missing | kout'
    same 1 "$output"
    same 'kcat-in: missing: cannot open: No such file or directory' "$stderr"
    status 66 env KPIPE_BROKERS=x:1 kcat-in missing
    says 'missing: cannot open: No such file or directory: to read a topic: -t NAME'
    status 66 sh -c 'kcat-in a . | kout'
    same 'kcat-in: .: is a directory: name the files in it' "$stderr"
}

@test "-n stops after N records, over several files, and the input may stay open" {
    seq 5 >a
    same '1 2 3' "$(kcat-in -n 3 a | kout | xargs)"
    same '1 2 3 4 5 1 2' "$(kcat-in -n 7 a a a | kout | xargs)"
    same '1 2 3 4 5' "$(kcat-in -n 7 a | kout | xargs)"
    mkfifo open
    exec 8<>open
    printf 'x\ny\n' >&8
    same x "$(timeout 10 kcat-in -n 1 open | kout)"
    exec 8>&-
}

@test "--max-record: as long as that and no longer, wherever the line ends" {
    printf '12345\n123456\n7\n' >in.txt
    status 65 sh -c 'kcat-in --max-record 5 in.txt | kout'
    same 12345 "$output"
    same 'kcat-in: in.txt:2: longer than 5 bytes: raise --max-record' "$stderr"
    status 0 sh -c 'kcat-in --max-record 6 in.txt | kout'
    printf 123456 >in.txt
    status 65 sh -c 'kcat-in --max-record 5 <in.txt | kout'
    same 'kcat-in: standard input:1: longer than 5 bytes: raise --max-record' "$stderr"
    mkfifo open
    exec 8<>open
    head -c 70000 /dev/zero >&8 &
    status 65 timeout 10 kcat-in --max-record 64K open
    exec 8>&-
    status 65 sh -c 'head -c 150000000 /dev/zero | kcat-in | kout'
    says 'longer than 134217728 bytes'
}

@test "what kcat-in allowed every stage takes" {
    head -c 3000000 /dev/zero >in.txt
    status 0 sh -c "kcat-in --max-record 3000000 in.txt | kgrep . | ktr a b | kcount --by value |
        kout -K = | wc -c"
    same 3000003 "$output"
}

@test "--commit-interval: counts come out while the input is open" {
    live "kcat-in --commit-interval 20ms | kcount --by value | kout -K ' '" \
        'a\nb\na\n' 'a 2\nb 1\n' 'b\n' 'b 2\n'
}

@test "a line that arrives on an idle pipeline is out again at once" {
    live 'kcat-in | kgrep x | ktr x y | kout' 'x1\nno\n' 'y1\n' 'x2\n' 'y2\n' 'x' '' '\n' 'y\n'
    live 'kcat-in -0 -K = | kgrep -v x | kout -0 -K =' 'k=1\0' 'k=1\0' '\0' '\0'
}

@test "text that quotes the stream's first line in its middle is text" {
    live 'kcat-in | kout' 'see\n' 'see\n' 'kpipe/1 records; read with kout\n' \
        'kpipe/1 records; read with kout\n'
}

# One that is begun and held: 2,000 lines on their way into the file "out", which said "old" before.
# kout is $pid, its input stays open at descriptor 8.
begun() {
    echo old >out
    seq 2000 | kcat-in >in.kf
    mkfifo pipe
    kout -o out <pipe 2>err 8>&- 3>&- &
    pid=$!
    exec 8>pipe
    head -c 90000 in.kf >&8
    wait_for 10 sh -c 'test -s .out.*'
    same old "$(cat out)"
}

# ended N : kout ended with N, and the file is as it was before.
ended() {
    local got=0
    wait $pid || got=$?
    same "$1" $got
    same old "$(cat out)"
}

@test "kout -o: a descriptor that is open already is never replaced" {
    echo old >log
    printf 'line\n' | kcat-in >in.kf
    status 64 bash -c 'kout -o /dev/stderr <in.kf 2>>log'
    status 64 bash -c 'kout -o /dev/fd/1 <in.kf >>log'
    same old "$(sed 1q log)"
    same "$(printf 'line')" "$(kout -o /dev/fd/1 <in.kf | cat)"
}

@test "kout -o: standard output is no file" {
    for word in - /dev/stdout; do
        status 64 kout -o "$word" </dev/null
        says 'leave -o out'
    done
    [ ! -e - ]
}

@test "kout -o: the file is there whole, and nothing beside it" {
    seq 200000 >in.txt
    kcat-in in.txt | kout -o out
    cmp in.txt out
    kcat-in -K 5 -0 in.txt | kout -0 -K 5 -o out
    head -c -1 out | cmp in.txt -
    same 'in.txt out' "$(ls -A | xargs)"
    kcat-in </dev/null | kout -o out
    [ -e out ]
    [ ! -s out ]
}

@test "kout -o: whole at END, not before" {
    begun
    tail -c +90001 in.kf >&8
    exec 8>&-
    wait $pid
    seq 2000 | cmp - out
    run ! ls .out.*
}

@test "kout -o: killed, the file is as it was" {
    begun
    kill -9 $pid
    ended 137
}

@test "kout -o: SIGTERM, SIGINT, SIGHUP: the file is as it was, nothing beside it" {
    local signal
    for signal in TERM HUP INT; do
        rm -f pipe
        set -m # a job's SIGINT is not ignored
        begun
        kill -s $signal $pid
        ended $((128 + $(kill -l $signal)))
        run ! ls .out.*
        set +m
        exec 8>&-
    done
}

@test "kout -o: upstream died or aborted, a spoilt stream: the file is as it was" {
    seq 20000 >in.txt
    kcat-in in.txt >in.kf
    echo old >out
    status 66 sh -c 'kcat-in in.txt missing | kout -o out'
    status 76 sh -c 'head -c -1 in.kf | kout -o out'
    status 76 sh -c 'head -c 300000 in.kf | kout -o out'
    status 76 sh -c 'kout -o out </dev/null'
    status 76 sh -c '{ cat in.kf; echo more; } | kout -o out'
    status 76 sh -c '{ head -c 400000 in.kf; tail -c +400049 in.kf; } | kout -o out'
    same old "$(cat out)"
    same 'in.kf in.txt out' "$(ls -A | xargs)"
}

@test "kout -o: a file that may not grow: 74, and it is as it was" {
    seq 20000 | kcat-in >in.kf
    echo old >out
    status 74 env --ignore-signal=XFSZ bash -c 'ulimit -f 8; kout -o out <in.kf'
    same "kout: $PWD/out: cannot write: File too large" "$stderr"
    same old "$(cat out)"
    same 'in.kf out' "$(ls -A | xargs)"
}

@test "kout -o: a full disk: 74, and it is as it was" {
    mkdir disk
    seq 20000 | kcat-in >in.kf
    unshare -mr mount -t tmpfs -o size=64k none disk || skip 'no tmpfs can be mounted here'
    status 0 unshare -mr bash -c '
        mount -t tmpfs -o size=64k none disk && echo old >disk/out
        kout -o disk/out <in.kf
        echo $? $(ls -A disk) $(cat disk/out)'
    same '74 out old' "$output"
    same "kout: $PWD/disk/out: cannot write: No space left on device" "$stderr"
}

@test "kout -o: the mode stays, a new file has the usual one" {
    seq 3 | kcat-in >in.kf
    umask 027
    kout -o new <in.kf
    same 640 "$(stat -c %a new)"
    for mode in 600 755 444; do
        chmod $mode new
        [ $mode != 444 ] || [ "$(id -u)" -eq 0 ] || continue
        kout -o new <in.kf
        same $mode "$(stat -c %a new)"
    done
}

@test "kout -o: a symbolic link stays one, also to a file that is not there yet" {
    seq 3 | kcat-in >in.kf
    mkdir data links
    echo old >data/there
    ln -s ../data/there links/there
    ln -s ../data/new links/new
    ln -s new links/again
    ln -s "$PWD/data/whole" links/whole
    for link in there new again whole; do
        kout -o links/$link <in.kf
        [ -L links/$link ]
        same '1 2 3' "$(xargs <links/$link)"
    done
    same 'new there whole' "$(ls -A data | xargs)"
    same 'again new there whole' "$(ls -A links | xargs)"
    ln -s round links/round
    status 66 sh -c 'kout -o links/round <in.kf'
    says 'links/round: '
}

# A device: root has one of his own, since what is tested here could replace the real one.
device() {
    if [ "$(id -u)" -ne 0 ]; then
        ln -s "/dev/$1" "$1"
    elif ! { mknod -m 666 "$1" c 1 "$2" && : >"$1"; } 2>/dev/null; then
        skip 'no device can be made here'
    fi
}

@test "kout -o: a fifo is written itself" {
    seq 3 | kcat-in >in.kf
    mkfifo pipe
    kout -o pipe <in.kf &
    same '1 2 3' "$(timeout 10 sh -c 'xargs <pipe')"
    wait $!
    [ -p pipe ]
}

@test "kout -o: a device is written itself" {
    seq 3 | kcat-in >in.kf
    device null 3
    device full 7
    kout -o null <in.kf
    [ -c null ]
    status 74 sh -c 'kout -o full <in.kf'
    says '/full: cannot write: No space left on device'
    [ -c full ]
}

@test "kout -o: a place where no file can be: told before anything is read" {
    seq 3 | kcat-in >in.kf
    status 66 sh -c 'kout -o missing/out <in.kf'
    says 'missing/out: cannot create a file beside it: No such file or directory'
    status 74 sh -c 'kout -o . <in.kf'
    says ': cannot open: Is a directory'
}
