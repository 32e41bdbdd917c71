# shellcheck shell=bash
# What the parts share that count keys in Kafka: ours and Kafka Streams. After room.bash, line.bash.

ours="kcat-in -g n\$RUN -t A -t B -e | kcount --store counts --as be64 | kout -x -t out\$RUN"

# count_up : the topics A and B, each with half of the records, their keys skewed.
count_up() {
    local half=$((lines / 2))
    data log
    broker
    topic A:4 B:4
    head -n "$half" "$work/log.txt" | kcat-in -K '\t' | kout -t A
    tail -n +$((half + 1)) "$work/log.txt" | kcat-in -K '\t' | kout -t B
    kcat-in -t A -t B -e >/dev/null
    mawk -F '\t' '{n[$1]++} END {for (k in n) print k "\t" n[k]}' "$work/log.txt" |
        sort -S 25% | cksum >"$work/counts"
}

# counter STORE MODE THREADS [K=V]... : the same program in Kafka Streams, emitting as often as ours.
counter() {
    echo "Count A,B out\$RUN $1 all $(streams "$2" "$3") commit.interval.ms=100 ${*:4}"
}

# count_lines : sets commands; with QUICK, two of Kafka Streams.
count_lines() {
    local mode store small=${java/java /java -Xmx512m }
    commands=("kpipe, exactly once" "$ours")
    for mode in exactly_once_v2 at_least_once; do
        [ -z "${QUICK:-}" ] || [ $mode = exactly_once_v2 ] || return 0
        for store in memory rocksdb; do
            commands+=("Streams, $store, $mode, 2 threads" "$java $(counter $store $mode 2)")
        done
    done
    commands+=(
        "Streams, rocksdb, exactly_once_v2, 1 thread" "$java $(counter rocksdb exactly_once_v2 1)"
        "Streams tuned, memory, exactly_once_v2, 2 threads, -Xmx512m"
        "$small $(counter memory exactly_once_v2 2 "$streams_tuned" statestore.cache.max.bytes=104857600)"
        "Java loop, at least once, map lost" "$java Loop count A,B out\$RUN none 1000 c.group.id=l\$RUN"
    )
}

# updates FILE : Markdown of how many updates each emitted, as the check wrote them.
updates() {
    echo "Updates that were emitted: $(sort -u "$1" | paste -sd ';' | sed 's/\t/: /g; s/;/; /g')."
    echo
}
