# The test broker itself. KAFKA_VERSION names the version, as for the script.

bats_require_minimum_version 1.5.0

setup_file() {
    export broker=$BATS_TEST_DIRNAME/broker shared=$BATS_FILE_TMPDIR/shared BROKERS
    eval "$("$broker" start "$shared")"
}

teardown_file() { "$broker" stop "$shared"; }

setup() { dir=$BATS_TEST_TMPDIR/b; }

teardown() {
    [ -z "${started-}" ] || kill -9 "$started" || :
    [ ! -e "$dir/broker" ] || "$broker" kill "$dir"
}

# within_20_s COMMAND...
within_20_s() {
    local end=$((SECONDS + 20))
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        sleep 0.1
    done
}

is_gone() { ! kcat -L -b "$BROKERS" | grep -q "topic \"$1\""; }

produce() { kcat -P -b "$BROKERS" -t "$@"; }
consume() { kcat -C -q -e -b "$BROKERS" -t "$@"; }

# transact TOPIC OPTION...: Kafka's own producer, 100 records a second; by exec, to be killed
transact() {
    exec "$broker" run "$shared" org.apache.kafka.tools.ProducerPerformance --topic "$1" \
        --record-size 10 --throughput 100 --transactional-id "$1" \
        --producer-props bootstrap.servers="$BROKERS" "${@:2}" >/dev/null 2>&1 3>&-
}

@test "a record comes back with all it carries" {
    "$broker" topic "$shared" whole:3
    printf 'k\tv\n' | produce whole -K '\t' -p 2 -H a=1 -H a=2
    run -0 "$broker" dump "$shared" whole
    [[ $output = CreateTime:* ]]
    [ "${output#*$'\t'}" = $'Partition:2\tOffset:0\ta:1,a:2\tk\tv' ]
    run -0 consume whole -f '%p %o %h %k %s\n'
    [ "$output" = '2 0 a=1,a=2 k v' ]
}

@test "several topics are made at once, each with its own properties" {
    "$broker" topic "$shared" one two:4 cleanup.policy=compact retention.ms=7000 three:2
    run -0 "$broker" run "$shared" org.apache.kafka.tools.TopicCommand \
        --bootstrap-server "$BROKERS" --describe
    grep -q $'Topic: one\t.*PartitionCount: 1\t' <<<"$output"
    grep -q $'Topic: two\t.*PartitionCount: 4\t.*cleanup.policy=compact.*' <<<"$output"
    grep -q $'Topic: two\t.*retention.ms=7000' <<<"$output"
    grep -q $'Topic: three\t.*PartitionCount: 2\t' <<<"$output"
    run ! grep $'Topic: three\t.*retention.ms' <<<"$output"
}

@test "topics are deleted; one that is not there is said, status 65" {
    "$broker" topic "$shared" gone going
    "$broker" delete "$shared" gone going
    within_20_s is_gone gone
    run -65 "$broker" delete "$shared" going
    [ "$output" = 'broker: topic going: not deleted: 3' ]
}

@test "a topic that cannot be made is said, status 65" {
    "$broker" topic "$shared" twice
    run -65 "$broker" topic "$shared" twice
    [ "$output" = "broker: topic twice: Topic 'twice' already exists." ]
    run -65 "$broker" topic "$shared" odd no.such.property=1
    [[ $output = 'broker: topic odd: '*no.such.property* ]]
}

@test "no topic is made by use" {
    kcat -L -b "$BROKERS" -t unmade
    run -66 "$broker" dump "$shared" unmade
}

@test "an empty topic is dumped as nothing" {
    "$broker" topic "$shared" empty:2
    run -0 "$broker" dump "$shared" empty
    [ -z "$output" ]
}

@test "a dump has every record, once, and leaves no group" {
    "$broker" topic "$shared" many:4
    seq 20000 | produce many -p -1
    "$broker" dump "$shared" many | cut -f 6 | sort -n | cmp - <(seq 20000)
    run -0 "$broker" run "$shared" org.apache.kafka.tools.consumer.group.ConsumerGroupCommand \
        --bootstrap-server "$BROKERS" --list
    [[ $output != *broker-dump* ]]
}

@test "a dump ends behind a commit marker" {
    "$broker" topic "$shared" marked
    (transact marked --num-records 10 --transaction-duration-ms 50)
    run -0 "$broker" dump "$shared" marked
    [ "${#lines[@]}" = 10 ]
}

@test "a dump ends before an open transaction" {
    "$broker" topic "$shared" open
    produce open <<<before
    transact open --num-records 100000 --transaction-duration-ms 1000000 &
    kcat -C -q -c 6 -b "$BROKERS" -t open -X isolation.level=read_uncommitted
    produce open <<<behind
    kill -9 $!
    run -0 "$broker" dump "$shared" open
    [ "${#lines[@]}" = 1 ]
    [[ $output = *before ]]
}

@test "what was there is there after kill and restart, and after stop and restart" {
    eval "$("$broker" start "$dir")"
    address=$BROKERS
    "$broker" topic "$dir" kept:2
    seq 1000 | produce kept -p -1
    for end in kill stop; do
        "$broker" "$end" "$dir"
        run ! kcat -b "$BROKERS" -L -m 1
        eval "$("$broker" restart "$dir")"
        [ "$BROKERS" = "$address" ]
        consume kept | sort -n | cmp - <(seq 1000)
    done
}

@test "two brokers do not meet" {
    eval "$("$broker" start "$dir" log.retention.ms=12345)"
    [ "$(<"$dir/pid")" != "$(<"$shared/pid")" ]
    run -0 grep -h cluster.id "$dir/data/meta.properties" "$shared/data/meta.properties"
    [ "${lines[0]}" != "${lines[1]}" ]
    "$broker" topic "$dir" here
    run -66 "$broker" dump "$shared" here
}

# The broker's processes are gone, and what start made.
left_nothing() {
    [ ! -e "$dir" ] && ! pgrep -f "$dir/broker.properties" && ! pgrep -f "watch $dir"
}

# shellcheck disable=SC2016 # of the inner shell
calling='"$1" start "$2" && exec sleep infinity'

@test "a killed caller takes the broker along" {
    bash -c "$calling" - "$broker" "$dir" >"$dir.out" 3>&- &
    started=$!
    within_20_s grep BROKERS "$dir.out"
    pgrep -f "$dir/broker.properties"
    kill -9 $started
    within_20_s left_nothing
}

@test "a killed caller that nobody waits for takes the broker along" {
    bash -c 'bash -c "$1" - "$2" "$3" & echo $! && exec sleep infinity' \
        - "$calling" "$broker" "$dir" >"$dir.out" 3>&- &
    started=$!
    within_20_s grep BROKERS "$dir.out"
    kill -9 "$(head -n 1 "$dir.out")"
    within_20_s left_nothing
}

@test "a killed watcher takes the broker along" {
    "$broker" start "$dir"
    kill -9 "$(<"$dir/watcher")"
    within_20_s [ ! -e "/proc/$(<"$dir/pid")" ]
}

@test "a start in \$( ) or by run lasts as long as the test" {
    run -0 "$broker" start "$dir"
    sleep 1 # ten rounds of the watcher
    kill -0 "$(<"$dir/pid")"
}

# Kafka 4 refuses librdkafka 2.0.2 by SCRAM, so it is the newest that shows it.
@test "SASL and TLS let in who knows the password" {
    LD_LIBRARY_PATH=$("$BATS_TEST_DIRNAME/newest-client")
    export LD_LIBRARY_PATH
    eval "$("$broker" start -s "$dir")"
    "$broker" topic "$dir" secret
    produce secret <<<here
    for mechanism in PLAIN SCRAM-SHA-256 SCRAM-SHA-512; do
        login=(-X security.protocol=SASL_SSL -X ssl.ca.location="$SASL_CA"
            -X sasl.mechanism="$mechanism" -X sasl.username=kpipe)
        BROKERS=$SASL_BROKERS
        run -0 consume secret "${login[@]}" -X sasl.password=kpipe-secret
        [ "$output" = here ]
    done
    run ! kcat -L -m 3 -b "$BROKERS" "${login[@]}" -X sasl.password=wrong
}

@test "what is wrong is said in one line" {
    run -64 "$broker"
    run -64 "$broker" stop
    run -64 "$broker" start -V 1.0.0 "$dir"
    [ "$output" = 'broker: 1.0.0: not one of the tested versions: 4.3.1 or 3.9.2' ]
    run -66 "$broker" stop "$dir"
    [ "$output" = "broker: $dir: no broker was started here: broker start $dir" ]
    run -64 "$broker" start "$shared"
    mkdir "$dir.bin"
    for tool in bash cat cmp; do ln -s "$(command -v $tool)" "$dir.bin"; done
    PATH=$dir.bin run -69 "$broker" start "$dir"
    [ "$output" = 'broker: java: not found: apt-get install default-jre-headless maven' ]
}

@test "a broker that does not come up says why" {
    run -69 "$broker" start "$dir" offsets.topic.num.partitions=none
    [[ $output = 'broker: Kafka '*': did not come up: '*'Invalid value none'* ]]
    [[ $output = *": see $dir/broker.log" ]]
    [ "${#lines[@]}" = 1 ]
}

@test "help is the page at the top" {
    run -0 "$broker" help
    [[ ${lines[0]} = 'broker: a real Apache Kafka'* ]]
    [[ ${lines[-1]} != *'set -eu'* ]]
}
