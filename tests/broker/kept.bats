# Counts that are kept: what each rule is for (tests/README.md has the holes), and scenes of members
# that come and go. chaos/tables.py judges.
load helper

setup_file() {
    with_client
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    export broker
    eval "$("$broker" start -p $$ "$BATS_FILE_TMPDIR/kafka" log.cleaner.backoff.ms=200 3>&-)"
    export KPIPE_BROKERS=$BROKERS
}

kept() { # kept SCENE... : played, and nothing wrong with it
    run python3 "$BATS_TEST_DIRNAME/../chaos/kept.py" "$KPIPE_BROKERS" "$@" 3>&-
    [ "$status" -eq 0 ] || {
        printf '%s\n' "$output"
        return 1
    }
}

put() { # put TOPIC KEY... : a record for each
    printf '%s\tv\n' "${@:2}" | kcat-in -K '\t' | kout -t "$1"
}

count() { # count TOPIC : a bounded run
    kcat-in -g "$1" -t "$1" -e | kcount --store counts | kout -x -t "$1-out"
}

# judge TOPIC : the oracle's word on its counts.
judge() {
    python3 "$BATS_TEST_DIRNAME/../chaos/tables.py" "$KPIPE_BROKERS" "$1" counts "$1-out" "$1"
}

# wrong TOPIC : the last counts are wrong, says the oracle.
wrong() {
    run judge "$1"
    grep -qE ' [1-9][0-9]* last' <<<"$output" || {
        printf '%s\n' "$output"
        return 1
    }
}

@test "H1: a task whose partitions go to two members" {
    kept parted
}

@test "H3: offsets that did not move; a sink that sleeps and wakes when others have its tasks" {
    kept moved_only sink_asleep
}

@test "H5: offsets that were reset" {
    topic set:1 set-out:1
    put set a b a
    count set
    kpipe-adm -g set reset beginning --yes
    run count set
    same 78 "$status"
    same "a 2 b 1" "$(kcat-in -t set-out -e | kout -K ' ' | sort | xargs)"
    without H5 count set
    wrong set
}

@test "H6: a store at least once" {
    kept old_writer
}

@test "H7: what was saved of a stream with state" {
    topic saved:1 saved-out:1
    put saved a b a
    kcat-in -g saved -t saved -e | kcount --store counts | tee stream | kout -x -t saved-out
    put saved a
    kcat-in -g saved -t saved -e | tee restored | kcount --store counts | kout -x -t saved-out
    local file
    for file in stream restored; do
        status 76 kout --replay -t saved-out <"$file"
        status 76 kout -x -t saved-out <"$file"
    done
    judge saved
    without H7 kout --replay -t saved-out <stream
    wrong saved
}

@test "H7: a branch of tee without kcount" {
    topic tee:1 tee-out:1 tee-raw:1
    put tee a
    count tee
    put tee a
    mkfifo branch
    kout -x -t tee-raw <branch 2>err 3>&- &
    status 64 bash -c "kcat-in -g tee -t tee -e | tee branch | kcount --store counts | kout -x -t tee-out"
    wait $! || :
    same '' "$(all tee-raw)"
    count tee
    judge tee
}

@test "H10: values over partitions; counts that nobody keeps" {
    topic place:2 place-out:1
    printf 'k1\tv\nk2\tv\nk3\tv\nk4\tv\n' | kcat-in -K '\t' | kout -t place
    local line='kcat-in -g place -t place -e | kcount --by value --store counts | kout -x -t place-out'
    status 64 bash -c "$line"
    without H10 bash -c "$line"
    [ "$(all place-out | wc -l)" = 2 ] # two counts of one value, and neither is 4
    topic alone:1 alone-out:1
    line='kcat-in -g alone -t alone -e | kcount | kout -x -t alone-out'
    put alone a a
    status 64 bash -c "$line"
    kcat-in -g alone -t alone -e | kcount >told || : # who comes when the source has gone hears it, too
    status 64 kout -x -t alone-out <told
    without H10-kept bash -c "$line"
    put alone a
    without H10-kept bash -c "$line"
    same '2 1' "$(all alone-out | xargs)" # it is 3
}

@test "H14: records before their state" {
    kept early_records
}

# hidden TOPIC : counts are kept while somebody's transaction is open in the changelog, as "go" is;
# then who counted dies. Who reads to the last stable offset does not see the last of them.
hidden() {
    local name=$1 line
    topic "$name:1" "$name-out:1"
    put "$name" a b
    setsid bash -c "kcat-in -g $name -t $name -X session.timeout.ms=4000 --commit-interval 20ms |
        kcount --store counts | kout -x -t $name-out" 2>err 3>&- &
    line=$!
    wait_for 30 seen "$name" 'a 1'
    open_transaction "$name-counts-changelog" 12345678 a
    put "$name" a
    wait_for 30 seen "$name" 'a 2'
    kill -9 -- "-$line" 2>/dev/null || : # 75 by then on a machine that is busy: as good
}

seen() { # seen TOPIC COUNT
    kcat-in -t "$1-out" -e | kout -K ' ' | grep -qx "$2"
}

@test "H22: the end of a changelog while a transaction of somebody else is open in it" {
    hidden above
    put above a
    status 75 bash -c 'kcat-in -g above -t above -e --restore-timeout 1s | kcount --store counts |
        kout -x -t above-out'
    exec 9>&-
    wait
    count above
    judge above
    hidden below
    put below a
    without H22 count below
    exec 9>&-
    wait
    wrong below
}

@test "F42: a changelog that is compacted while it is read" {
    kept compacted
}

@test "one pipeline, three, two, one, under load: exact, and only what moves is restored" {
    kept elastic
}
