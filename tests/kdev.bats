# kdev: the broker in memory, its port, its topics, its ends.
# bats file_tags=slow
load helper

# serve OPTION... : kdev in the background, ready; its process in $kdev, its port in $port.
serve() {
    rm -f ready
    kdev "$@" >ready 2>err 3>&- &
    kdev=$!
    wait_for 10 grep -qs '^ready: ' ready
    port=$(sed -n 's/^ready: export KPIPE_BROKERS=127\.0\.0\.1://p' ready)
}

teardown() {
    [ -z "${kdev-}" ] || finish "$kdev"
}

finish() {
    kill -TERM "$1"
    wait "$1" 2>/dev/null || true
}

# ends N : what $kdev ends with.
ends() {
    local got=0
    wait "$kdev" || got=$?
    kdev=
    same "$1" "$got"
}

partitions() { # partitions TOPIC : as a client sees them
    kcat -b "127.0.0.1:$port" -L 2>/dev/null | sed -n "s/.*topic \"$1\" with \([0-9]*\) partitions.*/\1/p"
}

@test "the ready line can be used as it is" {
    serve -p 0 -t lines:3
    eval "$(sed 's/^ready: //' ready)"
    same "127.0.0.1:$port" "$KPIPE_BROKERS"
    echo hello | kcat -P -b "$KPIPE_BROKERS" -t lines
    same hello "$(kcat -C -b "$KPIPE_BROKERS" -t lines -e -q)"
}

@test "a port that is asked for is the port" {
    serve -p 0
    local free=$port
    kill -TERM "$kdev"
    ends 0
    serve -p "$free"
    same "$free" "$port"
}

@test "topics have the partitions that were asked for" {
    serve -p 0 -t one:1 -t a.b_c-D:7
    same 1 "$(partitions one)"
    same 7 "$(partitions a.b_c-D)"
}

@test "SIGTERM ends it with 0, silently" {
    serve -p 0 -t lines:1
    kill -TERM "$kdev"
    ends 0
    same '' "$(cat err)"
}

@test "SIGTERM ends it while clients are connected" {
    serve -p 0 -t lines:1
    kcat-in -b "127.0.0.1:$port" -t lines >out.kf 2>client.err 3>&- &
    local client=$!
    wait_for 10 grep -q lines out.kf
    kill -TERM "$kdev"
    ends 0
    finish "$client"
}

@test "SIGINT ends it as a signal does" {
    run python3 -c '
import signal, subprocess, sys
kdev = subprocess.Popen(["kdev", "-p", "0"], stdout=subprocess.PIPE,
                        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
kdev.stdout.readline()
kdev.send_signal(signal.SIGINT)
sys.exit(0 if kdev.wait() == -signal.SIGINT else 1)'
    same 0 "$status"
}

@test "a port in use is told" {
    serve -p 0
    status 69 kdev -p "$port"
    same "kdev: port $port: is in use, maybe by another kdev: choose another: -p PORT" "$stderr"
    same '' "$output"
}

@test "an unknown topic stays unknown" {
    serve -p 0 -t lines:1
    status 66 kcat-in -b "127.0.0.1:$port" -t nosuch -e
    printf 'x\n' | kcat-in >one.kf
    status 66 kout -b "127.0.0.1:$port" -t nosuch <one.kf
    same '' "$(partitions nosuch)"
}

@test "what would make a topic says that kdev has to" {
    serve -p 0 -t lines:1
    kcat-in <<<x | kout -b "127.0.0.1:$port" -t lines --create 4
    status 78 bash -c "kcat-in <<<x | kout -b 127.0.0.1:$port -t nosuch --create 4"
    same 'kout: topic nosuch: brokers without a controller make no topics: with kdev: kdev -t NAME:4' \
        "$stderr"
}

@test "a ready line that cannot be written is an error" {
    run --separate-stderr sh -c 'kdev -p 0 >/dev/full'
    same 74 "$status"
    says 'kdev: standard output: cannot write: No space left on device'
}

@test "mistakes are told in two lines" {
    for word in lines lines: :3 lines:0 lines:x lines:1001 'two words:1' .:1 ..:1; do
        status 64 kdev -p 0 -t "$word"
        says "kdev: -t $word: want NAME:PARTITIONS"
        same 2 "$(lines_of "$stderr")"
    done
    for word in x -1 65536; do
        status 64 kdev -p "$word"
        says "kdev: -p $word: want a port"
    done
    status 64 kdev lines:3
    status 64 kdev -p 0 -t twice:1 -t twice:1
}

@test "the version names the client library" {
    status 0 kdev --version
    case $output in
    'kdev (kpipe) '*'; librdkafka '*) ;;
    *) same 'kdev (kpipe) ...; librdkafka ...' "$output" ;;
    esac
}
