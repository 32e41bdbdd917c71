# make bench itself: what it says of fixed figures, and that no wrong answer is timed. Not how quick
# anything is.
# bats file_tags=slow
load helper

bench=$BATS_TEST_DIRNAME/bench

@test "a table has medians, ratios to the row of ours above, and rates past the start" {
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' \
        'kpipe' 0 100 9 9 9 2000000 - \
        'kpipe' 1 100 1 1 0.5 - - 'kpipe' 2 100 2 1 0.5 - - 'kpipe' 3 100 9 1 0.5 - - \
        'peer' 0 100 9 9 9 6000000 1 'peer' 1 100 6 3 0.5 - 1 \
        'kpipe, other' 0 100 9 9 9 1000000 - 'kpipe, other' 1 100 4 1 0.5 - - \
        'peer, other' 0 100 9 9 9 1000000 - 'peer, other' 1 100 8 1 0.5 - - >raw
    "$bench/table" raw >table
    same '| kpipe | 2.00 | 1.00-9.00 | 50 |  | 1.00 | 0.50 | 2 | 1.00 | 1.00 | 1.00 | 1.00 |' \
        "$(sed -n 3p table)"
    same '| peer | 6.00 | 6.00-6.00 | 20 | 1.00 | 3.00 | 0.50 | 6 | 3.00 | 0.40 | 3.00 | 3.00 |' \
        "$(sed -n 4p table)"
    same '| kpipe, other | 4.00 | 4.00-4.00 | 25 |  | 1.00 | 0.50 | 1 | 2.00 | 0.50 | 1.00 | 0.50 |' \
        "$(sed -n 5p table)"
    same '| peer, other | 8.00 | 8.00-8.00 | 12 |  | 1.00 | 0.50 | 1 | 2.00 | 0.50 | 1.00 | 1.00 |' \
        "$(sed -n 6p table)"
}

@test "a part times its peers in turn, and adds rounds when it is run again" {
    export RESULTS=$PWD/results KPIPE_CACHE=$PWD/cache LINES=2000 ROUNDS=1
    "$bench/run" text >once
    same 1 "$(grep -c '^| kpipe | .* | 1.00 | 1.00 | 1.00 |' once)"
    same 1 "$(grep -c '^| cat, grep, tr | ' once)"
    same 1 "$(grep -c '^Medians of 1 rounds' once)"
    "$bench/run" text >twice
    same 1 "$(grep -c '^Medians of 2 rounds' twice)"
    same 6 "$(grep -vc '^#' results/raw/text-2000.tsv)"
}

@test "a wrong answer ends it before anything is timed" {
    : >raw
    PACE_CHECK='[ "$(cat "$OUT")" = right ]' status 1 "$bench/pace" raw 1 good 'echo right >$OUT' \
        bad 'echo wrong >$OUT'
    same good "$(cut -f1 raw)"
    same 0 "$(cut -f2 raw)"
}

@test "a command that fails ends it; a part that is not there is 64" {
    : >raw
    status 1 "$bench/pace" raw 1 good false
    says 'false: ended with 1'
    status 64 "$bench/run" nothing
    says 'no part nothing'
}
