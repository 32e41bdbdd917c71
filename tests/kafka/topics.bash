# shellcheck shell=bash disable=SC2154 # the broker script's variables
# A broker's topics: made, deleted, read.

# topic [NAME[:PARTITIONS] [K=V]...]...
topic() {
    local word refused name='' partitions=1 topics='' pairs=() made=()
    for word in "$@" ''; do
        if [[ $word = *=* ]]; then
            pairs+=("$word")
            continue
        fi
        if [ "$name" ]; then
            topics+=$(new_topic "$name" "$partitions" "${pairs[@]}")
            made+=("$name $partitions")
        fi
        name=${word%%:*} partitions=1 pairs=()
        [[ $word != *:* ]] || partitions=${word#*:}
    done
    refused=$(create_topics ${#made[@]} "$topics") || no_answer
    [ -z "$refused" ] || die 65 "${refused//$'\n'/; }"
    for word in "${made[@]}"; do
        # shellcheck disable=SC2086 # name and partitions
        until_true $((10 + ${word#* } / 10)) list_ends $word || die 69 "topic ${word% *}: made, but nobody leads it"
    done
}

# delete NAME...
delete() {
    local refused
    refused=$(delete_topics "$@") || no_answer
    [ -z "$refused" ] || die 65 "${refused//$'\n'/; }"
}

# dump TOPIC. The console consumer ends at no end of a topic, only after a silence: so it reads in a
# group of its own, and is told to end when that has committed the ends.
dump() {
    local reader group=broker-dump-$$ log=$dir/tmp/dump.$$
    count_partitions "$1" || no_answer
    [ "$count" -gt 0 ] || die 66 "topic $1: not there"
    list_ends "$1" "$count" || die 69 "topic $1: nobody leads it"
    console_consumer "$1" "$group" 2>"$log" &
    reader=$!
    trap 'kill $reader 2>/dev/null || :' EXIT
    until read_all "$group" "$1"; do
        process $reader
        [ "$born" ] || die 69 "topic $1: not read to its end: see $log"
        pause
    done
    kill $reader
    wait $reader || :
    trap - EXIT
    rm "$log"
    delete_group "$group" || no_answer
}

# read_all GROUP TOPIC: has the group committed every end?
read_all() {
    local i
    list_committed "$1" "$2" "$count" || no_answer
    for ((i = 0; i < count; i++)); do
        [ "${committed[i]}" -ge "${ends[i]}" ] || return 1
    done
}

# console_consumer TOPIC GROUP
console_consumer() {
    local word args=(--bootstrap-server "$host:$port" --topic "$1" --group "$2"
        --from-beginning --isolation-level read_committed)
    local formatter=--formatter-property consumer=--command-property
    [[ $version != 3.* ]] || formatter=--property consumer=--consumer-property
    for word in timestamp partition offset headers key value; do
        args+=("$formatter" "print.$word=true")
    done
    exec "${tool[@]}" org.apache.kafka.tools.consumer.ConsoleConsumer "${args[@]}" \
        $consumer auto.commit.interval.ms=100
}
