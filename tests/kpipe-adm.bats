# kpipe-adm: what it says of a broker in memory, and of mistakes. tests/broker/adm.bats has the rest.
# bats file_tags=slow
load helper

setup_file() {
    cd "$BATS_FILE_TMPDIR" || return 1
    kdev -p 0 -t ten:10 -t two:2 -t empty:1 >ready 2>kdev.err 3>&- &
    echo $! >kdev.pid
    wait_for 10 grep -qs '^ready: ' ready
    eval "$(sed 's/^ready: //' ready)"
    seq 100 | kcat-in --key a | kout -t two
}

teardown_file() {
    kill "$(cat "$BATS_FILE_TMPDIR/kdev.pid")"
}

columns() { # columns N... : of the table, its heads left out
    tail -n +2 | awk -v want="$*" '{n = split(want, c, " "); line = $c[1]
                                    for (i = 2; i <= n; i++) line = line " " $c[i]; print line}'
}

@test "topics: a row a partition, sorted, with its edges" {
    kpipe-adm topics >got
    same "TOPIC PARTITION LEADER REPLICAS INSYNC FIRST END RECORDS" "$(head -n 1 got | xargs)"
    same "empty 0 1 1 0 0 0" "$(columns 1 2 4 5 6 7 8 <got | head -n 1)"
    same "$(seq 0 9)" "$(columns 1 2 <got | sed -n 's/^ten //p')"
    same 100 "$(columns 1 8 <got | awk '$1 == "two" {n += $2} END {print n}')"
    same 14 "$(lines_of "$(cat got)")"
}

@test "topics: those that are named" {
    same 'two 0 two 1' "$(kpipe-adm topics two | columns 1 2 | xargs)"
    same 'two 0 two 1 empty 0' "$(kpipe-adm topics empty two | columns 1 2 | sort -r | xargs |
        sed 's/two 1 two 0/two 0 two 1/')"
    status 66 kpipe-adm topics two nosuch
    says 'kpipe-adm: topic nosuch: does not exist: see kpipe-adm topics'
    same '' "$output"
}

@test "--json is an object a line, --names the names" {
    kpipe-adm --json topics two | python3 -c '
import json, sys
rows = [json.loads(line) for line in sys.stdin]
assert [(r["topic"], r["partition"], r["first"]) for r in rows] == [("two", 0, 0), ("two", 1, 0)]
assert sum(r["records"] for r in rows) == 100'
    same 'empty ten two' "$(kpipe-adm topics --names | xargs)"
}

@test "lag: what is committed, and what is left" {
    kcat-in -g slow -t two -n 30 | kout >/dev/null 2>&1 || true
    kpipe-adm -g slow lag >got
    same "TOPIC PARTITION COMMITTED END LAG" "$(head -n 1 got | xargs)"
    same "30 70" "$(columns 3 5 <got | awk '{c += $1; l += $2} END {print c, l}')"
    status 66 kpipe-adm -g nobody lag
    says 'kpipe-adm: group nobody: has committed nothing: see kpipe-adm groups'
}

@test "a broker that is away: 69 and what to do, in a few seconds" {
    for command in topics groups '-g up lag' '-g up reset end' '-g up --store n state' \
        '-g up --store n --from down state'; do
        # shellcheck disable=SC2086 # words
        status 69 timeout 10 kpipe-adm -b 127.0.0.1:1 $command
        says 'brokers 127.0.0.1:1: cannot be reached: '
    done
    KPIPE_BROKERS='' status 78 kpipe-adm topics
    says 'no brokers: '
}

@test "output that cannot be written: 74; a reader that has gone: 141" {
    status 74 sh -c 'kpipe-adm topics >/dev/full'
    says 'kpipe-adm: standard output: cannot write: No space left on device'
    status 141 env --default-signal=PIPE bash -c 'kpipe-adm topics > >(exec true); wait $!' || true
}

@test "mistakes are told in two lines" {
    wrong() { # wrong SAYS ARG...
        local text=$1
        shift
        status 64 kpipe-adm "$@"
        says "$text"
        same 2 "$(lines_of "$stderr")"
    }
    wrong 'which command? topics, groups, lag, reset or state'
    wrong 'list: no such command' list
    wrong 'lag: which group? -g GROUP' lag
    wrong 'reset: which group? -g GROUP' reset end
    wrong 'reset: where to?' -g up reset
    wrong 'reset sometime: want beginning, end, N, -N or @TIME' -g up reset sometime
    wrong 'reset -: want' -g up reset -- -
    wrong '-5: unknown option: the last N: kpipe-adm ... reset -- -N' -g up reset -5
    wrong 'twice: is one word too many' -g up reset end twice
    wrong 'x: is one word too many' groups x
    wrong '-g: is for lag, reset and state' -g up topics
    wrong '--names: is for topics and groups' --names -g up lag
    wrong '--yes: is for reset and state --from' --yes topics
    wrong '--yes: is for reset and state --from' --yes -g up --store n state
    wrong 'state: which group? -g GROUP' --store n state
    wrong 'state: which store? --store NAME' -g up state
    wrong '--store a-b: want 1 to 64' -g up --store a-b state
    wrong '--store, --diff, --from: are for state' --store n -g up lag
    wrong '--diff: compares, --from: writes' -g up --store n --diff a --from b state
    wrong '--diff :n: want GROUP or GROUP:STORE' -g up --store n --diff :n state
    wrong '--from a:: want GROUP or GROUP:STORE' -g up --store n --from a: state
    wrong 'x: is one word too many' -g up --store n state x
    wrong '-t: is for reset' -t two topics
    wrong '-g : want the group' -g '' lag
    wrong '-X group.id: ' -X group.id=x -g up lag
}
