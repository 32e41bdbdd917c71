# What the pipeline promises, under fire: kill -9 at random and aimed, judged by an oracle that shares
# no code with the tools. The seed decides; a failure prints it: SEED=N runs it again. `make soak`
# goes on for longer.
load helper

chaos=$BATS_TEST_DIRNAME/../chaos

# Twice as many on what most have: Kafka 4.3.1 and Debian's client.
portion() { # portion N
    case ${KAFKA_VERSION:-4.3.1}${LD_LIBRARY_PATH:-} in
    4.3.1) echo "$1" ;;
    *) echo $(($1 / 2)) ;;
    esac
}

kills() { # kills N WORD... : the run, and then faults planted in what it left
    local number=$1
    shift
    python3 "$chaos/kill.py" "$KPIPE_BROKERS" --kills "$number" --dir "$PWD/run" \
        ${SEED:+--seed "$SEED"} "$@" 3>&-
    local plants=plant.py
    case " $* " in *' --store '*) plants=plant_tables.py ;; esac
    python3 "$chaos/$plants" run/history >planted || {
        grep '^not ok' planted
        return 1
    }
}

aimed() { # aimed WORD... : what chaos/aim.py finds wrong
    python3 "$chaos/aim.py" "$KPIPE_BROKERS" "$@" >aimed 3>&- || {
        grep -A 10 '^not ok' aimed
        return 1
    }
}

# bats test_tags=corner
@test "exactly once: kill -9 at random: 0 lost, 0 again, each barrier whole or absent" {
    kills "$(portion 30)" --exactly-once
}

# bats test_tags=corner
@test "exactly once, static members: kill -9 at random" {
    kills "$(portion 30)" --exactly-once --static
}

@test "counts of two topics: kill -9 at random: state, output and offsets agree at every barrier" {
    kills "$(portion 50)" --store
}

@test "at least once: kill -9 at random: 0 lost, again only what was not committed" {
    kills "$(portion 16)"
}

@test "at least once, static members: kill -9 at random" {
    kills "$(portion 16)" --static
}

# bats test_tags=corner
@test "exactly once: each stage dies at each point of the commit path" {
    aimed --exactly-once
    [ "$(grep -c '^ok' aimed)" -ge 31 ]
}

@test "counts of two topics: each stage dies at each point of restore, state, marker, commit" {
    aimed --store
    [ "$(grep -c '^ok' aimed)" -ge 23 ]
}

@test "at least once: each stage dies at each point of the commit path" {
    aimed
    [ "$(grep -c '^ok' aimed)" -ge 20 ]
}

@test "exactly once: kout dies at 30 of its system calls" {
    aimed --exactly-once --sweep 30
}
