# The judge of the chaos runs is judged: faults are planted, and it must find them.
load helper

@test "the oracle finds every planted fault, and none where there is none" {
    status 0 python3 "$BATS_TEST_DIRNAME/chaos/plant.py"
    [ "$(grep -c '^ok' <<<"$output")" -ge 150 ]
    for fault in lost doubled swapped altered torn halved bare unnoted stale back early late; do
        for where in head middle tail; do
            grep -q "^ok .* $fault at the $where" <<<"$output"
        done
    done
    same 6 "$(grep -c '^ok .*: clean' <<<"$output")"
}

@test "what a test takes out of the tools is in their source, once" {
    "$BATS_TEST_DIRNAME/without" --check
}

@test "the oracle of counts finds every planted fault, and none where there is none" {
    status 0 python3 "$BATS_TEST_DIRNAME/chaos/plant_tables.py"
    [ "$(grep -c '^ok' <<<"$output")" -ge 165 ]
    for fault in lost lowered unasked unmarked renamed unnamed parted ahead stale asleep early; do
        for where in head middle tail; do
            grep -q "^ok .*: $fault at the $where" <<<"$output"
        done
    done
    same 3 "$(grep -c '^ok .*: clean' <<<"$output")"
}
