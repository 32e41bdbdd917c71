# What can go wrong between the stages, the group and the broker: the scenes of chaos/network.py,
# zombies.py, signals.py and streams.py; each ends with the oracle's word. The broker is also behind
# a proxy that knows Kafka's frames.
load scenes

# bats test_tags=corner
@test "a commit that comes late ends nobody else's transaction, and without the rule it tears one" {
    scene late_commit
    scene late_commit_control
}

@test "offsets that come late set nothing back, and without the rule they do" {
    scene late_offsets
    scene late_offsets_control
}

@test "the broker acts and its answer is lost" {
    scene unanswered
}

@test "kout dies while its commit is in the network" {
    scene commit_in_the_network
}

# bats test_tags=corner
@test "what the client calls committed and has not sent is not acknowledged" {
    scene unsent
}

@test "a client library that is late with its answers" {
    scene slow_library
}

@test "offsets that are not stable for 20 s, and none only once" {
    scene unstable
}

# bats test_tags=corner
@test "a thousand commits make one instance of the producer" {
    scene healthy
}

@test "kout reads while it commits; a source answers while it cannot write" {
    scene reads_on answers
}

@test "at least once: a commit waits for the answer to the one before it" {
    scene --at-least-once one_commit
}

@test "zombies: a pipeline, a source, twins" {
    scene zombie_pipeline zombie_source twins
}

@test "expelled, or too late, with a transaction open" {
    scene lost_in_transaction transaction_timeout
}

@test "stopped and continued" {
    scene sleep
}

@test "signals to the source, to all, twice, to others" {
    scene signals not_the_source
}

@test "nothing, one record, whole barriers; an input of transactions" {
    scene amounts transactional_input
}

@test "streams that are cut, changed, sorted" {
    scene cut flipped sorted_in_between
}
