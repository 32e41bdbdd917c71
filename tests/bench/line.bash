# shellcheck shell=bash disable=SC2154 # room.bash's variables
# What the parts share that time the line from topic to topic: the topic log with keys and values, and
# the peers. Sourced after room.bash.

# line_up PATTERN : a broker with the topic log; for each run a new topic for the answer, which is
# checked against GNU's tools: keys and values, or the values where the label says "values only".
line_up() {
    export kept=$1 PACE_RECORDS=$lines PACE_BEFORE PACE_CHECK PACE_AFTER work
    local out='out$RUN'
    topic_up
    want
    PACE_BEFORE="'$kafka' topic '$work/kafka' $out:4"
    PACE_CHECK="./answer $out '$work'"
    PACE_AFTER="'$kafka' delete '$work/kafka' $out"
}

# topic_up : a broker with the topic log, whose code is compiled by then.
topic_up() {
    data log
    broker
    topic log:4
    load log "$work/log.txt"
    kcat-in -t log -e >/dev/null
}

# want : what the answer has to be.
want() {
    awk -F '\t' -v p="$kept" 'index($2, p) {print $1 "\t" toupper($2)}' "$work/log.txt" |
        sort -S 25% | cksum >"$work/keyed"
    awk -F '\t' -v p="$kept" 'index($2, p) {print toupper($2)}' "$work/log.txt" |
        sort -S 25% | cksum >"$work/values"
}

kcat_tuned() {
    reading="-X queued.min.messages=1000000 -X queued.max.messages.kbytes=1048576"
    reading+=" -X fetch.message.max.bytes=10485760 -X fetch.wait.max.ms=10"
    writing="-X queue.buffering.max.messages=1000000 -X queue.buffering.max.kbytes=1048576"
    writing+=" -X batch.num.messages=10000 -X linger.ms=20"
}

# pipes_of : sets commands to ours and those of the peers that are pipes, for $kept.
pipes_of() {
    local ours="kcat-in -g g\$RUN -t log -e | kgrep $kept | ktr a-z A-Z |"
    local read='kcat -C -q -b $KPIPE_BROKERS -t log -e' write='kcat -P -b $KPIPE_BROKERS -t out$RUN'
    local gnu="grep -a $kept | tr a-z A-Z"
    local awk="mawk -F '\\t' '\$2 ~ /$kept/ {print \$1 \"\\t\" toupper(\$2)}'"
    local reading writing
    kcat_tuned
    commands=(
        "kpipe, at least once" "$ours kout -t out\$RUN"
        "kcat, values only" "$read | $gnu | $write"
        "kcat tuned, values only" "$read $reading | $gnu | $write $writing"
        "kcat tuned, keys by mawk" "$read $reading -K '\\t' | $awk | $write $writing -K '\\t'"
    )
    kcl_line
    console_line
    commands+=("kpipe, exactly once" "$ours kout -x -t out\$RUN")
}

kcl_line() {
    local kcl='kcl -B $KPIPE_BROKERS --no-config-file'
    if kcl_there; then
        commands+=("kcl, values only"
            "$kcl consume log -n $lines | $gnu | $kcl produce out\$RUN -z none")
    else
        missing+=("kcl is not there: no Go, or its module cannot be had.")
    fi
}

# console_java : how Kafka's own scripts start its console tools, up to their class.
console_java() {
    local java='java -Xmx512M -server -XX:+UseG1GC -XX:MaxGCPauseMillis=20'
    java+=' -XX:InitiatingHeapOccupancyPercent=35 -XX:+ExplicitGCInvokesConcurrent'
    java+=" -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp '$KPIPE_CACHE/kafka-4.3.1/lib/*'"
    echo "$java org.apache.kafka.tools"
}

console_line() {
    local java
    java=$(console_java)
    commands+=("console tools, values only"
        "$java.consumer.ConsoleConsumer --bootstrap-server \$KPIPE_BROKERS --topic log \
--from-beginning --max-messages $lines 2>/dev/null | $gnu | \
$java.ConsoleProducer --bootstrap-server \$KPIPE_BROKERS --topic out\$RUN")
}

# streams_of : sets commands to ours and those of the Java peers, for $kept; with QUICK, of Kafka
# Streams with 2 threads.
streams_of() {
    local ours="kcat-in -g g\$RUN -t log -e | kgrep $kept | ktr a-z A-Z |"
    local mode threads
    java_up
    commands=("kpipe, at least once" "$ours kout -t out\$RUN")
    for mode in at_least_once exactly_once_v2; do
        [ "$mode" = at_least_once ] || commands+=("kpipe, exactly once" "$ours kout -x -t out\$RUN")
        for threads in 1 2; do
            [ -z "${QUICK:-}" ] || [ $threads = 2 ] || continue
            commands+=("Streams, $mode, $threads thread(s)"
                "$java Line log out\$RUN $kept $(streams $mode $threads)")
        done
        [ -z "${QUICK:-}" ] || continue
        commands+=("Streams tuned, $mode, 2 threads, -Xmx512m"
            "${java/java /java -Xmx512m } Line log out\$RUN $kept $(streams $mode 2) $streams_tuned")
        loop_line "$mode"
    done
}

# java_up : sets java, how a Java peer is started, with Java's defaults.
java_up() {
    peers=$(peers/build)
    java="java -Dorg.slf4j.simpleLogger.defaultLogLevel=error -cp '$peers'"
    streams_tuned='producer.linger.ms=100 producer.batch.size=131072 producer.buffer.memory=67108864'
    streams_tuned+=' consumer.max.poll.records=5000 consumer.fetch.min.bytes=100000'
    streams_tuned+=' consumer.max.partition.fetch.bytes=4194304 buffered.records.per.partition=10000'
}

# streams MODE THREADS : Kafka Streams' settings; all else is its default.
streams() {
    echo "application.id=s\$RUN state.dir=$work/streams processing.guarantee=$1 num.stream.threads=$2"
}

# loop_line MODE : the talk's loop; it commits as often as ours.
loop_line() {
    local interval=1000 set='c.group.id=l$RUN'
    [ "$1" = at_least_once ] || { interval=100 && set+=' p.transactional.id=l$RUN'; }
    commands+=("Java loop, $1" "$java Loop filter log out\$RUN $kept $interval $set")
    set+=' c.max.poll.records=5000 c.fetch.min.bytes=100000 p.linger.ms=100 p.batch.size=131072'
    commands+=("Java loop tuned, $1" "$java Loop filter log out\$RUN $kept $interval $set")
}

# line_part TITLE : what the parts do once commands are set.
line_part() {
    local text
    compare -t "$1" "$part" "${commands[@]}"
    for text in "${missing[@]}"; do printf '%s\n\n' "$text"; done
}
commands=() missing=()
