# kpipe-adm on a real broker: groups, lag, and what a reset does and does not.
load helper

fill() { # fill TOPIC FROM TO
    seq "$2" "$3" | kcat-in | kout -t "$1"
}

cell() { # cell COLUMN : of the one row
    awk -v want="$1" 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == want) c = i} NR == 2 {print $c}'
}

got() { # got GROUP TOPIC : what the group reads now
    kcat-in -g "$1" -t "$2" -e | kout | xargs
}

@test "groups: state, protocol and members, while it runs and after" {
    topic groups:1
    fill groups 1 5
    kcat-in -g seen -t groups 2>/dev/null 3>&- | kout >>out 2>/dev/null 3>&- &
    wait_for 30 sh -c 'kpipe-adm groups --json | grep -q "\"group\":\"seen\",\"state\":\"Stable\",\"protocol\":\"range\",\"members\":1"'
    same 0 "$(kpipe-adm groups | grep -c ' 0$')"
    pkill -TERM -f '^kcat-in -g seen'
    wait
    same 'seen Empty 0' "$(kpipe-adm groups | grep seen | xargs)"
    kpipe-adm groups --names | grep -qx seen
    # The shell's completion has it, too.
    local COMP_LINE='kcat-in -g se' COMP_WORDS=(kcat-in -g se) COMP_CWORD=2 COMPREPLY _kpipe_patience=20
    # shellcheck source=/dev/null
    . "$BATS_TEST_DIRNAME/../../contrib/completion/kpipe.bash"
    _kpipe kcat-in
    same seen "${COMPREPLY[*]}"
}

@test "lag is Kafka's own, and 0 after a whole run" {
    topic lag:2
    fill lag 1 100
    kcat-in -g lag -t lag -n 40 | kout >/dev/null
    same 40 "$(committed lag lag)"
    same "40 60" "$(kpipe-adm -g lag lag | awk 'NR > 1 {c += $3; l += $5} END {print c, l}')"
    kcat-in -g lag -t lag -e | kout >/dev/null
    same 0 "$(kpipe-adm -g lag lag | awk 'NR > 1 {l += $5} END {print l}')"
    same "" "$(kpipe-adm -g lag lag lag | awk 'NR > 1 && $1 != "lag"')"
}

@test "a reset without --yes changes nothing" {
    topic dry:1
    fill dry 1 5
    got dry dry
    status 0 kpipe-adm -g dry reset beginning
    same "dry 0 5 0" "$(tail -n 1 <<<"$output" | xargs)"
    says 'kpipe-adm: group dry: nothing is changed yet: --yes does it'
    same 5 "$(committed dry dry)"
}

@test "a reset goes where it says" {
    topic to:1
    fill to 1 10
    same "$(seq 10 | xargs)" "$(got to to)"
    kpipe-adm -g to --yes reset beginning
    same "$(seq 10 | xargs)" "$(got to to)"
    kpipe-adm -g to --yes reset 7
    same "8 9 10" "$(got to to)"
    kpipe-adm -g to --yes reset -- -2
    same "9 10" "$(got to to)"
    kpipe-adm -g to --yes reset -- -99
    same 10 "$(kpipe-adm -g to lag | cell LAG)"
    kpipe-adm -g to --yes reset end
    same "" "$(got to to)"
    kpipe-adm -g to --yes reset 99 # where the end is: there is nothing further on
    same 10 "$(committed to to)"
}

@test "a reset to a time" {
    topic time:1
    printf '%s\n' 1700000001000 1700000002000 1700000003000 | while read -r ms; do
        echo "$ms" | kcat -P -b "$KPIPE_BROKERS" -t time # their timestamps are of now
    done
    got time time
    kpipe-adm -g time --yes reset @2020-01-01
    same 3 "$(kpipe-adm -g time lag | cell LAG)"
    kpipe-adm -g time --yes reset @now
    same 0 "$(kpipe-adm -g time lag | cell LAG)"
    kpipe-adm -g time --yes reset @-1h
    same 3 "$(kpipe-adm -g time lag | cell LAG)"
}

@test "-t: only these topics, committed or not" {
    topic one:1 other:1
    fill one 1 5
    fill other 1 5
    kcat-in -g some -t one -t other -e | kout >/dev/null
    kpipe-adm -g some -t other --yes reset 2
    same 5 "$(committed some one)"
    same 2 "$(committed some other)"
    kpipe-adm -g fresh -t one --yes reset 3 # a group that has committed nothing yet
    same "4 5" "$(got fresh one)"
    status 66 kpipe-adm -g nobody reset end
    says 'has committed nothing: name topics: -t TOPIC'
    status 66 kpipe-adm -g some -t nosuch reset end
}

refused() { # refused GROUP : while it has members
    status 75 kpipe-adm -g "$1" --yes reset beginning
    says "kpipe-adm: group $1: has"
    says 'stop its pipelines first'
    same '' "$output"
}

@test "refused while the group has members" {
    topic busy:1
    fill busy 1 5
    kcat-in -g busy -t busy 2>/dev/null 3>&- | kout >>out 2>/dev/null 3>&- &
    wait_for 30 grep -qs 5 out
    wait_for 30 eval '[ "$(committed busy busy)" = 5 ]'
    refused busy
    pkill -TERM -f '^kcat-in -g busy'
    wait
    same 5 "$(committed busy busy)"
    kpipe-adm -g busy --yes reset beginning
    same "1 2 3 4 5" "$(got busy busy)"
}

@test "refused by the broker, too, where the client library shows no members" {
    with_client
    topic modern:1
    fill modern 1 5
    "$python" -c '
import sys, confluent_kafka
consumer = confluent_kafka.Consumer({
    "bootstrap.servers": sys.argv[1], "group.id": "modern", "group.protocol": "consumer",
    "auto.offset.reset": "earliest", "enable.auto.commit": False})
consumer.subscribe(["modern"])
while True:
    message = consumer.poll(0.1)
    if message and not message.error() and message.offset() == 4:
        consumer.commit(message=message, asynchronous=False)
        print("there", flush=True)' "$KPIPE_BROKERS" >said 3>&- &
    wait_for 30 grep -q there said
    refused modern
    kill $!
    wait
    same 5 "$(committed modern modern)"
}

@test "a reset to the end does not pass an open transaction" {
    topic open:1
    fill open 1 5
    open_transaction open pending
    kpipe-adm -g open -t open --yes reset end
    same "5 1" "$(kpipe-adm -g open lag | awk 'NR > 1 {print $3, $5}')"
    echo >&9
    exec 9>&-
    wait
    wait_for 20 sh -c 'kcat-in -t open -e | kout | grep -q pending'
    same pending "$(got open open)"
}
