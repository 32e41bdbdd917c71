# The guard of speed that no busy machine can shake: instructions per record, counted by callgrind on
# a fixed input, against tests/bench/budget. Only the kit's own code counts (tests/bench/instructions
# says why); `make bench` measures time.
# bats file_tags=slow
load helper

setup_file() {
    local bench=$BATS_TEST_DIRNAME/bench n
    export FEW=$BATS_FILE_TMPDIR/few MANY=$BATS_FILE_TMPDIR/many
    for n in 2000:few 12000:many; do
        awk -v n="${n%:*}" -v kind=log -f "$bench/lines.awk" >"$BATS_FILE_TMPDIR/${n#*:}"
    done
}

setup() {
    work
    # Another compiler or other flags make other code, of which the budget says nothing.
    local made
    made=$(readelf --debug-dump=info --dwarf-depth=1 "$(command -v ktr)" 2>/dev/null |
        grep -m1 'DW_AT_producer.*GNU C')
    case $made in
    *-fsanitize*) ;;
    *"GNU C11 12."*"-march=x86-64 "*" -O2 "*) return ;;
    esac
    skip "the budget is for gcc 12, x86-64, -O2"
}

# within NAME COMMAND... : what COMMAND takes for a record is in NAME's budget.
within() {
    local name=$1 budget count
    shift
    budget=$(sed -n "s/^$name  *//p" "$BATS_TEST_DIRNAME/bench/budget")
    count=$("$BATS_TEST_DIRNAME/bench/instructions" "$few" "$many" "$@")
    echo "$name: $count instructions a record, budget $budget"
    [ "$count" -gt 0 ]
    [ $((count * 100)) -le $((budget * 105)) ] || {
        echo "over 5 % above: make it cheaper, or raise tests/bench/budget and say why"
        return 1
    }
    [ $((count * 100)) -ge $((budget * 95)) ] ||
        echo "# $name: over 5 % below its budget: lower tests/bench/budget to $count" >&3
}

# records FILTER... : the fixed input as records, each text piped through FILTER first. With -n each
# has a frame, as those of a topic.
records() {
    "$@" <"$FEW" | kcat-in -n 1000000 >few
    "$@" <"$MANY" | kcat-in -n 1000000 >many
    few=few many=many
}

# plain : the fixed input as lines of which many are in a frame.
plain() {
    kcat-in <"$FEW" >few
    kcat-in <"$MANY" >many
    few=few many=many
}

@test "kcat-in: lines" {
    few=$FEW many=$MANY
    within kcat-in-lines kcat-in
    within kcat-in kcat-in -n 1000000
}

@test "kcat-in: keys" {
    few=$FEW many=$MANY
    within kcat-in-keys kcat-in -K '\t'
}

@test "kgrep: a literal" {
    records cat
    within kgrep-literal kgrep ksql
    plain
    within kgrep-literal-lines kgrep ksql
}

@test "kgrep: a regular expression" {
    records cat
    within kgrep-regex kgrep 'INFO (mail|k[a-z]*) .*node[0-3]'
    plain
    within kgrep-regex-lines kgrep 'INFO (mail|k[a-z]*) .*node[0-3]'
}

@test "ktr: in place" {
    records cat
    within ktr ktr a-z A-Z
    plain
    within ktr-lines ktr a-z A-Z
}

@test "ktr: shorter" {
    records cat
    within ktr-shorter ktr -d 0-9
    plain
    within ktr-shorter-lines ktr -d 0-9
}

# Few enough keys that the random seed moves nothing, all of them in both inputs.
@test "kcount: known keys" {
    records awk '{ print "a line that came before: number " NR % 100 }'
    within kcount kcount --by value
}

@test "kout: lines" {
    records cat
    within kout kout
    plain
    within kout-lines kout
}

@test "the codec: headers" {
    local root=$BATS_TEST_DIRNAME/..
    cc -std=c11 -D_GNU_SOURCE -O2 -g -I"$root/src" -o codec "$BATS_TEST_DIRNAME/bench/codec.c" \
        "$KPIPE_BUILD/stream.a" "$KPIPE_BUILD/util.a"
    few=$FEW many=$MANY
    within codec ./codec
}
