# The proxy that the tests on a broker use does to Kafka's frames what it is told.
load helper

@test "kproxy holds, drops, cuts, trickles and rewrites, and else changes nothing" {
    status 0 timeout 60 python3 "$BATS_TEST_DIRNAME/fault/kproxy_test.py"
    same 12 "$(grep -c '^ok' <<<"$output")"
}
