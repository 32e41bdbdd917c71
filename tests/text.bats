# Text in, text out: the line beside GNU's, and every way in and out of kcat-in and kout.
load helper

# A folder of texts, each bad in its own way.
hostile() {
    [ ! -d hostile ] || return 0
    mkdir hostile
    cd hostile || return 1
    printf 'ksql a\r\nKSQL\r\n\r\nx ksql\r' >cr
    printf 'a\0ksql\n\0\nksql\0\n\0ksql\0x' >nul
    printf '\n\n\nksql\n\n' >empty-lines
    printf '\xff\xfe ksql \xc3\x28\n\xe2\x82 ksql\n\xc0\xafksql\n\xed\xa0\x80 ksql' >bad-utf8
    printf 'no\nksql at the end' >no-newline
    printf '\n' >newline
    printf 'ksql' >word
    : >nothing
    python3 -c '
import random, sys
dice, out = random.Random(3), sys.stdout.buffer
def line(size):
    body = bytearray(dice.randbytes(size).replace(b"\n", b"k"))
    at = dice.choice((0, size // 2, size))
    return bytes(body[:at]) + b"ksql" * dice.randint(0, 1) + bytes(body[at:])
for size in range(256):
    out.write(bytes([size]) + b" ksql " + bytes([255 - size]) + b"\n")
for size in (32767, 32768, 65535, 65536, 131040, 131071, 131072, 131073, 262111, 262112, 262144, 262145, 400000, 600000):
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
    timeout 60 python3 "$BATS_TEST_DIRNAME/tool/live.py" "$@"
}

@test "the line gives what GNU's gives, on hostile text" {
    of_each 'kcat-in <$f | kgrep ksql | ktr a-z A-Z | kout' 'grep -a ksql <$f | tr a-z A-Z'
}

@test "with -0 on both ends too" {
    of_each 'kcat-in -0 <$f | kgrep ksql | ktr a-z A-Z | kout -0' 'grep -az ksql <$f | tr a-z A-Z'
}

# bats test_tags=slow
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

@test "kcat-in -D X | kout -D gives X back, whatever ends a record" {
    local end
    hostile
    mkdir whole
    for end in k ksql '\0\n' '\xff\xfe' '\n\n'; do
        python3 -c '
import os, sys
end = sys.argv[1].encode("latin1").decode("unicode_escape").encode("latin1")
for name in os.listdir("hostile"):
    pieces = open("hostile/" + name, "rb").read().split(end)
    with open("whole/" + name, "wb") as whole:
        whole.write(end.join(pieces) + (end if pieces[-1] else b""))' "$end"
        of_each "kcat-in -D '$end' \$f | kout -D '$end'" 'cat whole/${f#*/}'
    done
}

@test "-D: an end that comes in two reads, and one that only begins" {
    live 'kcat-in -D abc | kout -D "|"' '1ab' '' 'c2ababc' '1|2ab|' '3aabc' '3a|' 'abcabc' '||'
}

@test "-D: whatever the buffer's size cuts" {
    python3 -c '
import sys
for size in range(131060, 131080):
    sys.stdout.write("x" * size + "<end>" + "y<end>")' >in.txt
    same "$(for n in {131060..131079}; do printf '%s\n1\n' "$n"; done)" \
        "$(kcat-in -D '<end>' in.txt | kout -f '%S\n')"
}

@test "--whole: a file is a record, an empty one too, a large one, and standard input" {
    printf 'a\nb\n' >a
    : >b
    head -c 3000000 /dev/zero >c
    same 'a/4 b/0 c/3000000' "$(kcat-in --whole a b c | kout -f '%t/%S\n' | xargs)"
    same '-/2' "$(printf 'x\n' | kcat-in --whole | kout -f '%t/%S')"
    same 1 "$(kcat-in --whole -n 1 a b | kgrep -c '')"
    kcat-in --whole a b | kout -D '\n--\n' >out
    printf 'a\nb\n\n--\n\n--\n' | cmp - out
    status 64 kcat-in --whole -0 a
    says 'kcat-in: -0: with --whole a record ends where its file ends'
}

@test "--key, --header, --null-empty" {
    same 'K=a(1) K=b(1) ' "$(printf 'a\nb\n' | kcat-in --key K | kout -f '%k=%s(%K) ')"
    same 'x=a K=b ' "$(printf 'x:a\nb\n' | kcat-in -K : --key K | kout -f '%k=%s ')"
    same 'h=1,h=a=b,n=NULL,e=,h=2' "$(printf 'a\n' |
        kcat-in --header h=1 --header h=a=b --header n --header e= --header h=2 | kout -f %h)"
    same '-1/1 -1/-1 1/-1 -1/-1 ' "$(printf 'a\n\nk:\n:\n' |
        kcat-in -K : --null-empty | kout -f '%K/%S ')"
    same 'K/NULL ' "$(printf ':\n' | kcat-in -K : --key K --null-empty | kout -f '%k/%s ')"
    for bad in '' =x; do
        status 64 kcat-in --header "$bad" </dev/null
        says 'want NAME=VALUE, or NAME: a null value'
    done
}

@test "--max-record counts the key and headers that all get" {
    status 0 sh -c 'printf 12345 | kcat-in --max-record 20 --key 1234567 | kgrep . | kout'
    status 65 sh -c 'printf 12345678901234 | kcat-in --max-record 20 --key 1234567 | kgrep . | kout'
    status 65 kcat-in --max-record 5 --header h=1 </dev/null
    says 'kcat-in: --key, --header: longer than 5 bytes'
}

@test "kout -f: every token, of all a record can carry" {
    python3 -c "
import sys, struct
sys.path.insert(0, '$BATS_TEST_DIRNAME/tool')
from records import *
def at(raw, ms, flag): # the same record with a timestamp
    raw = bytearray(raw); raw[5] |= flag; raw[24:32] = struct.pack('<q', ms); return bytes(raw)
t = frame(SOURCE, 0, 1, 5, -1, 12, b't.opi')
sys.stdout.buffer.write(segment([t,
    at(record(b'value', b'key', [(b'h', b'1'), (b'g', b'')], offset=1 << 40), 1700000000123, 8),
    at(record(None, None, offset=7), -1, 16),
    at(record(b'', b'', source=0, offset=-1), 253402300800000, 8),
    record(b'\\0\\n', b'%s', offset=3)]))" >in.kf
    same 't.opi 12 1099511627776 key 3 value 5 1700000000123 2023-11-14T22:13:20.123Z h=1,g= %
t.opi 12 7 NULL -1 NULL -1 -1 1969-12-31T23:59:59.999Z  %
NULL -1 -1  0  0 253402300800000 10000-01-01T00:00:00.000Z  %' \
        "$(kout -f '%t %p %o %k %K %s %S %T %D %h %%\n' <in.kf | sed 3q)"
    same 't.opi 12 3 %s 2 [-1] [NULL]' "$(kgrep -k %s <in.kf | kout -f '%t %p %o %k %K [%T] [%D]')"
    kout -f '%R%s\x41\0' <in.kf | head -c 22 >got
    printf '\0\0\0\005valueA\0\377\377\377\377NULLA\0' | cmp - <(head -c 21 got)
}

@test "kout -f: what is no token and no escape is refused, in its place" {
    local bad
    for bad in '%s %' '%s %x' 'a\q' 'a\' '%s\x4' '%5s'; do
        status 64 kout -f "$bad" </dev/null
        says 'kout: -f '
        says ': want a token out of %s %S'
    done
    status 64 kout -f '%s\n' -K : </dev/null
    says 'kout: -f, -J: say themselves how records end'
    same 'a b ' "$(printf 'a\nb\n' | kcat-in | kout -f '%s ')"
    same '' "$(printf 'a\nb\n' | kcat-in | kout -f '')"
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
    seq 100000 >in.txt
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
    status 74 bash -c 'ulimit -f 8; kout -o out <in.kf'
    same "kout: $PWD/out: cannot write: File too large" "$stderr"
    same old "$(cat out)"
    same 'in.kf out' "$(ls -A | xargs)"
}

@test "kout -o: a full disk: 74, and it is as it was" {
    mkdir disk
    seq 20000 | kcat-in >in.kf
    unshare -mr mount -t tmpfs -o size=64k none disk || skip 'no tmpfs can be mounted here'
    status 0 unshare -mr bash -c '
        mount -t tmpfs -o size=64k none disk || exit
        echo old >disk/out
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

@test "kout -o: the owner and group stay where that may be" {
    [ "$(id -u)" -eq 0 ] || skip 'not root: all files are ours'
    seq 3 | kcat-in >in.kf
    echo old >out
    chown 12345:23456 out
    chmod 640 out
    kout -o out <in.kf
    same '12345 23456 640' "$(stat -c '%u %g %a' out)"
    chmod 664 out
    setpriv --inh-caps -chown --bounding-set -chown --groups 23456 kout -o out <in.kf
    same '0 23456 664' "$(stat -c '%u %g %a' out)"
    chown 12345:23456 out
    setpriv --inh-caps -chown --bounding-set -chown kout -o out <in.kf
    same '0 0 644' "$(stat -c '%u %g %a' out)"
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

@test "kout -- COMMAND: it has the signals as we had them, but for SIGINT" {
    status 0 env --default-signal=PIPE,XFSZ,INT sh -c 'echo x | kcat-in |
        kout -- sed -n "/^SigIgn/s/.*0//p" /proc/self/status'
    same 2 "$output"
}

@test "kout -o: a place where no file can be: told before anything is read" {
    seq 3 | kcat-in >in.kf
    status 66 sh -c 'kout -o missing/out <in.kf'
    says 'missing/out: cannot create a file beside it: No such file or directory'
    status 74 sh -c 'kout -o . <in.kf'
    says ': cannot open: Is a directory'
}

@test "--summary: records, bytes of the stream and time, on failure too" {
    seq 5 >a
    status 0 sh -c 'kcat-in --summary a >out.kf'
    [[ $stderr =~ ^kcat-in:\ records:\ 5,\ bytes\ of\ the\ stream:\ ([0-9]+),\ seconds:\ [0-9]+\.[0-9]{3}$ ]]
    same "$(wc -c <out.kf)" "${BASH_REMATCH[1]}"
    status 66 sh -c 'kcat-in --summary a missing >out.kf'
    [[ $stderr == *'missing: cannot open: '*$'\n''kcat-in: records: 5, bytes of the stream: '"$(wc -c <out.kf)"', seconds: '* ]]
}
