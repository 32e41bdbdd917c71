# Loaded by the tests on a real broker that play scenes of tests/chaos: the broker is also behind a
# proxy that knows Kafka's frames.
load helper

# The broker, and the proxy in front of it: $proxy takes orders, clients that go to $PROXY are met.
proxied() {
    broker=$BATS_TEST_DIRNAME/../kafka/broker
    proxy=$BATS_FILE_TMPDIR/order
    export broker proxy owner=$$
    "$BATS_TEST_DIRNAME/../fault/kproxy" serve "$proxy" >"$BATS_FILE_TMPDIR/proxy" 3>&- &
    wait_for 10 grep -q PROXY "$BATS_FILE_TMPDIR/proxy"
    eval "$(cat "$BATS_FILE_TMPDIR/proxy")"
    eval "$("$broker" start -x "${PROXY#*:}" -p "$owner" "$BATS_FILE_TMPDIR/kafka" 3>&-)"
    export KPIPE_BROKERS=$BROKERS PROXY
    order target "$BEHIND"
}

setup_file() {
    proxied
}

# order WORD... : to the proxy (tests/fault/kproxy)
order() {
    "$BATS_TEST_DIRNAME/../fault/kproxy" "$proxy" "$@"
}

teardown_file() {
    order end
    "$broker" stop "$BATS_FILE_TMPDIR/kafka" 3>&-
}

# scene WORD... : played, and nothing wrong with it
scene() {
    run python3 "$BATS_TEST_DIRNAME/../chaos/play.py" "$KPIPE_BROKERS" --proxy "$proxy" \
        --through "$PROXY" --kafka "$BATS_FILE_TMPDIR/kafka" --owner "$owner" "$@" 3>&-
    [ "$status" -eq 0 ] || {
        printf '%s\n' "$output"
        return 1
    }
}
