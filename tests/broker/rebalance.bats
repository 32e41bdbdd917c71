# Members that come and go on a real broker, under each group protocol, at least and exactly once.
load helper

# fill TOPIC N : N records, keyed.
fill() {
    seq "$2" | awk '{print "k" $1 % 50 "\t" $1}' | kcat-in -K '\t' | kout -t "$1"
}

newest() { # whether the client library has KIP-848
    kcat-in --version | grep -Eq 'librdkafka 2\.(1[2-9]|[2-9][0-9])\.'
}

# again COMMAND... : and again where it is 75: a generation may move between grant and commit.
again() {
    local status=75
    while [ "$status" -eq 75 ]; do
        status=0
        "$@" || status=$?
    done
    return "$status"
}

once() { # once GROUP IN OUT KOUT-OPTION...
    local group=$1 in=$2 out=$3
    shift 3
    kcat-in -g "$group" -t "$in" "${protocol[@]}" --commit-interval 20ms --commit-count 100 2>>err |
        ktr x y | kout "$@" -t "$out" 2>>err
}

# line GROUP IN OUT KOUT-OPTION... : a line in the background; PID in $line. Without end, but for -e.
line() {
    (exec 3>&-; again once "$@") &
    line=$!
}

until_has() { # until_has TOPIC N
    until [ "$(all "$1" | wc -l)" -ge "$2" ]; do :; done
}

# Two lines in turn join and leave while records come; all of it is there, in order by key.
come_and_go() { # come_and_go NAME KOUT-OPTION...
    local name=$1 first second round
    shift
    topic "$name:4" "$name-out:4"
    fill "$name" 1000
    line "$name" "$name" "$name-out" "$@"
    first=$line
    until_has "$name-out" 1000
    for round in 1 2 3; do
        line "$name" "$name" "$name-out" "$@"
        second=$line
        fill "$name" 1000
        until_has "$name-out" $((round * 2000))
        until pkill -TERM -P "$first" kcat-in || ! kill -0 "$first"; do :; done
        wait "$first"
        fill "$name" 1000
        until_has "$name-out" $((round * 2000 + 1000))
        first=$second
    done
    until pkill -TERM -P "$first" kcat-in || ! kill -0 "$first"; do :; done
    wait "$first"
    all "$name-out" | sort -n >got
    same 7000 "$(committed "$name" "$name")"
}

all_once() { # all_once : got has 1 to 1000 seven times, nothing else
    for _ in 1 2 3 4 5 6 7; do seq 1000; done | sort -n | cmp - got
}

@test "eager: two lines come and go, exactly once" {
    protocol=(-X session.timeout.ms=6000 -X partition.assignment.strategy=range)
    come_and_go eager -x
    all_once
}

# bats test_tags=corner
@test "cooperative-sticky: two lines come and go, exactly once" {
    protocol=(-X session.timeout.ms=6000 -X partition.assignment.strategy=cooperative-sticky)
    come_and_go coop -x
    all_once
}

@test "cooperative-sticky: the same, at least once, and nothing twice in a clean rebalance" {
    protocol=(-X session.timeout.ms=6000 -X partition.assignment.strategy=cooperative-sticky)
    come_and_go coopal
    all_once
}

# bats test_tags=corner
@test "group.protocol=consumer: two lines come and go, exactly once" {
    newest || skip "librdkafka 2.12 and newer"
    protocol=(-X group.protocol=consumer)
    come_and_go kip -x
    all_once
}

@test "a static member: the next run of its name goes on at once" {
    protocol=(-X group.instance.id=here)
    topic static:2 static-out:1
    fill static 1000
    kcat-in -g static -t static "${protocol[@]}" -n 500 | kout -x -t static-out
    kcat-in -g static -t static "${protocol[@]}" -e | kout -x -t static-out
    all static-out | sort -n | cmp - <(seq 1000)
    same 1000 "$(committed static static)"
}

@test "members of two minds about the protocol: 78" {
    protocol=(-X session.timeout.ms=6000 -X partition.assignment.strategy=range)
    topic minds:2 minds-out:1
    fill minds 10
    line minds minds minds-out
    until_has minds-out 10
    status 78 bash -c 'kcat-in -g minds -t minds -X partition.assignment.strategy=cooperative-sticky | kout'
    says 'group minds: its members use another partition.assignment.strategy'
    says 'set the same for all'
    pkill -TERM -P "$line" kcat-in
    wait "$line"
}
