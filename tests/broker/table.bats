# What is kept, looked at as the table it is: kpipe-adm state, other clients, a million records.
load helper
load counts

setup_file() {
    with_client
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    export broker ORDERS=$BATS_FILE_TMPDIR/orders
    "$BATS_TEST_DIRNAME/../fault/kproxy" serve "$ORDERS" >"$BATS_FILE_TMPDIR/proxy" 3>&- &
    wait_for 10 grep -q PROXY "$BATS_FILE_TMPDIR/proxy"
    eval "$(cat "$BATS_FILE_TMPDIR/proxy")"
    eval "$("$broker" start -x "${PROXY#*:}" -p $$ "$BATS_FILE_TMPDIR/kafka" 3>&-)"
    export KPIPE_BROKERS=$BROKERS PROXY
    proxy target "$BEHIND"
}

teardown_file() {
    proxy end
    "$broker" stop "$BATS_FILE_TMPDIR/kafka" 3>&-
}

proxy() { # proxy WORD... : an order to the proxy in front of the broker
    "$BATS_TEST_DIRNAME/../fault/kproxy" "$ORDERS" "$@"
}

state() { # state GROUP [ARG...] : its store "counts"
    local group=$1
    shift
    kpipe-adm -g "$group" --store counts "$@" state
}

@test "state: the table, sorted, as lines and as JSON" {
    topic dump:2 dump-out:1
    printf '%s\tv\n' b a $'\xff' b 'a b' $'esc\e' $'\xe2\x82\xac' | kcat-in -K '\t' | kout -t dump
    count dump dump-out -t dump
    same "$(printf '%s\n' 'a 1' 'a b 1' 'b 2' 'esc\x1b 1' '€ 1' '\xff 1')" \
        "$(state dump | tr '\t' ' ')"
    state dump --json | python3 -c '
import base64, json, sys
got = {}
for line in sys.stdin:
    row = json.loads(line)
    key = row["key"]
    key = base64.b64decode(key["base64"]) if isinstance(key, dict) else key.encode()
    assert row["task"] in (0, 1) and key not in got
    got[key] = row["count"]
assert got == {b"a": 1, b"b": 2, b"\xff": 1, b"a b": 1, b"esc\x1b": 1, "\u20ac".encode(): 1}, got'
    status 66 state nobody
    says 'kpipe-adm: topic nobody-counts-changelog: does not exist: check the group and the store'
    status 74 sh -c 'kpipe-adm -g dump --store counts state >/dev/full'
}

# prefix N : a dump on standard input is the table of the first records of k0 k1 ... k(N-1) k0 ...;
# prints how many.
prefix() {
    awk -v keys="$1" '{n[substr($1, 2)] = $2; sum += $2}
        END {for (i = 0; i < keys; i++)
                 if (n[i] + 0 != int((sum - i + keys - 1) / keys)) {
                     print "k" i " has " n[i] " of " sum
                     exit 1
                 }
             print sum}'
}

@test "state: of what is committed, while the counts go on" {
    topic live:1 live-out:1
    (awk 'BEGIN {for (i = 0; i < 3000000; i++) print "k" i % 300 "\tv"}' | kcat-in -K '\t' |
        kout -t live) 2>/dev/null 3>&- &
    local feed=$! line i sums='' sum
    setsid bash -c 'kcat-in -g live -t live --commit-interval 5ms --commit-count 1000 |
        kcount --store counts | kout -x -t live-out -X batch.num.messages=20' 2>err 3>&- &
    line=$!
    wait_for 30 sh -c 'kpipe-adm -g live --store counts state 2>/dev/null | grep -q .'
    for i in $(seq 12); do
        sum=$(state live | prefix 300) || {
            echo "$sum"
            false
        }
        sums="$sums $sum"
    done
    kill -TERM "$(pgrep -g "$line" kcat-in)"
    wait "$line"
    kill "$feed" 2>/dev/null || :
    wait "$feed" || :
    echo "$sums"
    [ "$(tr ' ' '\n' <<<"$sums" | sort -un | grep -c .)" -ge 6 ]
    same "$(committed live live)" "$(state live | prefix 300)"
}

@test "state: a transaction of somebody else is waited for" {
    topic wait:1 wait-out:1
    put wait a b
    count wait wait-out -t wait
    open_transaction wait-counts-changelog 12345678 a
    state wait >got 9>&- 3>&- &
    put wait a
    # Behind what hides there the group goes on, and what it commits is not to be missed.
    (count wait wait-out -t wait) 9>&- 3>&- &
    same '' "$(cat got)"
    exec 9>&-
    wait
    same "$(printf 'a 2\nb 1')" "$(state wait | tr '\t' ' ')"
    case $(tr '\t\n' '  ' <got) in 'a 1 b 1 ' | 'a 2 b 1 ') ;; *) cat got; false ;; esac
}

@test "state --diff: what two groups have not the same" {
    topic pair:2 pair-out:1
    put pair a a b
    count one pair-out -t pair
    count two pair-out -t pair
    status 0 state one --diff two
    same '' "$output"
    put pair a c
    count two pair-out -t pair
    status 1 state one --diff two
    same "$(printf 'a\t2\t3\nc\t-\t1')" "$output"
    same '' "$stderr"
    status 1 state two --json --diff one:counts
    same "$(printf '%s\n' '{"key":"a","count":3,"other":2}' '{"key":"c","count":1,"other":null}')" "$output"
    status 66 state one --diff one:other
    # By clusters, hosts or nights: two dumps are sorted alike.
    state one >one.txt
    state two >two.txt
    status 1 diff one.txt two.txt
}

@test "state: offsets and state that do not belong together: 78, as for a pipeline" {
    topic bad:1 bad-out:1
    put bad a b
    count bad bad-out -t bad
    kpipe-adm -g bad --yes reset 1 >/dev/null
    refused 78 'topic bad-counts-changelog/0: ' bad bad-out -t bad
    status 78 state bad
    says "topic bad-counts-changelog/0: "
    same '' "$output"
    topic odd:1 odd-out:1
    put odd a
    count odd odd-out -t odd
    put odd-counts-changelog b
    status 78 state odd
    says "kpipe-adm: topic odd-counts-changelog/0: has records that are not kpipe's"
}

@test "state: half a reset is found out: of one topic of two" {
    topic half-A:2 half-B:2 half-out:1
    put half-A a b c d
    put half-B a b c d
    count half half-out -t half-A -t half-B
    state half >whole
    kpipe-adm -g half -t half-A --yes reset beginning >/dev/null
    refused 78 "the group's offsets of its topics do not belong together" half half-out -t half-A -t half-B
    status 78 state half
    says "kpipe-adm: topic half-B/0: the group's offset of it does not belong to those of the other topics"
    same '' "$output"
    status 78 state whole --from half --yes
    same '' "$output"
    # Other tools leave no note either.
    kpipe-adm -g half -t half-B --yes reset beginning >/dev/null
    status 78 state half
    says 'its state is not of the group'
    # What was committed with another store is another store's.
    kcat-in -g split -t half-A -e | kcount --store counts | kout -x -t half-out
    kcat-in -g split -t half-B -e | kcount --store words | kout -x -t half-out
    state split | awk '{n += $2} END {exit n != 4}'
    state joint --from split --yes >/dev/null
    kpipe-adm -g joint --store words --from split:words --yes state >/dev/null
    state joint --diff split
}

@test "state --from: an application moves, and counts on from there" {
    topic E:3 F:3 move-out:2
    skewed 3000 1 | kcat-in -K '\t' | kout -t E
    skewed 2000 2 | kcat-in -K '\t' | kout -t F
    count old move-out -t E -t F
    status 0 state new --from old
    same "E 3000 F 2000 " "$(awk 'NR > 1 {n[$1] += $3} END {print "E " n["E"] " F " n["F"] " "}' <<<"$output")"
    says 'keys: nothing is changed yet: --yes does it'
    status 66 state new
    status 0 state new --from old --yes
    says 'kpipe-adm: group new: begins there, with '
    status 0 state new --diff old
    same 2000 "$(committed new F)"
    skewed 1000 3 | kcat-in -K '\t' | kout -t E
    count new move-out -t E -t F
    exact new counts move-out E F
    status 1 state new --diff old
    # The store's name may change, too.
    kpipe-adm -g renamed --store words --from new:counts --yes state >/dev/null
    put E k0
    kcat-in -g renamed -t E -t F -e | kcount --store words | kout -x -t move-out
    exact renamed words move-out E F
}

@test "state --from: refused where something is already" {
    topic G:2 from-out:1
    put G a b c
    count source from-out -t G
    count other from-out -t G
    status 78 state other --from source --yes
    says 'kpipe-adm: group other: has offsets of topic G already: load into a new group'
    topic left-counts-changelog:2 cleanup.policy=compact
    put left-counts-changelog a
    status 78 state left --from source --yes
    topic small-counts-changelog:1 cleanup.policy=compact
    status 78 state small --from source --yes
    says "topic small-counts-changelog: has 1 partition, and the source's topics have 2"
    topic plain-counts-changelog:2
    status 78 state plain --from source --yes
    says 'its cleanup.policy is delete'
    status 66 state fresh --from nobody --yes
    says 'kpipe-adm: group nobody: has kept nothing in a store counts'
    kcat-in -g busy -t from-out 2>/dev/null 3>&- | kout >>out 2>/dev/null 3>&- &
    wait_for 30 sh -c 'kpipe-adm groups | grep -q "^busy .* 1$"'
    status 75 state busy --from source --yes
    says 'stop its pipelines first'
    pkill -TERM -f '^kcat-in -g busy'
    wait
    # What it has read without a store would not belong to what is loaded.
    status 78 state busy --from source --yes
    says 'kpipe-adm: group busy: has offsets of topic from-out already: load into a new group'
}

# meanwhile FROM TO COMMAND... : done when a load from one group into another has written all but its
# offsets.
meanwhile() {
    local from=$1 to=$2
    shift 2
    proxy rule offsets 28 request hold client=kpipe-adm times=1
    kpipe-adm -b "$PROXY" -g "$to" --store counts --from "$from" --yes state >loaded 2>said 3>&- &
    local load=$!
    proxy wait offsets 1
    "$@"
    proxy release offsets
    local ended=0
    wait "$load" || ended=$?
    same '' "$(cat loaded)"
    echo "$ended"
}

@test "state --from: a pipeline that starts in the middle of it is not overrun" {
    topic H:1 H-out:1
    put H a b
    count early H-out -t H
    put H c
    joins() {
        setsid bash -c 'kcat-in -g late -t H | kcount --store counts | kout -x -t H-out' >/dev/null 2>err 3>&- &
        line=$!
        wait_for 30 sh -c 'kpipe-adm groups | grep -q "^late .* 1$"'
    }
    same 75 "$(meanwhile early late joins)"
    grep -q 'kpipe-adm: group late: has 1 member: stop its pipelines first' said
    wait_for 30 sh -c 'kpipe-adm -g late lag --json 2>/dev/null | grep -q "\"lag\":0"'
    pkill -TERM -f '^kcat-in -g late'
    wait_for 30 sh -c 'kpipe-adm groups | grep -q "^late .* 0$"'
    exact late counts H-out H
}

@test "state --from: nor is what a group has committed meanwhile" {
    topic I:1 I-out:1
    put I a b
    count before I-out -t I
    put I c
    # Without a store: one with it would wait for what is being written.
    passes() { kcat-in -g after -t I -e | kout -x -t I-out; }
    same 78 "$(meanwhile before after passes)"
    grep -q 'kpipe-adm: group after: has offsets of topic I already' said
    same 3 "$(committed after I)"
    same '' "$(replay after-counts-changelog)"
}

@test "state --from: a commit is believed when the group has what was committed" {
    topic J:1 J-out:1
    put J a b
    count gone J-out -t J
    proxy rule ends 26 request hold client=kpipe-adm times=1
    kpipe-adm -b "$PROXY" -g there --store counts --from gone --yes state >loaded 2>said 3>&- &
    local load=$! ended=0
    proxy wait ends 1
    proxy rule stored 9 answer none client=kpipe-adm
    proxy release ends
    wait "$load" || ended=$?
    proxy release stored
    same '75 ' "$ended $(cat loaded)"
    grep -q 'kpipe-adm: group there: does not have the offsets that were committed: try again' said
}

@test "state --from: keys of nearly a record's size move, too" {
    topic wide:2 slim:2 wide-out:1
    awk 'BEGIN {k = sprintf("%1020000s", ""); gsub(" ", "k", k); print k "\tv"}' | kcat-in -K '\t' |
        kout -t wide
    put wide a b c d
    count wide wide-out -t wide
    # Into changelogs that are made: a leader that is new may refuse a batch and take the next.
    for i in 1 2 3 4; do
        state "thin$i" --from wide --yes >/dev/null
        same '' "$(state "thin$i" --diff wide | cut -c 1-9)"
    done
    same 1020002 "$(state thin4 | awk '/^k/ {print length($0)}')"
    topic tight-counts-changelog:2 cleanup.policy=compact max.message.bytes=100000
    status 65 state tight --from wide --yes
    says 'topic tight-counts-changelog/'
    says ': too large for the topic'
    # It was given up there and then, not left open: what reads on does not wait for it.
    put slim a b c d
    count tight wide-out -t slim --restore-timeout 10s
}

@test "kpipe(7): an application moves; a stream is a table, a table is a stream" {
    topic A:2 B:2 group-by-counts:2 names:1 seen:1
    put A Gwen Matthias Gwen
    put B Viktor Gwen
    eval "$(shown 1 | sed 's/-t B/-t B -e/')"
    same '' "$(shown 5 | sed '$d' | bash 2>err | tail -n +6)"
    put A Gwen
    eval "$(shown 5 | sed -n '$s/-t B/-t B -e/p')"
    exact moved counts group-by-counts A B
    same "$(printf '%s\n' 'Gwen 1' 'Matthias 1' 'Gwen 2' 'Viktor 1' $'Gwen\t2' $'Matthias\t1' $'Viktor\t1')" \
        "$(eval "$(shown 6)")"
}

@test "the talk's line over a million records: output, changelog and an independent count are the same" {
    topic big-A:4 big-B:4 big-out:3
    skewed 600000 8 | kcat-in -K '\t' | kout -t big-A
    skewed 400000 9 | kcat-in -K '\t' | kout -t big-B
    count big big-out -t big-A -t big-B
    exact big counts big-out big-A big-B
    state big | tr '\t' ' ' | cmp - truth
    [ "$(wc -l <truth)" -gt 99000 ]
}

@test "a task that waits for its state holds up no other, and goes when it is revoked" {
    topic par:2 par-out:1
    put par a b c d e f g h
    count par par-out -t par
    local held free line='kcat-in -g par -t par | kcount --store counts | kout -x -t par-out' one two
    held=$(kcat-in -t par:0 -n 1 | kout -f '%k\n')
    free=$(kcat-in -t par:1 -n 1 | kout -f '%k\n')
    open_transaction par-counts-changelog 12345678 "$held"
    setsid bash -c "$line" >/dev/null 2>err1 3>&- 9>&- &
    one=$!
    put par "$held" "$free"
    wait_for 30 eval 'output par-out | grep -qx "$free 2"'
    output par-out | grep -qx "$held 1"
    # Another member: all is given up, also what is being restored, and dealt anew.
    setsid bash -c "$line" >/dev/null 2>err2 3>&- 9>&- &
    two=$!
    wait_for 30 eval 'kpipe-adm groups | grep -q "^par  *Stable .* 2$"'
    put par "$free"
    wait_for 30 eval 'output par-out | grep -qx "$free 3"'
    output par-out | grep -qx "$held 1"
    exec 9>&-
    wait_for 30 eval 'output par-out | grep -qx "$held 2"'
    kill -TERM "$(pgrep -g "$one" kcat-in)" "$(pgrep -g "$two" kcat-in)"
    wait "$one"
    wait "$two"
    exact par counts par-out par
}
