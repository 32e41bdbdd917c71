# From topic to topic through kdev: what kcat wrote, what kcat reads, and how both ends end.
# bats file_tags=slow
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    kdev -p 0 -t ten:10 >ready 2>kdev.err 3>&- &
    echo $! >kdev.pid
    wait_for 10 grep -qs '^ready: ' ready
    eval "$(sed 's/^ready: //' ready)"
}

teardown_file() {
    kill -TERM "$(cat "$BATS_FILE_TMPDIR/kdev.pid")"
}

# What a failed test has left running: a pipeline ends when its first stage does.
teardown() {
    local pid
    for pid in $(jobs -p); do
        finish "$pid"
    done
}

# A topic of the test's own, of 4 partitions: kcat's producer makes it.
topic() {
    printf '%s%s' "${1:-t}" "$BATS_TEST_NUMBER"
}

make() {
    kcat -P -b "$KPIPE_BROKERS" -t "$1" </dev/null
    kcat -L -b "$KPIPE_BROKERS" -t "$1" >/dev/null 2>&1
}

write() { # write TOPIC KCAT_OPTION... : a record a line of standard input
    local to=$1
    shift
    kcat -P -b "$KPIPE_BROKERS" -t "$to" "$@"
}

# All of a topic, a line a record: key and value with their sizes, -1 for null, timestamp, headers.
dump() {
    kcat -C -b "$KPIPE_BROKERS" -t "$1" -e -q -X fetch.wait.max.ms=10 \
        -f '%K:%k %S:%s %T %h\n' | sort
}

# A test that would hang fails.
read_topic() {
    timeout 30 kcat-in "$@"
}

finish() {
    kill -TERM "$1"
    wait "$1" 2>/dev/null || true
}

# All that a record can carry.
rich() {
    write "$1" -k key -H one=1 -H two=2 -H one=3 -H null -H empty= <<<value
    write "$1" -K : -Z <<<$'tombstone:\n:null key\nplain:record'
    write "$1" -K : <<<$'empty value:\n:empty key\n:'
    write "$1" -H only=header <<<'no key'
    printf 'two\nlines\0with NUL' >binary
    write "$1" -p 3 -k binary binary
}

@test "all that a record can carry, through a topic and as JSON" {
    local to
    to=$(topic)
    make "$to"
    python3 "$BATS_TEST_DIRNAME/tool/carry.py" make topic >all.kf
    kout -t "$to" <all.kf
    read_topic -t "$to" -e >got.kf
    python3 "$BATS_TEST_DIRNAME/tool/carry.py" same all.kf got.kf fields
    kout -J <got.kf | kcat-in -J >json.kf
    python3 "$BATS_TEST_DIRNAME/tool/carry.py" same got.kf json.kf
}

@test "kcat-in -J reads what kcat -J wrote" {
    local from
    from=$(topic)
    rich "$from"
    write "$from" -H h=1 <<<'{"a":"\"é\u0001"}'
    kcat -C -b "$KPIPE_BROKERS" -t "$from" -e -q -J | grep -v '"key":"binary"' >kcat.json
    [ "$(wc -l <kcat.json)" -ge 8 ]
    read_topic -t "$from" -e | kgrep -v -k binary | kout -J | sort >want
    kcat-in -J kcat.json | kout -J | sort | cmp want -
}

@test "kout -f gives what kcat -f gives, null and empty as kcat -Z has it" {
    local from format
    from=$(topic)
    rich "$from"
    for format in '%t %p %o %K %S %T %h 100%%\n' '%R\n' '[%k] [%s]\t\x41\r\n'; do
        kcat -C -b "$KPIPE_BROKERS" -t "$from" -e -q -Z -f "$format" | sed 's/\[]/[NULL]/g' |
            sort >want
        read_topic -t "$from" -e | kout -f "$format" | sed 's/\[]/[NULL]/g' | sort | cmp want -
        [ -s want ]
    done
}

@test "a topic to a topic: exactly the records with all they carry" {
    local from to
    from=$(topic from) to=$(topic to)
    rich "$from"
    make "$to"
    read_topic -t "$from" -e | kout -t "$to"
    dump "$from" >want
    dump "$to" >got
    cmp want got
    same 9 "$(read_topic -t "$to" -e | kgrep -c --on topic .)"
    grep -q '^3:key 5:value [0-9]* one=1,two=2,one=3,null=NULL,empty=$' got
    grep -q '^9:tombstone -1: ' got
    grep -q '^11:empty value 0: ' got
    grep -q '^-1: 8:null key ' got
    grep -q '^0: 9:empty key ' got
}

@test "text to a topic: kcat reads keys and values" {
    make "$(topic)"
    printf 'a=1\nb=2\nno key\n=empty key\nempty value=\n' | kcat-in -K = | kout -t "$(topic)"
    same $'-1: 6:no key\n0: 9:empty key\n11:empty value 0:\n1:a 1:1\n1:b 1:2' \
        "$(dump "$(topic)" | sed 's/ [0-9]* $//')"
}

@test "a topic to text: what kcat wrote" {
    write "$(topic)" -K : -p 2 <<<$'a:1\nb:2\nc:3'
    same $'a=1\nb=2\nc=3' "$(read_topic -t "$(topic)" -e | kout -K =)"
}

@test "what a record says of itself is there for the filters" {
    write "$(topic)" -K : -p 2 -H h=x <<<'k:v'
    same v "$(read_topic -t "$(topic)" -e | kgrep --on partition 2 | kgrep --on topic "^$(topic)$" |
        kgrep -H h x | kgrep -k k | kout)"
}

@test "large values pass" {
    head -c 999000 /dev/urandom | base64 -w 0 | head -c 999000 >large
    write "$(topic from)" -p 0 -k large large
    make "$(topic to)"
    read_topic -t "$(topic from)" -e | kout -t "$(topic to)"
    read_topic -t "$(topic to)" -e | kout >got
    echo >>large
    cmp large got
}

@test "many records: all of them, in the order of each key" {
    make "$(topic)"
    awk 'BEGIN { for (i = 0; i < 50000; i++) print "k" i % 100 "=" i " some words for its size" }' >in
    kcat-in -K = in | kout -t "$(topic)"
    read_topic -t "$(topic)" -e | kout -K = >out
    for file in in out; do sort -s -t = -k 1,1 "$file" >"$file.sorted"; done
    cmp in.sorted out.sorted
}

# The values are those of Kafka's own test, UtilsTest.testMurmur2, modulo 10 partitions.
@test "a key goes where Kafka's Java client puts it" {
    make ten
    printf '%s=\n' 21 foobar a-little-bit-long-string a-little-bit-longer-string \
        lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8 abc '' | kcat-in -K = | kout -t ten
    same "0 21
1 
2 a-little-bit-long-string
6 foobar
7 abc
7 lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8
9 a-little-bit-longer-string" "$(kcat -C -b "$KPIPE_BROKERS" -t ten -e -q -f '%p %k\n' | sort)"
}

@test "kout -p same: each record to its own partition, in order" {
    local from to p
    from=$(topic from) to=$(topic to)
    for p in 0 1 2 3; do
        seq 500 | awk -v p="$p" '{print "k" $1 % 5 "=" p "." $1}' | write "$from" -K = -p "$p"
    done
    make "$to"
    read_topic -t "$from" -e | kout -p same -t "$to"
    read_topic -t "$from" -e | kout -f '%p %k %s\n' | sort -s -n -k 1,1 >want
    read_topic -t "$to" -e | kout -f '%p %k %s\n' | sort -s -n -k 1,1 >got
    same 2000 "$(grep -c '' want)"
    cmp want got
}

@test "kout -p same: what is from no partition, or from one too many, is told" {
    make "$(topic)"
    printf 'a\nb\n' >in
    status 65 sh -c "kcat-in in | kout -p same -t $(topic)"
    same 'kout: in:1: is from no partition: -p key, or -p NUMBER' "$stderr"
    printf 'a=1\nb=2\n' | write "$(topic from)" -K =
    status 65 sh -c "kcat-in -t $(topic from) -e | kcount | kout -p same -t $(topic)"
    same 'kout: record 1: is from no partition: -p key, or -p NUMBER' "$stderr"
    make ten
    write ten -p 7 <<<x
    status 78 sh -c "kcat-in -t ten:7 -o -1 -e | kout -p same -t $(topic)"
    says ": topic $(topic) has no partition 7, as -p same wants it: "
    same '' "$(read_topic -t "$(topic)" -e | kout)"
}

@test "kout --now: the time of writing, and all else as it was" {
    local before to
    to=$(topic)
    make "$to"
    printf '%s\n' '{"key":"a","payload":"1","ts":1000,"headers":["h","x"]}' \
        '{"key":"b","payload":"2","ts":2000}' '{"key":"c","payload":null}' >in.json
    before=$(date +%s%3N)
    kcat-in -J in.json | kout --now -p 0 -t "$to"
    read_topic -t "$to" -e | kout -f '%T %k %s %h\n' >got
    same $'a 1 h=x\nb 2 NULL\nc NULL NULL' "$(cut -d ' ' -f 2- got | sed 's/ $/ NULL/')"
    awk -v before="$before" '$1 < before || $1 > before + 60000 {print; bad = 1} END {exit bad}' got
    kcat-in -J in.json | kout -p 1 -t "$to"
    same $'1000\n2000' "$(read_topic -t "$to:1" -e | kout -f '%T\n' | head -n 2)"
}

# evenly RATE <TIMES : no stretch of 500 ms has more than its share, and twice the 10 ms of grace.
evenly() {
    awk -v rate="$1" '{t[NR] = $1}
        NR > rate / 2 + rate / 50 + 2 {
            from = NR - int(rate / 2 + rate / 50 + 2)
            if (t[NR] - t[from] < 500) {print "too many from " t[from] " to " t[NR]; exit bad = 1}
        }
        END {exit bad}'
}

@test "kout --rate: so many a second, evenly, after a silence too" {
    local to start
    to=$(topic)
    make "$to"
    start=$(date +%s%3N)
    { seq 150; sleep 0.7; seq 150; } | kcat-in | kout --rate 200 --now -p 0 -t "$to"
    [ $(($(date +%s%3N) - start)) -ge 1470 ]
    read_topic -t "$to" -e | kout -f '%T\n' >got
    same 300 "$(grep -c '' got)"
    evenly 200 <got
    status 64 kout --rate 0 -t "$to" </dev/null
}

@test "kout -p N: all into one partition; one that is not there is 66" {
    make "$(topic)"
    printf 'a=1\nb=2\nc=3\nno key\n' | kcat-in -K = | kout -p 2 -t "$(topic)"
    same $'2 1\n2 2\n2 3\n2 no key' "$(read_topic -t "$(topic)" -e | kout -f '%p %s\n')"
    kcat-in <<<x >x.kf
    status 66 kout -p 4 -t "$(topic)" <x.kf
    same "kout: topic $(topic)/4: does not exist: its last partition is 3" "$stderr"
    for word in '' all -1 2147483648 1,2; do
        status 64 kout "-p$word" -t "$(topic)" <x.kf
        status 64 kout --partition "$word" -t "$(topic)" <x.kf
    done
    status 64 kout -p 1 <x.kf
    says 'which topic? -t TOPIC'
}

@test "-e on an empty topic is an empty segment" {
    make "$(topic)"
    status 0 sh -c "kcat-in -t $(topic) -e | kout"
    same '' "$output"
}

@test "-n stops after so many" {
    seq 100 | write "$(topic)"
    same 7 "$(read_topic -t "$(topic)" -n 7 | kout | grep -c '')"
}

@test "a queue that was full is filled again before it is empty" {
    # Where nobody wakes it the library sleeps up to a second, some 60 times here: 100 times as long.
    local at
    seq 300000 | write "$(topic)"
    at=(${EPOCHREALTIME/./})
    status 0 bash -c "kcat-in -t $(topic) -e | kout -o all"
    at+=(${EPOCHREALTIME/./})
    status 0 bash -c "kcat-in -t $(topic) -e -X queued.min.messages=5000 \
        -X max.partition.fetch.bytes=10000 | kout -o little"
    at+=(${EPOCHREALTIME/./})
    same "$(sort all)" "$(sort little)"
    echo "all at once $((at[1] - at[0])) us, a little at a time $((at[2] - at[1])) us"
    [ $((at[2] - at[1])) -lt $(((at[1] - at[0]) * 25)) ]
}

@test "several topics; one that is named twice is read once" {
    write "$(topic a)" <<<a
    write "$(topic b)" <<<b
    read_topic -t "$(topic a)" -t "$(topic b)" -t "$(topic a)" -e | kout >out
    same $'a\nb' "$(sort out)"
}

@test "without -e a record that comes later comes out" {
    write "$(topic)" <<<first
    kcat-in -t "$(topic)" 3>&- | kout >out 3>&- &
    wait_for 10 grep -qs first out
    write "$(topic)" <<<second
    wait_for 10 grep -qs second out
    finish "$(pgrep -P $$ -x kcat-in)"
}

@test "a barrier comes by itself: a count of a quiet topic" {
    write "$(topic)" <<<$'a\nb\na'
    kcat-in -t "$(topic)" --commit-interval 10ms 2>/dev/null 3>&- |
        kcount --by value 3>&- | kout -K = >out 3>&- &
    wait_for 10 grep -qs 'a=2' out
    finish "$(pgrep -P $$ -x kcat-in)"
}

@test "kout writes what has come while its input is quiet" {
    make "$(topic)"
    mkfifo fifo
    kcat-in <fifo 3>&- | kout -t "$(topic)" 3>&- &
    exec 7>fifo
    echo early >&7
    same early "$(timeout 30 kcat -C -b "$KPIPE_BROKERS" -t "$(topic)" -c 1 -q -X fetch.wait.max.ms=10)"
    exec 7>&-
    wait $!
}

@test "SIGTERM: what was read leaves, then an ABORT with 143" {
    write "$(topic)" <<<value
    kcat-in -t "$(topic)" >out.kf 3>&- &
    wait_for 10 grep -qs value out.kf
    kill -TERM $!
    local got=0
    wait $! 2>/dev/null || got=$?
    same 143 "$got"
    run --separate-stderr kout <out.kf
    same 143 "$status"
    same value "$output"
    same '' "$stderr"
}

@test "a reader that goes while the topic is quiet ends it" {
    write "$(topic)" <<<value
    { timeout 30 kcat-in -t "$(topic)" || echo $? >ended; } 3>&- | kgrep -m 1 value 3>&- | kout >out
    same value "$(cat out)"
    same 141 "$(cat ended)"
}

@test "an ABORT: what came before it is in the topic, its status is ours" {
    make "$(topic)"
    kcat-in -n 1 <<<value >whole.kf
    # HELLO, SOURCE, RECORD and no more, then the ABORT of a usage mistake without its magic.
    { head -c -$((56 * 2)) whole.kf; kcat-in --nosuch 2>/dev/null | tail -c +33; } >cut.kf
    status 64 kout -t "$(topic)" <cut.kf
    same '' "$stderr"
    same value "$(read_topic -t "$(topic)" -e | kout)"
}

@test "an end without END is a fault" {
    make "$(topic)"
    kcat-in <<<value | head -c -8 >cut.kf
    status 76 kout -t "$(topic)" <cut.kf
    says 'kout: standard input: ended without END'
}

@test "records of a group whose source is gone" {
    make "$(topic)"
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import sys, records
sys.stdout.buffer.write(records.MAGIC + records.hello(b"g"))' >group.kf
    status 76 kout -t "$(topic)" <group.kf
    says 'kout: standard input: its source is gone: a saved stream: kout --replay'
}

@test "a record over the cap is told with its place" {
    write "$(topic)" -p 2 <<<'more than ten bytes'
    status 65 kcat-in -t "$(topic)" -e --max-record 10
    same "kcat-in: $(topic)/2@0: a record of 19 bytes is over the cap of 10: raise --max-record" \
        "$stderr"
}

@test "an unknown topic is told with the remedy, and not made" {
    status 66 kcat-in -t nosuch -e
    same 'kcat-in: topic nosuch: does not exist: check the name and the brokers' "$stderr"
    kcat-in <<<x >x.kf
    status 66 kout -t nosuch <x.kf
    same 'kout: topic nosuch: does not exist: create it, or --create 4' \
        "$stderr"
    run ! grep -q nosuch <(kcat -L -b "$KPIPE_BROKERS")
}

@test "a source's fault is the pipeline's" {
    make "$(topic)"
    status 66 sh -c "kcat-in -t nosuch -e | kout -t $(topic)"
    same 1 "$(lines_of "$stderr")"
}

@test "what the client library says is told, behind a group too" {
    make "$(topic)"
    kcat-in -g g -t "$(topic)" -e -X debug=cgrp 2>err | kout -o out
    grep -q '^kcat-in: kafka: .*Joining group "g"' err
}

@test "no broker is told with the remedy" {
    kcat-in <<<x >x.kf
    status 69 kcat-in -b 127.0.0.1:1 -t t -e
    says 'kcat-in: brokers 127.0.0.1:1: cannot be reached: Connect to ipv4#127.0.0.1:1 failed'
    says 'to try: kdev & export KPIPE_BROKERS=127.0.0.1:19092'
    same 1 "$(lines_of "$stderr")"
    status 69 kout -b 127.0.0.1:1 -t t <x.kf
    says 'kout: brokers 127.0.0.1:1: cannot be reached: '
    same 1 "$(lines_of "$stderr")"
}

@test "a host that is none is told with the remedy" {
    status 69 kcat-in -b nosuch.invalid -t t -e
    says 'kcat-in: brokers nosuch.invalid: cannot be reached: '
    same 1 "$(lines_of "$stderr")"
}

banner() { # banner TEXT : says it to whoever comes, on a port that it prints
    python3 -c 'import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client = server.accept()[0]
    client.sendall(sys.argv[1].encode() + b"\r\n")
    client.close()' "$1"
}

@test "what cannot be a broker is told before it is asked" {
    local broker
    for broker in host:99999 :abc kafka://x 127.0.0.1:; do
        status 64 kcat-in -b "ok,$broker" -t t -e
        says "kcat-in: -b $broker: is no broker: want HOST:PORT"
        KPIPE_BROKERS=$broker status 78 kout -t t </dev/null
        says "kout: brokers $broker: is no broker: want HOST:PORT"
    done
}

@test "a port that speaks something else is no broker" {
    banner 'SSH-2.0-OpenSSH_9.2' >port 3>&- &
    wait_for 10 test -s port
    status 69 kcat-in -b "127.0.0.1:$(cat port)" -t t -e
    says "kcat-in: brokers 127.0.0.1:$(cat port): cannot be reached: it does not answer as a Kafka broker"
    same 1 "$(lines_of "$stderr")"
    kill $!
}

@test "parts of a topic, from where to where" {
    seq 5 | write "$(topic)" -p 1
    seq 6 9 | write "$(topic)" -p 2
    same $'4\n5' "$(read_topic -t "$(topic):1" -o -2 -e | kout)"
    same $'2\n7' "$(read_topic -t "$(topic):1-2" -o 1 --until 2 | kout | sort)"
    same $'1\n6' "$(read_topic -t "$(topic):1,2" --per-partition 1 | kout | sort)"
    same $'8\n9' "$(read_topic -t "$(topic)" -o 2 -e | kgrep '[89]' | kout)"
    same 9 "$(read_topic -t "^$(topic)\$" --idle 300ms | kout | grep -c '')"
    status 66 kcat-in -t "$(topic):4" -e
    says "topic $(topic)/4: does not exist: the last one is 3"
}

@test "what -t, -o and --until cannot mean is refused" {
    local wrong
    for wrong in '-t a,b' '-t a:x' '-t a:1-' '-t ^(' '-t a -o x' '-t a -o @x' '-t a -o -' \
        '-t a --until -5' '-t a --until beginning' '-t a --until @2026-02-30' '-o 5' '--idle 1s' \
        '-t a --per-partition 0' '-t a --idle 0' '-g g -t a:0' '-g g -t a --until 5'; do
        # shellcheck disable=SC2086
        status 64 kcat-in $wrong
    done
}

@test "brokers that are not named are told with the remedy" {
    local want='no brokers: -b HOST:PORT, KPIPE_BROKERS or a profile; to try: kdev & export KPIPE_BROKERS=127.0.0.1:19092'
    kcat-in <<<x >x.kf
    unset KPIPE_BROKERS
    status 78 kcat-in -t t -e
    same "kcat-in: $want" "$stderr"
    KPIPE_BROKERS='' status 78 kout -t t <x.kf
    same "kout: $want" "$stderr"
}

@test "the versions name the client library and the allocator" {
    for tool in kcat-in kout; do
        status 0 "$tool" --version
        case $output in
        "$tool (kpipe) "*"; librdkafka "*"); mimalloc "[0-9]* | \
            "$tool (kpipe) "*"; librdkafka "*"); the C library's malloc") ;;
        *) same "$tool (kpipe) ...; librdkafka ...; MALLOC" "$output" ;;
        esac
    done
}
