# What Kafka's other clients see of kout, and kcat-in of them.
load helper

# console TOPIC : the Java producer puts the lines of standard input there, KEY TAB VALUE.
console() {
    local class=org.apache.kafka.tools.ConsoleProducer
    [ "${KAFKA_VERSION:-4}" != 3.9.2 ] || class=kafka.tools.ConsoleProducer
    "$broker" run "$BATS_FILE_TMPDIR/kafka" "$class" --bootstrap-server "$KPIPE_BROKERS" \
        --topic "$1" --property parse.key=true 3>&- 2>console.err
}

# dump TOPIC : a line a record, as Kafka's console consumer has it, without partition and offset:
# kcat's partitioner is another one.
dump() {
    "$broker" dump "$BATS_FILE_TMPDIR/kafka" "$1" 3>&- | cut -f 1,4- | sort
}

# Of 1 to 40 bytes, some of them UTF-8.
keys() {
    awk 'BEGIN {
        srand(7)
        split("a b c d e f g h i j k l m n o p q r s t u v w x y z 0 1 2 3 - _ . ä ß € 漢 🙂", letters)
        for (i = 0; i < 10000; i++) {
            key = i
            for (n = int(rand() * 12); n > 0; n--)
                key = key letters[1 + int(rand() * 38)]
            print key "\t" i
        }
    }'
}

@test "10,000 keys go where the Java producer puts them" {
    topic java:7 ours:7
    keys >in
    console java <in
    kcat-in -K '\t' in | kout -t ours
    kcat-in -t java -e | kout -f '%p\t%k\t%s\n' | sort >want
    kcat-in -t ours -e | kout -f '%p\t%k\t%s\n' | sort >got
    same 10000 "$(wc -l <want)"
    [ "$(cut -f 1 want | sort -u | wc -l)" -eq 7 ]
    cmp want got
}

rich() { # rich TOPIC : what kcat can write
    kcat -P -b "$KPIPE_BROKERS" -t "$1" -k key -H one=1 -H two=2 -H one=3 <<<value
    kcat -P -b "$KPIPE_BROKERS" -t "$1" -K : -Z <<<$'tombstone:\n:null key\nplain:record'
    kcat -P -b "$KPIPE_BROKERS" -t "$1" -K : -p 2 <<<$'empty value:\n:empty key\n:'
    kcat -P -b "$KPIPE_BROKERS" -t "$1" -H only=header -z gzip <<<'no key'
}

@test "the console consumer and kcat read of kout what kcat wrote" {
    local format='%K:%k %S:%s %T %h\n'
    topic from:3 to:3
    rich from
    kcat-in -g copy -t from -e | kout -t to
    dump from >want
    dump to >got
    same 8 "$(wc -l <want)"
    cmp want got
    kcat -C -b "$KPIPE_BROKERS" -t from -e -q -f "$format" | sort >want
    kcat -C -b "$KPIPE_BROKERS" -t to -e -q -f "$format" | sort >got
    same 8 "$(wc -l <want)"
    cmp want got
}
