# From topic to topic through kdev: what kcat wrote, what kcat reads, and how both ends end.
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

@test "-e on an empty topic is an empty segment" {
    make "$(topic)"
    status 0 sh -c "kcat-in -t $(topic) -e | kout"
    same '' "$output"
}

@test "-n stops after so many" {
    seq 100 | write "$(topic)"
    same 7 "$(read_topic -t "$(topic)" -n 7 | kout | grep -c '')"
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
    {
        printf 'kpipe/1 records; read with kout\n\101\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0'
        printf '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0'
        printf '0123456789abcdefg\0\0\0\0\0\0\0'
    } >group.kf
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
    same 'kout: topic nosuch: does not exist: create it, e.g. kafka-topics.sh --create --topic nosuch' \
        "$stderr"
    run ! grep -q nosuch <(kcat -L -b "$KPIPE_BROKERS")
}

@test "a source's fault is the pipeline's" {
    make "$(topic)"
    status 66 sh -c "kcat-in -t nosuch -e | kout -t $(topic)"
    same 1 "$(lines_of "$stderr")"
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

@test "brokers that are not named are told with the remedy" {
    local want='no brokers: -b HOST:PORT, KPIPE_BROKERS or a profile; to try: kdev & export KPIPE_BROKERS=127.0.0.1:19092'
    kcat-in <<<x >x.kf
    unset KPIPE_BROKERS
    status 78 kcat-in -t t -e
    same "kcat-in: $want" "$stderr"
    KPIPE_BROKERS='' status 78 kout -t t <x.kf
    same "kout: $want" "$stderr"
}

@test "the versions name the client library" {
    for tool in kcat-in kout; do
        status 0 "$tool" --version
        case $output in
        "$tool (kpipe) "*"; librdkafka "*) ;;
        *) same "$tool (kpipe) ...; librdkafka ..." "$output" ;;
        esac
    done
}
