# Loaded by tests of counts that are kept: makes records, counts them, and says what is right.

# last : of lines KEY COUNT the last one of each key, sorted.
last() {
    awk '{n[$1] = $2} END {for (k in n) print k, n[k]}' | sort
}

# output TOPIC : its last counts. A key stays in one partition, so the last one read is the last.
output() {
    kcat-in -t "$1" -e | kout -K ' ' | last
}

# replay TOPIC : the counts that its changelog holds.
replay() {
    kcat-in -t "$1" -e | python3 "$BATS_TEST_DIRNAME/../tool/table.py"
}

# truth TOPIC... : how often each key came, by sort and uniq.
truth() {
    local name
    for name; do kcat-in -t "$name" -e; done | kout -K ' ' | cut -d ' ' -f 1 | sort | uniq -c |
        awk '{print $2, $1}' | sort
}

# skewed N SEED : N records KEY, a few keys often and many seldom.
skewed() {
    awk -v n="$1" -v seed="$2" 'BEGIN {
        srand(seed)
        for (i = 0; i < n; i++) { r = rand(); print "k" int(r * r * r * 100000) "\tv" }
    }'
}

# exact GROUP STORE OUT TOPIC... : output, changelog and an independent count are the same.
exact() {
    local group=$1 store=$2 out=$3
    shift 3
    truth "$@" >truth
    output "$out" | cmp - truth
    replay "$group-$store-changelog" | cmp - truth
}

put() { # put TOPIC KEY... : a record for each
    local name=$1
    shift
    printf '%s\tv\n' "$@" | kcat-in -K '\t' | kout -t "$name"
}

count() { # count GROUP OUT [kcat-in's arguments] : a bounded run
    local group=$1 out=$2
    shift 2
    kcat-in -g "$group" "$@" -e | kcount --store counts | kout -x -t "$out"
}

refused() { # refused STATUS WORDS GROUP OUT [kcat-in's arguments]
    local want=$1 words=$2
    shift 2
    status "$want" bash -c 'g=$1 o=$2; shift 2; kcat-in -g "$g" "$@" -e | kcount --store counts | kout -x -t "$o"' \
        - "$@"
    says "$words"
}

# shown N : what the page's section "State" shows, its block number N, as a reader sees it.
shown() {
    awk -v n="$1" '/^\.Ss State/ {on = 1; next} /^\.S[sh] / {on = 0}
        /^\.Bd -literal/ {i += on; shows = on; next} /^\.Ed/ {shows = 0}
        {if (shows) if (i == n) print}' \
        "$BATS_TEST_DIRNAME/../../man/kpipe.7" | sed 's/\\e/\\/g'
}
