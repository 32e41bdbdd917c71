# How kout writes to a topic, on a real broker: what lies on the wire and in the log.
load helper
load ../examples

# codecs TOPIC... : "TOPIC CODEC" of the batches as they lie in the log of partition 0.
codecs() {
    local class=org.apache.kafka.tools.DumpLogSegments topic files=
    [[ ${KAFKA_VERSION:-4} != 3.* ]] || class=kafka.tools.DumpLogSegments
    for topic; do
        files+=$(echo "$BATS_FILE_TMPDIR"/kafka/*/"$topic-0/00000000000000000000.log"),
    done
    "$broker" run "$BATS_FILE_TMPDIR/kafka" "$class" --files "${files%,}" 3>&- |
        sed -n 's/^Dumping .*\/\(.*\)-0\/.*/\1/; T batch; h; b
                :batch
                s/.*compresscodec: \([a-z0-9]*\).*/\1/; T; H; x; s/\n/ /p; s/ .*//; h' | sort -u
}

@test "-z: each codec is on the wire, stands over -X, and 10,000 keys come back" {
    local codec all=(none gzip snappy lz4 zstd)
    topic "${all[@]}" usual
    seq 10000 | awk '{print "k" $1 "\tvalue " $1}' >in
    for codec in "${all[@]}"; do
        kcat-in -K '\t' in | kout -z "$codec" -X compression.type=snappy -t "$codec"
        kcat-in -t "$codec" -e | kout -K '\t' | cmp in -
    done
    kcat-in in | kout -t usual
    for codec in "${all[@]}"; do echo "$codec $codec"; done >want
    echo 'usual none' >>want
    codecs "${all[@]}" usual | diff <(sort want) -
}

# at_least TOPIC N : it has so many. A transaction's last record can be seen a moment after its commit.
at_least() {
    [ "$(all "$1" | wc -l)" -ge "$2" ]
}

@test "--create makes the topic, as it says, where it is missing; makers may race" {
    local i started=()
    seq 100 | sed 's/.*/&=&/' | kcat-in -K = |
        kout --create 3,retention.ms=12345,cleanup.policy=compact,delete -t made
    same 100 "$(all made | wc -l)"
    "$broker" run "$BATS_FILE_TMPDIR/kafka" org.apache.kafka.tools.TopicCommand \
        --bootstrap-server "$KPIPE_BROKERS" --describe --topic made 3>&- >described
    grep -q 'PartitionCount: 3' described
    grep -q 'retention.ms=12345' described
    grep -q 'cleanup.policy=compact,delete' described
    for i in 1 2 3 4 5 6; do
        echo "$i" | kcat-in | kout --create 2 -t raced 3>&- &
        started+=($!)
    done
    for i in "${started[@]}"; do wait "$i"; done
    same "$(seq 6)" "$(all raced | sort)"
    kcat-in -g once -t raced -e | kout -x --create 2 -t raced-once
    wait_for 10 at_least raced-once 6
    same "$(seq 6)" "$(all raced-once | sort)"
    kcat-in <<<7 | kout --create 9 -t raced
    same "$(seq 7)" "$(all raced | sort)"
}

@test "--create: nothing is lost to leaders that are new" {
    seq 20 | kcat-in >x.kf
    for i in 1 2 3 4 5 6; do
        kout --create 3 -t "new$i" -X batch.num.messages=1 -X linger.ms=0 <x.kf
        same 20 "$(all "new$i" | wc -l)"
    done
}

@test "--create: of a topic that is new records are refused as of any other" {
    local once
    topic made-in:1 made-dead:1
    printf 'k=1\nno key\nk=2\n' | kcat-in -K = >x.kf
    kout -p 0 -t made-in <x.kf
    status 65 kout --create 1,cleanup.policy=compact -t made-0 <x.kf
    says 'kout: topic made-0/0: -:2, or one of the 2 that were refused with it: the broker refused it'
    kout --create 1,cleanup.policy=compact --on-error dlq:made-dead -t made-1 <x.kf 2>err
    kcat-in -g made -t made-in -e |
        kout -x --create 1,cleanup.policy=compact --on-error dlq:made-dead -t made-2 2>>err
    same 'kout: topic made-1: records refused: 1: in topic made-dead
kout: topic made-2: records refused: 1: in topic made-dead' "$(grep 'records refused' err)"
    for once in 1 2; do
        wait_for 10 at_least "made-$once" 2
        same '1 2' "$(all "made-$once" | xargs)"
    done
    same 'no key no key' "$(all made-dead | xargs)"
}

@test "--create: what cannot be made is 78 and says why" {
    kcat-in <<<x >x.kf
    status 78 kout --create 2,no.such=1 -t unmade <x.kf
    says 'kout: topic unmade: Unknown topic config name: no.such: mend what is set'
    status 66 kout --create 2 -t 'no/name' <x.kf
    status 66 kout -t unmade <x.kf
    same 'kout: topic unmade: does not exist: create it, or --create 4' "$stderr"
}

@test "--rate behind a group: the pipe is full, and its clean end short; with -x too" {
    local stopped count once pids=()
    topic slow-in:2 slow:1 slow-x:1
    seq 20000 | kcat-in | kout -p 1 -t slow-in
    for once in '' -x; do
        (kcat-in -g "rate$once" -t slow-in & echo $! >"pid$once"; wait $!) 2>>err 3>&- |
            kout $once --rate 200 -p 0 -t "slow$once" 3>&- &
        pids+=($!)
    done
    wait_for 20 at_least slow 300
    wait_for 20 at_least slow-x 300
    stopped=$(date +%s%3N)
    kill -TERM "$(cat pid)" "$(cat pid-x)"
    for once in "${pids[@]}"; do wait "$once"; done
    [ $(($(date +%s%3N) - stopped)) -le 3000 ]
    same '' "$(cat err)"
    for once in '' -x; do
        all "slow$once" >out
        count=$(wc -l <out)
        [ "$count" -lt 1500 ]
        seq "$count" | cmp out -
        same "$count" "$(committed "rate$once" slow-in)"
    done
}

# mixed N EVERY : N envelopes; of each EVERY one is large, and without a key where that is said.
mixed() {
    seq "$1" | awk -v every="$2" -v keyless="${3:-}" '{
        large = ""
        if ($1 % every == 0 && keyless == "")
            for (i = 0; i < 100; i++) large = large " and so on and on, and so on and on, and so on"
        printf "{\"key\":%s,\"payload\":\"%d%s\",\"ts\":%d,\"headers\":[\"h\",\"%d\"]}\n",
            $1 % every == 0 && keyless != "" ? "null" : "\"k" $1 % 7 "\"", $1, large, 1700000000000 + $1, $1
    }'
}

# numbers TOPIC : of its records, by partition, in their order.
numbers() {
    kcat-in -t "$1" -e | kout -f '%p %s\n' | awk '{print $1, $2}'
}

@test "a record that is refused is told with its place: 65" {
    topic refused:1 cleanup.policy=compact
    printf 'k:1\nno key\n' >in.txt
    status 65 bash -c 'kcat-in -K : in.txt | kout -t refused'
    says 'kout: topic refused/0: in.txt:2'
    says ': the broker refused it: a compacted topic wants a key in every record'
    same 1 "$(lines_of "$stderr")"
    topic from:1
    kcat-in -K : in.txt | kout -p 0 -t from
    status 65 bash -c 'kcat-in -g fail -t from -e | kout -x -t refused'
    says 'kout: topic refused/0: from/0@1'
    same '' "$(all refused)"
}

@test "--on-error skip: the others are there in order, each one left out is told" {
    local n
    topic some:3 max.message.bytes=3000
    mixed 3000 500 >in.json
    kcat-in -J in.json | kout --on-error skip -X batch.num.messages=50 -X message.max.bytes=20000 \
        -X queue.buffering.max.messages=70 -t some 2>err
    for n in 500 1000 1500 2000 2500 3000; do
        echo "kout: record $n: topic some: too large for the topic: left out"
    done | sort >want
    head -n 6 err | sort | diff want -
    same 'kout: topic some: records refused: 6: left out' "$(tail -n +7 err)"
    numbers some | sort -s -n -k 1,1 >got
    same 2994 "$(wc -l <got)"
    awk '$1 == p && $2 <= last {exit 1} {p = $1; last = $2}' got
}

@test "--on-error skip: what a record too large teaches is its size on the wire, to the byte" {
    local once
    topic near-in:1 near:1 max.message.bytes=1000 near-x:1 max.message.bytes=1000
    # the headers of the second are 1350 bytes in a stream; of the last two the smaller one is too large
    awk 'function bytes(n, c) {c = sprintf("%*s", n, ""); gsub(/ /, "x", c); return c}
        BEGIN {
            for (i = 0; i < 135; i++) headers = headers (i > 0 ? "," : "") "\"h\",\"v\""
            print "{\"key\":null,\"payload\":\"" bytes(1300) "\"}"
            print "{\"key\":null,\"payload\":\"small\",\"headers\":[" headers "]}"
            print "{\"key\":\"" bytes(70) "\",\"payload\":\"" bytes(860) "\"}"
            print "{\"key\":\"k\",\"payload\":\"" bytes(929) "\"}"
        }' >in.json
    kcat-in -J in.json | kout -t near-in
    kcat-in -J in.json | kout --on-error skip -t near 2>err
    kcat-in -g near -t near-in -e | kout -x --on-error skip -t near-x 2>>err
    same 6 "$(wc -l <err)"
    for once in '' -x; do
        same "$(printf '5\n929')" "$(kcat-in -t "near$once" -e | kout -f '%S\n')"
    done
}

@test "--on-error dlq: whole, and why, in the other topic; behind a group, committed" {
    topic some-in:2 keyed:2 cleanup.policy=compact some-dead:2
    mixed 2000 400 keyless >in.json
    kcat-in -J in.json | kout -t some-in
    kcat-in -g dlq -t some-in -e --commit-count 300 | kout --on-error dlq:some-dead -p same -t keyed 2>err
    same 6 "$(wc -l <err)"
    same 'kout: topic keyed: records refused: 5: in topic some-dead' "$(tail -n 1 err)"
    same 2000 "$(committed dlq some-in)"
    kcat-in -t some-in -e | kgrep -k . | kout -J | sed 's/"offset":[0-9]*,//; s/some-in/keyed/' | sort >want
    kcat-in -t keyed -e | kout -J | sed 's/"offset":[0-9]*,//' | sort | cmp want -
    kcat-in -t some-in -e | kgrep -v -k . | kout -f '%K %s %T %h,kpipe.topic=%t,kpipe.partition=%p,kpipe.offset=%o\n' |
        sed 's/$/,kpipe.refused.by=keyed,kpipe.error=INVALID_RECORD,kpipe.reason=the broker refused it/' |
        sort >want
    same 5 "$(wc -l <want)"
    kcat-in -t some-dead -e | kout -f '%K %s %T %h\n' | sort | diff want -
}

@test "--on-error dlq: a topic that is missing is 66, at the start; the same one is 64" {
    topic there:1
    kcat-in <<<x >x.kf
    status 66 kout --on-error dlq:nowhere -t there <x.kf
    same 'kout: topic nowhere: does not exist: create it, for records that are refused' "$stderr"
    same '' "$(all there)"
    status 64 kout --on-error dlq:there -t there <x.kf
    status 64 kout --on-error sometimes -t there <x.kf
    topic narrow:1 max.message.bytes=3000 narrower:1 max.message.bytes=3000
    mixed 1 1 >in.json
    status 65 bash -c 'kcat-in -J in.json | kout --on-error dlq:narrower -t narrow'
    says 'kout: record 1: topic narrow: too large for the topic: to topic narrower'
    says 'kout: topic narrower/0: record 1: too large for the topic: raise its max.message.bytes'
}

# whole : what can be seen of out and grave are all numbers up to a barrier's last, each once.
whole() {
    { numbers out; numbers grave; } | awk '{print $2}' | sort -n >seen
    local count
    count=$(wc -l <seen)
    seq "$count" | cmp -s - seen || return 1
    [ $((count % 20)) -eq 0 ]
}

@test "--on-error dlq with -x: one transaction, whatever is killed" {
    local pid before=0
    topic once-in:1 out:2 max.message.bytes=3000 grave:1
    mixed 400 20 | kcat-in -J | kout -t once-in
    for _ in 1 2 3; do
        (kcat-in -g bury -t once-in -e -X session.timeout.ms=6000 --commit-count 20 2>>err |
            kout -x --on-error dlq:grave -t out 2>>err) 3>&- &
        until [ "$(all out | wc -l)" -gt "$before" ] || ! kill -0 $! 2>/dev/null; do :; done
        pid=$(pgrep -P $! kout) || pid=
        [ -z "$pid" ] || kill -9 "$pid"
        wait $! || :
        wait_for 20 whole
        before=$(all out | wc -l)
    done
    kcat-in -g bury -t once-in -e --commit-count 20 | kout -x --on-error dlq:grave -t out 2>>err ||
        { tail err; false; }
    wait_for 10 whole
    same 400 "$(wc -l <seen)"
    same "$(seq 20 20 400)" "$(numbers grave | awk '{print $2}')"
    numbers out | sort -s -n -k 1,1 | awk '$1 == p && $2 <= last {exit 1} {p = $1; last = $2}'
    same 400 "$(committed bury once-in)"
}

@test "--on-error with -x: many in one barrier: it takes its rounds, says so once, and ends" {
    local rounds
    topic old-in:1 young:1 message.timestamp.before.max.ms=86400000
    seq 75 | awk -v now="$(date +%s)000" '{
        printf "{\"payload\":\"%d\",\"ts\":%s}\n", $1, $1 % 3 == 0 ? 1000000000000 + $1 : now
    }' | kcat-in -J | kout -t old-in
    kcat-in -g young -t old-in -e | kout -x --on-error skip -t young 2>err
    same 25 "$(grep -c '@[0-9]*: topic young: the broker refused it.*: left out' err)"
    # newer libraries hear from the broker which ones it were, and call it another error
    rounds=$(grep -q 'refused its timestamp' err && echo 1 || echo 0)
    same "$rounds" "$(grep -c 'topic young: a barrier has been begun 16 times' err)"
    same $((26 + rounds)) "$(wc -l <err)"
    seq 75 | awk '$1 % 3' | diff - <(all young)
    same 75 "$(committed young old-in)"
}

@test "--on-error with -x: a barrier beyond the spool: 75, and nothing of it" {
    topic much:1 little:1 max.message.bytes=3000
    mixed 3000 1000 | kcat-in -J | kout -t much
    status 75 bash -c 'kcat-in -g much -t much -e | kgrep . |
        kout -x --spool 64K --on-error skip -t little'
    says 'raise --spool'
}

@test "-x --on-error: a topic that takes no large batch has no batch cut, and no barrier written twice" {
    topic fine-in:1 fine:1 max.message.bytes=2000
    seq 20000 | kcat-in | kout -t fine-in
    kcat-in -g fine -t fine-in -e --commit-count 5000 | kout -x --on-error skip -t fine 2>err
    same '' "$(cat err)"
    same 20000 "$(kcat-in -t fine -e | kgrep -c '')"
    local end
    end=$(kpipe-adm --json topics | sed -n 's/.*"topic":"fine",.*"end":\([0-9]*\).*/\1/p')
    [ "$end" -lt 20100 ] # marks of transactions, and no aborted records
}

@test "every example on Apache Kafka gives exactly what it shows" {
    local list block
    all_blocks
    mapfile -t list < <(grep -l 'kafka:9092' -- */*)
    [ ${#list[@]} -ge 1 ]
    for block in "${list[@]}"; do
        sed -i "s/kafka:9092/$KPIPE_BROKERS/" "$block"
        (run_block "$PWD/$block" "$block")
    done
}
