# Loaded by the tests on a real broker: one broker a file, topics of the test's own.
load ../helper

setup_file() {
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    export broker
    eval "$("$broker" start -p $$ "$BATS_FILE_TMPDIR/kafka" 3>&-)"
    export KPIPE_BROKERS=$BROKERS
}

teardown_file() {
    "$broker" stop "$BATS_FILE_TMPDIR/kafka" 3>&-
}

# topic NAME[:PARTITIONS] [K=V]... : makes topics.
topic() {
    "$broker" topic "$BATS_FILE_TMPDIR/kafka" "$@" 3>&-
}

# with_client : the newest client: $client is its library's folder, $python has confluent-kafka.
with_client() {
    client=$("$BATS_TEST_DIRNAME/../kafka/newest-client" 3>&-)
    export client python=${client%/*}/venv/bin/python3
}

# open_transaction TOPIC VALUE [KEY] : somebody else's, open in partition 0 with that record; a line to
# descriptor 9 commits it, its end aborts it. Process $!, which is waited for after that.
open_transaction() {
    [ -n "${python-}" ] || with_client
    rm -f go said
    mkfifo go
    "$python" "$BATS_TEST_DIRNAME/../kafka/transaction" "$KPIPE_BROKERS" "$@" <go >said 3>&- &
    exec 9>go
    wait_for 30 grep -q open said
}

# committed GROUP TOPIC : the sum of the group's committed offsets.
committed() {
    "$broker" run "$BATS_FILE_TMPDIR/kafka" \
        org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
        --bootstrap-server "$KPIPE_BROKERS" --describe --group "$1" 2>/dev/null 3>&- |
        awk -v t="$2" '$2 == t && $4 != "-" {n += $4} END {print n + 0}'
}

# all TOPIC : its values, committed records only.
all() {
    kcat-in -t "$1" -e | kout
}

# without HOLE COMMAND... : by tools that lack the rule that closes it (tests/without).
without() {
    PATH=$KPIPE_BUILD/without/$1:$PATH "${@:2}"
}
