# kout -x on a real broker: outputs and offsets in one transaction a barrier.
load helper

# fill TOPIC N : N records, keyed.
fill() {
    seq "$2" | awk '{print "k" $1 % 7 "\tksql " $1}' | kcat-in -K '\t' | kout -t "$1"
}

# once TOPIC N : it has the values 1 to N, each once.
once() {
    all "$1" | grep -o '[0-9]*' | sort -n >once.got
    seq "$2" | cmp - once.got
}

# bats test_tags=corner
@test "the line, exactly once: what it should, a second run moves none, lag is 0" {
    topic up-in:3 up-out:2
    fill up-in 5000
    kcat-in -g up -t up-in -e | kgrep 7 | ktr a-z A-Z | kout -x -t up-out 2>err
    same '0 0 0 0' "${PIPESTATUS[*]}"
    same '' "$(cat err)"
    seq 5000 | grep 7 | sed 's/^/KSQL /' | sort >want
    all up-out | sort | cmp want -
    kcat-in -g up -t up-in -e | kgrep . | kout -x -t up-out
    all up-out | sort | cmp want -
    same 5000 "$(committed up up-in)"
}

# bats test_tags=corner
@test "many transactions in a row need no second instance of the producer" {
    topic many:2 many-out:1
    fill many 3000
    kcat-in -g many -t many -e --commit-count 10 | kout -x -t many-out 2>err
    same '' "$(cat err)"
    once many-out 3000
    same 3000 "$(committed many many)"
}

# bats test_tags=corner
@test "nothing selected, nothing there: the offsets move all the same" {
    topic none:2 none-out:1 void:2
    fill none 100
    kcat-in -g none -t none -e | kgrep nothing | kout -x -t none-out
    same '' "$(all none-out)"
    same 100 "$(committed none none)"
    kcat-in -g none -t void -e | kout -x -t none-out
    same '0 0' "${PIPESTATUS[*]}"
}

# bats test_tags=corner
@test "a barrier beyond the spool begins its transaction early" {
    topic big:1 big-out:1
    seq 300 | awk '{printf "%d", $1; for (i = 0; i < 300; i++) printf "xxxxxxxxxx"; print ""}' |
        kcat-in | kout -t big
    kcat-in -g big -t big -e | ktr x y | kout -x --spool 64K -t big-out
    same '0 0 0' "${PIPESTATUS[*]}"
    once big-out 300
}

@test "killed again and again, each stage of it: each record once" {
    topic killed:3 killed-out:2
    fill killed 20000
    local stage pids before=0
    for stage in kout kcat-in ktr kout kout kcat-in; do
        (kcat-in -g killed -t killed -e -X session.timeout.ms=6000 --commit-interval 5ms \
            --commit-count 50 2>err | ktr a-z A-Z | kout -x -t killed-out 2>>err) 3>&- &
        until [ "$(all killed-out | wc -l)" -gt "$before" ]; do
            kill -0 $! 2>/dev/null || break
        done
        pids=$(pgrep -P $! "$stage") || pids=
        [ -z "$pids" ] || kill -9 "$pids"
        wait $! || :
        before=$(all killed-out | wc -l)
    done
    kcat-in -g killed -t killed -e | ktr a-z A-Z | kout -x -t killed-out
    once killed-out 20000
    same 20000 "$(committed killed killed)"
}

@test "the one that took our transactional.id fences us: 75, and nothing twice" {
    topic fence:1 fence-out:1
    fill fence 10
    mkfifo hold
    (status=0; kcat-in -g fence -t fence 2>err1 | kout -x --instance one -t fence-out 2>err ||
        status=$?; echo "$status" >first) 3>&- &
    until [ "$(all fence-out | wc -l)" -eq 10 ]; do kill -0 $!; done
    topic other:1
    fill other 10
    kcat-in -g fence -t other -e --commit-count 1 2>/dev/null | kout -x --instance one -t fence-out || :
    fill fence 10
    wait $! || :
    same 75 "$(cat first)"
    grep -q 'another kout uses this transactional.id' err
}

@test "no exactly once without a source that waits for it" {
    topic plain:1
    fill plain 3
    status 64 bash -c 'kcat-in -t plain -e | kout -x -t plain'
    says 'exactly once wants kcat-in -g GROUP'
    status 64 bash -c 'kcat-in -g w --commit written -t plain -e | kout -x -t plain'
    says 'exactly once wants kcat-in -g GROUP'
    kcat-in -g s --commit written -t plain -e >saved
    status 64 kout -x -t plain <saved
    status 64 kout -x --replay -t plain <saved
    status 64 bash -c 'kcat-in -g t --sinks 2 -t plain -e | tee >(kout >>one) | kout -x -t plain'
    says 'exactly once has one sink'
    same 0 "$(committed t plain)"
}

@test "--group pins the group: 78" {
    topic pin:1 pin-out:1
    fill pin 3
    status 78 bash -c 'kcat-in -g forged -t pin -e | kout -x --group real -t pin-out'
    says '--group real: the source'
    kcat-in -g real -t pin -e | kout -x --group real -t pin-out
    once pin-out 3
}

@test "two clusters: 78" {
    topic here:1
    fill here 3
    mkfifo ready
    kdev -p 0 -t there:1 >ready 3>&- &
    read -r _ setting <ready
    status 78 bash -c "kcat-in -g two -t here -e | kout -b ${setting##*=} -x -t there"
    kill %% && wait %% || :
    says 'exactly once wants one cluster'
    same 0 "$(committed two here)"
}
