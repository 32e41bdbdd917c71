# What each rule is for: with it all is well; by tools that lack it (tests/without) the bad end is
# reached. tests/README.md has the holes.
load scenes

# fill TOPIC N : N records.
fill() {
    seq "$2" | sed 's/^/ksql /' | kcat-in | kout -t "$1"
}

@test "H2: partitions go with records on their way, and come back" {
    scene lost_with_records
}

@test "H4: nothing is stored, says the coordinator once; or an error of each partition" {
    scene none_once refused_once
}

@test "H9: source and sink in two clusters" {
    topic here:1
    fill here 3
    mkfifo ready
    kdev -p 0 -t there:1 >ready 3>&- &
    read -r _ setting <ready
    local line="kcat-in -g two -t here -e | kout -b ${setting##*=} -x -t there"
    status 78 bash -c "$line"
    same 0 "$(kcat-in -b "${setting##*=}" -t there -e | kout | wc -l)"
    without H9 bash -c "timeout 3 ${line/-e/-n 3}" || :
    without H9 bash -c "timeout 3 ${line/-e/-n 3}" || :
    same 0 "$(committed two here)"
    same 6 "$(kcat-in -b "${setting##*=}" -t there -e | kout | wc -l)" # all of it twice
    kill %% && wait %% || :
}

@test "H11: the last records of a run that says 0" {
    scene last_records
}

@test "H12: a file that the next run would truncate" {
    topic file:1
    fill file 10
    status 64 bash -c 'kcat-in -g f -t file -n 5 | kout >got'
    without H12 bash -c 'kcat-in -g f -t file -n 5 | kout >got && kcat-in -g f -t file -n 5 | kout >got'
    same 10 "$(committed f file)"
    same 5 "$(wc -l <got)" # and the other 5 are lost
}

@test "H13: a stage that is slower than a transaction may be" {
    scene slow_stage
}

@test "H15: a signal to all stages; a source that dies at the very end" {
    scene signal_to_all source_dies_at_the_end
}

@test "H16: two of one user, without names" {
    scene same_place
}

teed() { # teed GROUP : one kout awaited, and one that cannot write behind tee; the last one's status
    mkfifo "$1"
    (kcat-in -g "$1" -t teed 2>err | tee -p "$1" | kout >>"$1.got" 2>>err ||
        echo $? >"$1.status"; [ -e "$1.status" ] || echo 0 >"$1.status") 3>&- &
    exec 9<"$1"
    wait_for 30 test -s "$1.got"
    kout -o no/where <&9 2>>err || :
    exec 9<&-
    pkill -TERM -f "^kcat-in -g $1" || :
    wait_for 30 test -s "$1.status"
}

@test "H17: a sink more than are awaited" {
    topic teed:1
    fill teed 10
    teed with
    same 64 "$(cat with.status)"
    without H17 teed without
    same 0 "$(cat without.status)"
    same 10 "$(committed without teed)" # and one of them has nothing
}

@test "H18: an open transaction at the end" {
    topic open:1
    fill open 10
    open_transaction open pending
    same 10 "$(kcat-in -g open -t open -e | kout | wc -l)"
    # It would wait for as long as the transaction is open.
    status 75 without H18 bash -c 'timeout -s KILL 3 kcat-in -g late -t open -e | kout'
    same 10 "$(grep -c ksql <<<"$output")"
    exec 9>&-
    wait
}

@test "H20: another group than the one that is pinned" {
    topic pin:1 pin-out:1
    fill pin 3
    local line='kcat-in -g forged -t pin -e | kout -x --group real -t pin-out'
    status 78 bash -c "$line"
    same 0 "$(committed forged pin)"
    status 0 without H20 bash -c "$line"
    same 3 "$(committed forged pin)"
}

@test "H21: a grant that is late" {
    scene late_grant
}
