# Counts that survive anything, on a real broker: kcount --store behind kcat-in -g, before kout -x.
load helper
load counts

setup_file() {
    with_client
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    export broker
    eval "$("$broker" start -p $$ "$BATS_FILE_TMPDIR/kafka" 3>&-)"
    export KPIPE_BROKERS=$BROKERS
}

@test "the stream makes the table: Gwen, Matthias, Gwen, Viktor, in a run each" {
    topic duality:1 table:1
    local name
    for name in Gwen Matthias Gwen Viktor; do
        put duality "$name"
        count duality table -t duality
    done
    same "$(printf 'Gwen 1\nMatthias 1\nGwen 2\nViktor 1')" "$(kcat-in -t table -e | kout -K ' ')"
    same "$(printf 'Gwen 2\nMatthias 1\nViktor 1')" "$(replay duality-counts-changelog)"
}

@test "the talk's line over two topics: the last counts are an independent count's" {
    topic C:4 D:4 talk-out:3
    skewed 60000 1 | kcat-in -K '\t' | kout -t C
    skewed 40000 2 | kcat-in -K '\t' | kout -t D
    count talk talk-out -t C -t D
    exact talk counts talk-out C D
    skewed 20000 3 | kcat-in -K '\t' | kout -t D
    count talk talk-out -t C -t D
    exact talk counts talk-out C D
    same 60000 "$(committed talk C)"
}

@test "two topics that place their keys by different rules are told, and two that do not are not" {
    topic by-java:3 by-crc:3 too:3 places:1
    seq -f '%g:' 100 | kcat-in -K : | tee >(kout -t by-java) | kout -t too
    seq -f '%g:' 100 | kcat -P -b "$KPIPE_BROKERS" -t by-crc -K :
    count differ places -t by-java -t by-crc 2>err
    grep -q 'kcat-in: topics by-java and by-crc: place their keys by different rules' err
    same 1 "$(grep -c rules err)"
    count agree places -t by-java -t too 2>err
    same '' "$(cat err)"
}

@test "a task without a record has a beginning, too: its first one comes in a later run" {
    topic late:8 late-out:1
    put late a
    count late late-out -t late
    put late b c d e f g h i
    count late late-out -t late
    exact late counts late-out late
}

@test "the changelog is compacted, and made only where it is missing" {
    topic made:2 made-out:1
    put made a b
    count made made-out -t made
    "$broker" run "$BATS_FILE_TMPDIR/kafka" kafka.admin.ConfigCommand --bootstrap-server \
        "$KPIPE_BROKERS" --describe --entity-type topics --entity-name made-counts-changelog \
        2>/dev/null 3>&- | grep -q 'cleanup.policy=compact'
    topic own:2 own-out:1 own-counts-changelog:2 cleanup.policy=compact
    put own a a b
    count own own-out -t own
    exact own counts own-out own
}

@test "each stage killed in turn: exact" {
    topic killed:3 killed-out:2
    skewed 30000 4 | kcat-in -K '\t' | kout -t killed
    local stage pids before=0
    for stage in kout kcat-in kcount kout kcount kcat-in; do
        (kcat-in -g killed -t killed -e -X session.timeout.ms=6000 --commit-interval 5ms \
            --commit-count 200 2>err | kcount --store counts | kout -x -t killed-out 2>>err) 3>&- &
        until [ "$(all killed-out | wc -l)" -gt "$before" ]; do
            kill -0 $! 2>/dev/null || break
        done
        if pids=$(pgrep -P $! "$stage"); then kill -9 "$pids"; fi
        wait $! || :
        before=$(all killed-out | wc -l)
    done
    count killed killed-out -t killed
    exact killed counts killed-out killed
}

@test "cooperative: exact, too, and two topics are refused" {
    topic coop:3 coop-out:1 coop2:3
    put coop a b c a
    count coop coop-out -t coop -X partition.assignment.strategy=cooperative-sticky
    put coop a
    count coop coop-out -t coop -X partition.assignment.strategy=cooperative-sticky
    exact coop counts coop-out coop
    for way in cooperative-sticky roundrobin; do
        refused 78 '-X partition.assignment.strategy=range' "two-$way" coop-out -t coop -t coop2 \
            -X partition.assignment.strategy=$way
        same 0 "$(committed "two-$way" coop)"
    done
}

@test "two topics by KIP-848's uniform, and beside a member that assigns otherwise: 78" {
    topic mine:3 yours:3 parted-out:1
    put mine a b c
    LD_LIBRARY_PATH=$client refused 78 '-X group.remote.assignor=range' uniform parted-out \
        -t mine -t yours -X group.protocol=consumer -X group.remote.assignor=uniform
    kcat -b "$KPIPE_BROKERS" -X partition.assignment.strategy=roundrobin \
        -X enable.auto.commit=false -G parted mine yours >/dev/null 2>joined 3>&- &
    wait_for 30 grep -q assigned joined
    refused 78 'other members have partitions: all members must assign by range' \
        parted parted-out -t mine -t yours
    kill %% && wait %% || :
    same '' "$(all parted-out)"
}

@test "topics with different numbers of partitions, a pattern, a changelog of another size: 78" {
    topic two:2 three:3 odd-out:1 odd-counts-changelog:5 cleanup.policy=compact
    refused 78 'must be named and have equally many' uneven odd-out -t two -t three
    refused 78 'must be named and have equally many' pattern odd-out -t '^two'
    refused 78 "topic odd-counts-changelog: has 5 partitions, and the source's topics have 2" odd \
        odd-out -t two
}

@test "a changelog that is not compacted: 78" {
    topic plain:1 plain-out:1 plain-counts-changelog:1
    refused 78 'its cleanup.policy is delete, by which counts would be lost' plain plain-out -t plain
}

@test "offsets that were reset: 78, and nothing is counted twice" {
    topic reset:2 reset-out:1
    put reset a b a
    count reset reset-out -t reset
    "$broker" run "$BATS_FILE_TMPDIR/kafka" \
        org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server \
        "$KPIPE_BROKERS" --group reset --topic reset --reset-offsets --to-earliest --execute \
        >/dev/null 2>&1 3>&-
    refused 78 "its state is not of the group's offsets" reset reset-out -t reset
    exact reset counts reset-out reset
}

@test "offsets that are gone: 78" {
    topic gone:1 gone-out:1
    put gone a
    count gone gone-out -t gone
    "$broker" run "$BATS_FILE_TMPDIR/kafka" \
        org.apache.kafka.tools.consumer.group.ConsumerGroupCommand --bootstrap-server \
        "$KPIPE_BROKERS" --group gone --delete >/dev/null 2>&1 3>&-
    refused 78 'has state, and the group has no offsets for it' gone gone-out -t gone
}

@test "a changelog that was emptied: 78" {
    topic empty:1 empty-out:1
    put empty a
    count empty empty-out -t empty
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" delete empty-counts-changelog
    put empty a
    refused 78 "has no state for the group's offsets" empty empty-out -t empty
}

@test "a group that has read without the store: 78" {
    topic before:1 before-out:1
    put before a
    kcat-in -g before -t before -e | kout -x -t before-out
    put before a
    refused 78 "has no state for the group's offsets" before before-out -t before
}

@test "what something else wrote into the changelog: 78" {
    topic foreign:1 foreign-out:1
    put foreign a
    count foreign foreign-out -t foreign
    put foreign-counts-changelog a
    put foreign a
    refused 78 "has records that are not kpipe's" foreign foreign-out -t foreign
}

@test "a store needs kout -x behind it: 64; RESTORE and saved state at kout: 76" {
    topic lone:1 lone-out:1
    put lone a
    status 64 bash -c 'kcat-in -g lone -t lone -e | kcount --store counts | kout >>out'
    says 'it is kept by kout -x'
    status 64 bash -c 'kcat-in -g lone -t lone -e | kcount --store counts | kout -t lone-out'
    mkfifo in
    (kcat-in -g lone -t lone -e | kcount --store counts | tee saved | kout -x -t lone-out) 3>&-
    status 76 kout -x -t lone-out <saved
    status 76 kout --replay -t lone-out <saved
    says 'a saved stream with state in it cannot be replayed'
    status 76 bash -c 'kout --replay <saved'
    same "$(printf 'a 1')" "$(output lone-out)"
    exact lone counts lone-out lone
}

@test "a foreign transaction in the changelog holds the restore up, and does not cut it short" {
    topic held:1 held-out:1
    put held a b
    count held held-out -t held
    open_transaction held-counts-changelog 12345678 a
    put held a
    refused 75 'not restored in time: an open transaction may hide what comes there' held held-out \
        -t held --restore-timeout 1s
    # A terminal shows how far it is, and how much there is.
    TERM=xterm "$python" "$BATS_TEST_DIRNAME/../tool/terminal.py" run 'sh -c "
        kcat-in -g held -t held --restore-timeout 2s | kcount --store counts | kout -x -t held-out"' \
        >shown || same 75 $?
    grep -qE $'\r\33\\[Kkcat-in: [0-9]+ records of store counts restored, .* [0-9]+ %' shown
    count held held-out -t held 9>&- 3>&- &
    exec 9>&-
    wait
    exact held counts held-out held
}

@test "a new partition is told, and refused until the changelog has it" {
    topic grown:1 grown-out:1
    put grown a
    count grown grown-out -t grown
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" grow grown 2
    refused 78 "has 1 partition, and the source's topics have 2" grown grown-out -t grown
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" grow grown-counts-changelog 2
    put grown a
    count grown grown-out -t grown
    replay grown-counts-changelog
}

@test "Java reads --as be64 as Longs" {
    topic java:1 java-out:1
    put java a b a
    kcat-in -g java -t java -e | kcount --store counts --as be64 | kout -x -t java-out
    local property=--formatter-property
    [ "${KAFKA_VERSION:-4}" != 3.9.2 ] || property=--property
    "$broker" run "$BATS_FILE_TMPDIR/kafka" org.apache.kafka.tools.consumer.ConsoleConsumer \
        --bootstrap-server "$KPIPE_BROKERS" --topic java-out --from-beginning --max-messages 2 \
        "$property" print.key=true "$property" key.separator=' ' \
        "$property" value.deserializer=org.apache.kafka.common.serialization.LongDeserializer \
        2>/dev/null 3>&- | sort >got
    same "$(printf 'a 2\nb 1')" "$(cat got)"
}

@test "Kafka Streams' builder.table() reads --as be64: the same table" {
    topic streams-A:2 streams-B:2 streams-counts:3
    local kafka=$BATS_TEST_DIRNAME/../kafka classes
    classes=$("$kafka/streams" 3>&-)
    skewed 3000 5 | kcat-in -K '\t' | kout -t streams-A
    skewed 3000 6 | kcat-in -K '\t' | kout -t streams-B
    kcat-in -g streams -t streams-A -t streams-B -e --commit-count 1000 |
        kcount --store counts --as be64 | kout -x -t streams-counts
    timeout 60 java -cp "$classes" "$kafka/Table.java" streams-counts \
        "$(kcat-in -t streams-counts -e | kout -f '%k\n' | wc -l)" "bootstrap.servers=$KPIPE_BROKERS" \
        application.id=table "state.dir=$BATS_TEST_TMPDIR" 2>err 3>&- | sort >got
    truth streams-A streams-B >truth
    cmp got truth
    replay streams-counts-changelog | cmp - truth
}

kafka-topics.sh() {
    "$broker" run "$BATS_FILE_TMPDIR/kafka" org.apache.kafka.tools.TopicCommand "$@" \
        >>tool.log 2>&1 3>&-
}

kafka-consumer-groups.sh() {
    "$broker" run "$BATS_FILE_TMPDIR/kafka" \
        org.apache.kafka.tools.consumer.group.ConsumerGroupCommand "$@" >>tool.log 2>&1 3>&-
}

@test "kpipe(7): the line, a look at its counts, starting over, more partitions" {
    topic A:4 B:4 group-by-counts:3
    put A Gwen Matthias Gwen
    put B Viktor Gwen
    eval "$(shown 1 | sed 's/-t B/-t B -e/')"
    eval "$(shown 2)" >looked
    same "$(printf 'Gwen 3\nMatthias 1\nViktor 1')" "$(sort looked)"
    put A Gwen
    eval "$(shown 3)"
    eval "$(shown 1 | sed 's/-t B/-t B -e/')"
    exact n counts group-by-counts A B
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" grow A 8
    "$python" "$BATS_TEST_DIRNAME/../kafka/admin" "$KPIPE_BROKERS" grow B 8
    status 78 bash -c "$(shown 1 | sed 's/-t B/-t B -e/')"
    eval "$(shown 4)"
    put A Peggy
    eval "$(shown 1 | sed 's/-t B/-t B -e/')"
    replay n-counts-changelog | grep -qx 'Peggy 1'
}
