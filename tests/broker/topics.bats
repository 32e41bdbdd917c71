# What becomes of topics, and of their readers, while they are read; and brokers that are none.
load scenes

setup_file() {
    proxied
    with_client
}

# What a failed test has left running.
teardown() {
    local pid
    for pid in $(jobs -p); do
        kill -TERM -- "$pid" 2>/dev/null || true
    done
}

admin() { # see tests/kafka/admin
    local what=$1
    shift
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" "$what" "$@"
}

write() { # write TOPIC PARTITION : the lines of standard input
    kcat -P -b "$KPIPE_BROKERS" -t "$1" -p "$2"
}

# follow ARG... : kcat-in ARG... | kout in the background, into out; its stderr in err, then the
# statuses in ended.
follow() {
    : >out
    {
        set +e
        timeout 100 kcat-in "$@" 2>err | kout >>out
        echo "${PIPESTATUS[*]}" >ended
    } 3>&- &
}

# ends STATUSES TEXT : it has them, and TEXT is in what it said.
ends() {
    wait $!
    same "$1" "$(cat ended)"
    stderr=$(cat err)
    says "$2"
}

zero() { # one record into partition 0: has it come out?
    echo zero | write grow 0
    grep -q zero out
}

@test "partitions that are added are read, all of what is in them" {
    topic grow:1
    follow -t grow -o end
    wait_for 20 zero
    admin grow grow 3
    echo one | write grow 1
    echo two | write grow 2
    wait_for 20 grep -q two out
    admin grow grow 4
    echo three | write grow 3
    wait_for 20 grep -q three out
    same $'one\nthree\ntwo\nzero' "$(sort -u out)"
    kill -TERM "$(pgrep -f '^kcat-in -t grow -o end$')"
    ends '143 143' ''
}

@test "partitions that are named stay these" {
    topic named:2
    echo mine | write named 1
    follow -t named:1 -n 2
    admin grow named 4
    seq 2 | write named 3
    wait_for 20 grep -q mine out
    echo mine too | write named 1
    ends '0 0' ''
    same $'mine\nmine too' "$(cat out)"
}

@test "topics that come to match are read; none may be there at first" {
    follow -t '^fresh-' -o end -n 2
    admin create fresh-a 2
    echo a | write fresh-a 1
    wait_for 20 grep -q a out
    admin create fresh-b 1
    echo b | write fresh-b 0
    ends '0 0' ''
    same $'a\nb' "$(cat out)"
}

has_read() { # has_read LINE : the reader has put it, or has ended
    [ -s ended ] || grep -qx "$1" out
}

# again TOPIC ARG... : TOPIC is made again, ever longer, until its reader has noticed: kcat-in ARG...
# It can when it has asked for the log once. It may also come upon the moment in which there is none.
again() {
    local topic=$1 records=20
    shift
    topic "$topic:1"
    seq 5 | write "$topic" 0
    follow "$@"
    wait_for 20 has_read 5
    while [ ! -s ended ]; do
        admin renew "$topic" "$records"
        wait_for 30 has_read "new $((records - 1))"
        records=$((records + 20))
    done
    wait $!
    stderr=$(cat err)
    case $(cat ended) in
    '75 75') says "topic $topic/0: was deleted" ;; # and made again; or what was to come
    *)
        same '66 66' "$(cat ended)"
        says "topic $topic"
        ;;
    esac
}

@test "a topic that is made again, and longer than it was, is not read on in its middle" {
    again renewed -t renewed
}

@test "a topic that is made again under a group's member" {
    again member -g member -t member
}

@test "the same where the leader is far away" {
    order rule far 2 answer hold ms=300 client=far
    again far -b "$PROXY" -X client.id=far -g far -t far
    [ "$(order hits far)" -ge 3 ]
    order release far
}

@test "a topic that is made again and shorter" {
    topic shorter:1
    seq 5 | write shorter 0
    follow -t shorter
    wait_for 20 grep -q 5 out
    admin renew shorter 2
    wait $!
    [ "$(cat ended)" = '75 75' ] || same '66 66' "$(cat ended)"
    stderr=$(cat err)
    says 'topic shorter'
    same 5 "$(lines_of "$(cat out)")"
}

@test "a topic that is deleted under way ends its readers, in a group or not, with 66" {
    topic gone:1 left:1
    seq 5 | write gone 0
    seq 5 | write left 0
    follow -t gone
    wait_for 20 grep -q 5 out
    admin delete gone
    ends '66 66' 'topic gone'
    follow -g left -t left
    wait_for 20 grep -q 5 out
    admin delete left
    ends '66 66' 'topic left'
}

@test "records that are deleted before they are read are told, and not skipped" {
    topic slow:1
    yes "$(printf '%01000d' 0)" | head -20000 | write slow 0
    mkfifo release
    {
        set +e
        timeout 100 kcat-in -t slow -X queued.min.messages=1 -X queued.max.messages.kbytes=512 \
            -X fetch.message.max.bytes=65536 2>err |
            { dd bs=4096 count=1 iflag=fullblock of=first 2>/dev/null; cat first release; cat; } |
            kout >out
        echo "${PIPESTATUS[*]}" >ended
    } 3>&- &
    wait_for 20 test -s first
    admin cut slow 20000
    : >release
    ends '75 0 75' 'was deleted before it was read'
}

@test "no broker, in a group too, is 69 in seconds; a wrong topic is 66" {
    status 69 timeout 20 bash -c 'kcat-in -b 127.0.0.1:1 -g g -t t -e | kout'
    says 'cannot be reached'
    status 66 timeout 20 bash -c 'kcat-in -g g -t nosuch -e | kout'
    says 'topic nosuch: does not exist'
    status 66 timeout 20 bash -c 'kcat-in -g g -t nosuch | kout'
    says 'topic nosuch: does not exist'
}

@test "Kafka's own topics can be read, not written" {
    topic own:1
    echo x | write own 0
    kcat-in -g own -t own -e | kout >/dev/null
    kcat-in -t __consumer_offsets -e | kgrep -c . >count
    [ "$(cat count)" -gt 0 ]
    status 66 bash -c 'echo x | kcat-in | kout -t __consumer_offsets'
    says "is one of Kafka's own"
}

# The last one: it takes the broker away.
@test "a broker that comes back is read on; while it says nothing, --idle is not over" {
    topic back:1
    echo before | write back 0
    follow -t back -t '^back' -n 2
    wait_for 20 grep -q before out
    "$broker" kill "$BATS_FILE_TMPDIR/kafka" 3>&-
    "$broker" restart -p $$ "$BATS_FILE_TMPDIR/kafka" 3>&- >/dev/null
    echo after | write back 0
    ends '0 0' ''
    same $'before\nafter' "$(cat out)"
    follow -t back --idle 1s
    wait_for 20 grep -q after out
    kill -STOP "$(cat "$BATS_FILE_TMPDIR/kafka/pid")"
    ends '69 69' 'no answer from the broker'
    kill -CONT "$(cat "$BATS_FILE_TMPDIR/kafka/pid")"
}
