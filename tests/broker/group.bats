# kcat-in -g on a real broker: an offset is committed when the far end has the data.
load helper

# fill TOPIC N : N records, keyed.
fill() {
    seq "$2" | awk '{print "k" $1 % 7 "\tksql " $1}' | kcat-in -K '\t' | kout -t "$1"
}

@test "the line moves what it should, a second run moves none, lag is 0" {
    topic up-in:3 up-out:2
    fill up-in 5000
    kcat-in -g up -t up-in -e | kgrep 7 | ktr a-z A-Z | kout -t up-out
    seq 5000 | grep 7 | sed 's/^/KSQL /' | sort >want
    all up-out | sort | cmp want -
    kcat-in -g up -t up-in -e | kgrep . | kout -t up-out
    all up-out | sort | cmp want -
    same 5000 "$(committed up up-in)"
}

@test "a first run from the end skips what was there; a stored offset stands over -o" {
    topic from:1
    fill from 10
    same '' "$(kcat-in -g from -t from -o end -e | kout)"
    fill from 2
    same 2 "$(kcat-in -g from -t from -o end -e | kout | wc -l)"
    same 0 "$(kcat-in -g from -t from -e | kout | wc -l)"
}

@test "a filter that selects nothing, or no more, is no failure, and all is committed" {
    topic none:2 none-out:1 two:2
    fill none 100
    fill two 100
    kcat-in -g q -t none -e | kgrep nothing | kout -t none-out
    same '0 0 0' "${PIPESTATUS[*]}"
    same '' "$(all none-out)"
    same 100 "$(committed q none)"
    kcat-in -g q -t two -e --commit-count 10 | kgrep -m 2 ksql | kout >>got
    same '0 0 0' "${PIPESTATUS[*]}"
    same 2 "$(wc -l <got)"
    same 100 "$(committed q two)"
}

@test "-n ends after N records, the next run goes on there" {
    topic few:1
    fill few 10
    same "$(seq 3 | sed 's/^/ksql /')" "$(kcat-in -g few -t few -n 3 | kout)"
    same 3 "$(committed few few)"
    same "$(seq 4 10 | sed 's/^/ksql /')" "$(kcat-in -g few -t few -e | kout)"
}

@test "nothing is committed when the command ends with 1; the next run gives it all again" {
    topic cmd:2
    fill cmd 100
    status 75 bash -c "kcat-in -g cmd -t cmd -e | kout -- sh -c 'cat >/dev/null; exit 1'"
    says 'sh: ended with 1: its records come again'
    same 0 "$(committed cmd cmd)"
    kcat-in -g cmd -t cmd -e | kout -- sh -c 'cat >>got'
    same 100 "$(wc -l <got)"
    same 100 "$(committed cmd cmd)"
    kcat-in -g cmd -t cmd -e | kout -- sh -c 'cat >>got; echo ran >>again'
    same 100 "$(wc -l <got)"
    [ ! -e again ] # no command for nothing
}

@test "a bounded run gives the command one barrier, not many" {
    topic mail:2
    fill mail 3000
    kcat-in -g mail -t mail -e | kout -- sh -c 'wc -l >>got'
    same 3000 "$(cat got)"
}

@test "kout -o FILE appends, and a torn last record is cut first" {
    topic file:1
    fill file 5
    printf 'whole\nto' >got
    kcat-in -g file -t file -e | kout -o got
    same "$(echo whole; seq 5 | sed 's/^/ksql /')" "$(cat got)"
    same 5 "$(committed file file)"
}

@test "a file that would be truncated by the next run is refused" {
    topic trunc:1
    fill trunc 5
    status 64 bash -c 'kcat-in -g trunc -t trunc -e | kout > got'
    says 'kout -o FILE'
    same 0 "$(committed trunc trunc)"
    kcat-in -g trunc -t trunc -e | kout >>got
    same 5 "$(wc -l <got)"
}

@test "a full disk commits nothing" {
    topic full:1
    fill full 5000
    status 74 bash -c 'kcat-in -g full -t full -e | kout > /dev/full'
    same 0 "$(committed full full)"
}

@test "-g into a file or /dev/null is refused at once" {
    status 64 bash -c 'kcat-in -g x -t x -e > out.kf'
    says '--commit written'
    status 64 bash -c 'kcat-in -g x -t x -e > /dev/null'
}

@test "--commit written needs no kout" {
    topic saved:1
    fill saved 50
    kcat-in -g saved -t saved -e --commit written >day.kf
    same 50 "$(committed saved saved)"
    same 50 "$(kout <day.kf | wc -l)"
}

@test "a far end that is not kout: a line, then 78" {
    topic nokout:1
    fill nokout 5
    status 78 bash -c 'set -o pipefail; kcat-in -g nokout -t nokout -e --ready-timeout 4s | cat >got'
    says 'no kout has answered yet'
    same 0 "$(committed nokout nokout)"
}

@test "a saved committing stream is not taken for a live one" {
    topic stale:1
    fill stale 5
    kcat-in -g stale -t stale -e 2>/dev/null | tee saved.kf | kout >>got
    status 76 kout <saved.kf
    says 'its source is gone'
    same 5 "$(kout --replay <saved.kf | wc -l)"
}

@test "tee: both sinks must have it" {
    topic tee:1
    fill tee 100
    mkfifo branch
    kout <branch >>one &
    kcat-in -g tee -t tee -e --sinks 2 | tee branch | kout >>two
    wait
    same 100 "$(wc -l <one)"
    cmp one two
    same 100 "$(committed tee tee)"
}

@test "a sink too many ends the line with 64" {
    topic many:1
    fill many 100
    mkfifo branch
    kout <branch >>one 2>one.err &
    status 64 bash -c 'set -o pipefail; kcat-in -g many -t many -e | tee branch | kout >>two'
    says '--sinks 2'
    wait
    same 0 "$(committed many many)"
}

@test "the reader that leaves early commits no more than it had" {
    topic early:1
    fill early 100000
    status 0 bash -c 'kcat-in -g early -t early --commit-interval 20ms | kout | head -5 >got'
    same 5 "$(wc -l <got)"
    committed=$(committed early early)
    # A pipe's worth may have been read by head and thrown away: that is head's loss to tell, not ours.
    [ "$committed" -le 20000 ]
}

@test "two bounded runs in one group share the work and both end" {
    topic share:4
    fill share 40000
    kcat-in -g share -t share -e | kout >>one &
    kcat-in -g share -t share -e | kout >>two
    wait $!
    sort -u one two | wc -l >unique
    same 40000 "$(cat unique)"
    same 40000 "$(committed share share)"
}

@test "-e after a member died by kill -9 reads everything" {
    topic died:2
    fill died 2000
    kcat-in -g died -t died 2>/dev/null | kout -- sh -c 'sleep 60' &
    wait_for 20 pgrep -fx 'sleep 60'
    pkill -9 -f '^kcat-in -g died'
    pkill -9 -fx 'sleep 60'
    kcat-in -g died -t died -e | kout >>got
    same 2000 "$(sort -u got | wc -l)"
    same 2000 "$(committed died died)"
}

@test "an open transaction at the end does not hang -e, and what is in it comes later" {
    topic open:1
    fill open 10
    open_transaction open pending
    same 10 "$(kcat-in -g open -t open -e | kout | wc -l)"
    echo >&9
    exec 9>&-
    wait
    # A commit is answered before its marks are in the partitions (KIP-98).
    wait_for 20 sh -c 'kcat-in -t open -e | kout | grep -q pending'
    same pending "$(kcat-in -g open -t open -e | kout)"
    same 0 "$(kcat-in -g open -t open -e | kout | wc -l)"
    same 12 "$(committed open open)" # 11 records and the commit's mark: no lag is left
}

ended_by() { # ended_by SIGNAL WANTED-STATUSES
    setsid env --default-signal=INT bash -c "kcat-in -g sig$1 -t sig --commit-interval 60s | kout >>got; \
        echo \${PIPESTATUS[@]} >status" 3>&- &
    wait_for 20 grep -q 'ksql 10' got
    pkill -"$1" -f "^kcat-in -g sig$1"
    wait_for 20 test -s status
    same "$2" "$(cat status)"
    same 10 "$(committed "sig$1" sig)"
}

@test "SIGTERM to the source: all is drained and committed, 0" {
    topic sig:1
    fill sig 10
    : >got
    ended_by TERM '0 0'
}

@test "SIGINT to the source: the same, and all end with 130" {
    topic sig:1 || true
    : >got
    ended_by INT '130 130'
}

@test "a group's status reaches the last stage: no topic 66" {
    status 66 bash -c 'kcat-in -g nosuch -t nosuch -e | kout'
    says 'topic nosuch'
}

@test "counts of two topics equal awk's" {
    topic A:2 B:2 group-by-counts:2
    fill A 3000
    fill B 2000
    kcat-in -g n -t A -t B -e | kcount --volatile | kout -t group-by-counts
    kcat-in -t group-by-counts -e | kout -K ' ' | awk '{n[$1] = $2} END {for (k in n) print k, n[k]}' |
        sort >got
    { seq 3000; seq 2000; } | awk '{n["k" $1 % 7]++} END {for (k in n) print k, n[k]}' | sort >want
    cmp want got
}

@test "an offset that is gone is an error, or what --on-reset says" {
    topic gone:1
    fill gone 10
    kcat-in -g gone -t gone -n 3 | kout >/dev/null 2>&1 || true
    kcat-in -g gone -t gone -n 3 | kout | cat >/dev/null
    "$broker" run "$BATS_FILE_TMPDIR/kafka" org.apache.kafka.tools.DeleteRecordsCommand \
        --bootstrap-server "$KPIPE_BROKERS" --offset-json-file <(
        echo '{"partitions":[{"topic":"gone","partition":0,"offset":8}],"version":1}') >/dev/null 2>&1 3>&-
    status 78 bash -c 'kcat-in -g gone -t gone -e | kout'
    says '--on-reset'
    same 2 "$(kcat-in -g gone -t gone -e --on-reset earliest | kout | wc -l)"
}

# A command that fails on some nights, in some ways; what it had then comes again.
night() { # night N : what cron would run
    kcat-in -g nightly -t orders -e | kgrep ERR | kout -- sh -c "
        case $1 in
        2) head -2 >/dev/null; exit 1 ;;
        3) cat >again; kill -9 \$\$ ;;
        6) cat >again; exit 75 ;;
        esac
        cat >>handled"
}

@test "a cron job: each record is handled once when the command said 0" {
    local n record=0 got=
    topic orders:3
    : >handled
    for n in 1 2 3 4 5 6 7 8; do
        seq "$record" $((record + 49)) | sed '0~3s/^/ERR /' | kcat-in | kout -t orders
        record=$((record + 50))
        night "$n" 2>>said && got+='0 ' || got+="$? "
        [ "$n" -ne 3 ] || mv again third
    done
    same '0 75 75 0 0 75 0 0 ' "$got"
    seq 0 399 | awk '{n = $1 % 50 + 1; print (n % 3 ? "" : "ERR ") $1}' | grep ERR | sort >want
    sort handled | cmp want -
    same 32 "$(wc -l <third)" # what the second night had, and its own
    same 400 "$(committed nightly orders)"
    grep -q 'sh: ended with 1: its records come again' said
}
