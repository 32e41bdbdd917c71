# What moves around a pipeline: members, brokers, programs between its stages, a terminal's keys; a
# scene of chaos/moves.py a test.
load scenes

@test "members come and go every 2 s" {
    scene members_come_and_go
}

@test "partitions go between data and its barrier, and come back" {
    scene away_and_back
}

@test "a member that goes before it has been given anything" {
    scene leaves_with_nothing
}

@test "killed in a revoke, and at rest" {
    scene killed_in_a_revoke killed_at_rest
}

@test "a reader that stands still for longer than a transaction may be open" {
    scene stalled_reader
}

@test "calls that are interrupted" {
    scene interrupted
}

@test "programs between the stages, and stages that are not there" {
    scene programs_in_between missing
}

@test "the broker is killed, and back after 0, 5, 70 s" {
    scene broker_is_gone
}

# bats test_tags=corner
@test "the broker is killed in a commit, and back after 0, 5, 20, 70 s" {
    [ "${KAFKA_VERSION:-4.3.1}" = 3.9.2 ] || skip "Kafka 4.3.1 loses the transaction: KAFKA-20734"
    scene broker_is_gone_in_a_commit
}

@test "Ctrl-C at a terminal, in a shell's loop: all end, and each record is there once" {
    topic keys:2 keys-out:1
    seq 1000 | sed 's/^/ksql /' | kcat-in | kout -t keys
    status 130 timeout 60 python3 "$BATS_TEST_DIRNAME/../tool/terminal.py" run "sh -c '
        (until kcat-in -t keys-out -e | kout | grep -q KSQL; do :; done; echo there) &
        while :; do
            kcat-in -g keys -t keys --commit-interval 20ms | ktr a-z A-Z | kout -x -t keys-out
        done'" 'there>\x03'
    ! pgrep -f '^kcat-in -g keys' || return 1
    kcat-in -g keys -t keys -e | kout -x -t keys-out
    all keys-out | grep -o '[0-9]*' | sort -n | cmp - <(seq 1000)
    same 1000 "$(committed keys keys)"
}
