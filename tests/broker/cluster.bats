# Three brokers, topics of three replicas, and pipelines on two hosts, each in a network namespace of
# its own: brokers that are killed, and a host that is cut off. Left out where there are no namespaces.
load helper

setup_file() {
    export cluster=$BATS_TEST_DIRNAME/../kafka/cluster place=$BATS_FILE_TMPDIR/cluster
    attempt "$cluster" start -p $$ "$place" 3>&-
    [ "$status" -ne 77 ] || skip "${stderr#cluster: }"
    [ "$status" -eq 0 ] || {
        echo "$stderr"
        return 1
    }
    eval "$output"
    export KPIPE_BROKERS=$BROKERS
}

teardown_file() {
    [ ! -e "$place/net" ] || "$cluster" stop "$place" 3>&-
}

# chaos PROGRAM WORD... : on the hub, which reaches all; what it says is shown where it fails
chaos() {
    run "$cluster" run "$place" hub python3 "$BATS_TEST_DIRNAME/../chaos/$1" "$KPIPE_BROKERS" \
        "${@:2}" 3>&-
    [ "$status" -eq 0 ] || {
        printf '%s\n' "$output"
        return 1
    }
}

@test "exactly once on two hosts: who leads and who coordinates is killed, 0 lost, 0 again, in order" {
    chaos brokers.py --cluster "$place" --dir "$PWD/run" ${SEED:+--seed "$SEED"} --exactly-once \
        --kills 3
}

@test "at least once on two hosts: who leads and who coordinates is killed, 0 lost" {
    chaos brokers.py --cluster "$place" --dir "$PWD/run" ${SEED:+--seed "$SEED"} --kills 3
}

@test "a host is cut off in a transaction, for longer than it may last, and comes back" {
    chaos play.py --kafka "$place" ${SEED:+--seed "$SEED"} cut_off
}
