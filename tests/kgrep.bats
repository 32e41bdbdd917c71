# kgrep: records selected, with grep's letters and grep's answers.
bats_require_minimum_version 1.5.0
load helper

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    printf 'gwen:ksql\nmatthias:Streams\nno key\n:empty key\ngwen:\n' | kcat-in -K : >in.kf
}

# lines ARG... : the text lines of standard input through kgrep.
lines() { kcat-in | kgrep "$@" | kout; }

# keyed ARG... : in.kf through kgrep, the selected records with commas between.
keyed() { kgrep "$@" <in.kf | kout -K : | paste -sd,; }

# refused LINE ARG... : a usage mistake, two lines: this one and the usage.
refused() {
    local line=$1
    shift
    status 64 kgrep "$@" <in.kf
    same "kgrep: $line
usage: kgrep [-EF] [-ivwx] [-c | -q] [-m N] [-k | -H NAME | --on FIELD] PATTERN" "$stderr"
}

# made PYTHON : runs a program that has tests/tool/records.py at hand.
made() { PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c "from records import *; import sys; $1"; }

@test "selects the lines that GNU grep selects" {
    local args
    python3 -c '
import random, sys
dice = random.Random(7)
for _ in range(3000):
    line = bytes(dice.choice(b"aabbkK019 _-.\0\r\xff\xc3\xa9") for _ in range(dice.randrange(30)))
    sys.stdout.buffer.write(line + b"\n")' >in
    while IFS= read -r args; do
        eval "lines $args" <in >got
        eval "grep -a $args" <in >want
        cmp want got || {
            echo "$args"
            return 1
        }
    done <<'END'
-E ab
-v ab
-Ei k.k
-w ab
-Eiw 'ab|kb'
-E -x '[^b]*'
-F .
-F -- '-.'
-F -x ''
-E -m 7 a
-v -m 3 a
-E '^(a|b)+[^[:alnum:]]?$'
-E '(.)(.)\2\1'
-E '\<k|9\>'
-E $'ab\n^k'
-E '^.{5,7}$'
''
END
}

@test "patterns from a grammar, all bytes, all letters: grep's lines and grep's refusals" {
    status 0 timeout 300 "$BATS_TEST_DIRNAME/differential-grep" 400 1
}

@test "NUL, newline and bad UTF-8 are data, the record's ends the only ends" {
    printf 'a\nb\0b\0\xff\nc\0' | kcat-in -0 >nul.kf
    same "$(printf 'a\nb')" "$(kgrep '^a.b$' <nul.kf | kout)"
    same "$(printf 'b')" "$(kgrep '^b' <nul.kf | kout)"
    same "$(printf 'a\nb')" "$(kgrep 'a[^c]b' <nul.kf | kout)"
    same "$(printf '\xff\nc')" "$(kgrep $'^\xff' <nul.kf | kout)"
    printf 'x\0y\nz\n' | lines '^x.y$' | cmp - <(printf 'x\0y\n')
}

@test "every letter has its long form" {
    local pair
    while read -r pair; do
        same "$(keyed ${pair%|*})" "$(keyed ${pair#*|})"
        [ "$(keyed ${pair%|*})" != "$(keyed gwen.)" ]
    done <<'END'
-i KSQL|--ignore-case KSQL
-v ksql|--invert-match ksql
-w key|--word-regexp key
-x ksql|--line-regexp ksql
-F ksql|--fixed-strings ksql
-E k.ql|--extended-regexp k.ql
-m 1 .|--max-count 1 .
-k gwen|--key gwen
-k gwen|--on key gwen
END
    same "$(kgrep -c e <in.kf)" "$(kgrep --count e <in.kf)"
    status 0 kgrep --quiet e <in.kf
    same '' "$output"
}

@test "statuses are grep's: 0 something, 1 nothing, also behind a pipe" {
    status 0 sh -c 'kgrep ksql <in.kf | kout'
    status 1 sh -c 'kgrep nothing <in.kf >out.kf'
    status 0 sh -c 'kgrep nothing <in.kf | kout'
    same '' "$output"
    same '' "$(kout <out.kf)"
    status 1 sh -c 'kgrep -v "" <in.kf >out.kf'
}

@test "a null key matches nothing, an empty one what is empty" {
    same 'no key' "$(keyed -v -k '')"
    same 'gwen:ksql,matthias:Streams,:empty key,gwen:' "$(keyed -k '')"
    same ':empty key' "$(keyed -k -x '')"
    same 'gwen:' "$(keyed -x '')"
    same 'matthias:Streams,no key,:empty key' "$(keyed -v -k gwen)"
}

@test "any header of a name, any field, the place" {
    made 'sys.stdout.buffer.write(segment([source(1, b"some.log"),
        record(b"one", b"k", [(b"h", b"x"), (b"h", b"y")]), record(b"two", None, [(b"g", b"y")]),
        record(None, b"y"), record(b"four")]))' >some.kf
    same 'one' "$(kgrep -H h y <some.kf | kout)"
    same 'one' "$(kgrep --on header:h '^x' <some.kf | kout)"
    same 3 "$(kgrep -c -v -H h y <some.kf)"
    same 3 "$(kgrep -c --on any y <some.kf)"
    same 4 "$(kgrep -c --on topic -x some.log <some.kf)"
    same 3 "$(kgrep -c 'x*' <some.kf)"
    same 1 "$(kgrep -c --on value -v 'x*' <some.kf)"
    status 1 kgrep -c --on partition . <some.kf
    same 0 "$output"
    same 4 "$(kgrep -c --on partition -v . <some.kf)"
}

@test "-c counts, as text that ends the line" {
    same 5 "$(kgrep -c '' <in.kf)"
    same 2 "$(kgrep -c -m 2 '' <in.kf)"
    same 0 "$(kgrep -c -m 0 '' <in.kf)"
    status 1 kgrep -c nothing <in.kf
    same 0 "$output"
    status 64 kgrep -c '(' <in.kf
    same '' "$output"
    head -c 200 in.kf >cut.kf
    status 76 kgrep -c '' <cut.kf
    same '' "$output"
}

@test "-q is silent and stops at the first match, whatever follows" {
    local end
    status 0 kgrep -q ksql <in.kf
    same '' "$output$stderr"
    status 1 kgrep -q nothing <in.kf
    same '' "$output$stderr"
    status 0 kgrep -q -c ksql <in.kf
    same '' "$output"
    head -c 200 in.kf >cut.kf
    status 0 kgrep -q ksql <cut.kf
    same '' "$output$stderr"
    status 76 kgrep -q nothing <cut.kf
    status 1 kgrep -q -m 0 ksql <in.kf
    mkfifo endless
    { cat in.kf; exec sleep 60; } >endless 3>&- &
    end=$!
    status 0 timeout 20 kgrep -q ksql <endless
    kill "$end"
}

@test "-m N stops reading, and ends the stream cleanly" {
    status 0 sh -c 'kgrep -m 2 "" <in.kf >two.kf'
    same 'gwen:ksql,matthias:Streams' "$(kout -K : <two.kf | paste -sd,)"
    same 'gwen:ksql' "$(keyed -m 1 -v Streams)"
    status 0 sh -c 'yes | kcat-in | kgrep -m 3 y | kout'
    same "$(printf 'y\ny\ny')" "$output"
    cat in.kf in.kf >twice.kf
    same 2 "$(kgrep -m 2 ksql <twice.kf | kgrep -c '')"
    status 1 sh -c 'kgrep -m 0 "" <in.kf >none.kf'
    status 0 kout <none.kf
    same '' "$output"
}

@test "a record larger than every buffer" {
    { head -c 3000000 /dev/zero; printf 'ksql\nx\n'; } >in
    lines ksql <in | cmp - <(head -n 1 in)
    lines 'k.ql' <in | cmp - <(head -n 1 in)
    same x "$(lines -v ksql <in)"
}

@test "all records and what is no record pass as they came" {
    made 'sys.stdout.buffer.write(segment([source(1, b"f"), record(b"a"), "barrier", record(b"b"),
        "barrier"]))' >some.kf
    cat some.kf in.kf >both.kf
    kgrep '' <both.kf | cmp - both.kf
    made 'sys.stdout.buffer.write(segment([source(1, b"t"), opened(12), source(2, b"t"),
        record(b"a"), "barrier"], hello(b"group", flags=NO_HANDSHAKE)))' >group.kf
    kgrep '' <group.kf | cmp - group.kf
}

@test "-c and -q behind a group that commits: 64, and no answer" {
    local letter
    made 'sys.stdout.buffer.write(sample(b"group"))' >group.kf
    for letter in -c -q; do
        status 64 sh -c "kgrep $letter a <group.kf"
        same '' "$output"
        same 'kgrep: -c and -q end the line: behind kcat-in -g the end is kout' "$stderr"
    done
    made 'sys.stdout.buffer.write(sample(b"group", NO_HANDSHAKE))' >written.kf
    same 2 "$(kgrep -c a <written.kf)"
    status 0 sh -c 'kgrep -q a <written.kf'
}

@test "nothing selected behind a group is 0" {
    made 'sys.stdout.buffer.write(sample(b"group"))' >group.kf
    status 0 sh -c 'kgrep nothing <group.kf >none.kf'
    made 'sys.stdout.buffer.write(sample())' >plain.kf
    status 1 sh -c 'kgrep nothing <plain.kf >none.kf'
}

@test "-m N behind a group selects no more, and every barrier passes" {
    made 'sys.stdout.buffer.write(segment([source(1, b"in"), opened(1), record(b"a"), "barrier",
        record(b"b"), "barrier", record(b"c")], hello(b"group")))' >group.kf
    made 'sys.stdout.buffer.write(segment([source(1, b"in"), opened(1), record(b"a"), "barrier",
        "barrier"], hello(b"group")))' >want.kf
    status 0 sh -c 'kgrep -m 1 "" <group.kf >got.kf'
    cmp got.kf want.kf
    status 0 sh -c 'kgrep -m 0 "" <group.kf >none.kf'
    same 0 "$(kout --replay <none.kf | grep -c '')"
}

@test "mistakes in PATTERN are told in grep's words" {
    local row
    while IFS='|' read -r pattern says; do
        refused "$pattern: $says: to take it as it stands: -F" "$pattern"
        status 2 grep -E "$pattern" in.kf
    done <<'END'
[a|Unmatched [, [^, [:, [., or [=
(a|Unmatched ( or \(
a\|Trailing backslash
[z-a]|Invalid range end
[[:foo:]]|Invalid character class name
a{2,1}|Invalid content of \{\}
a{99999}|Regular expression too big
(a)\2|Invalid back reference
[[.ab.]]|Invalid collation character
[:space:]|character class syntax is [[:space:]], not [:space:]
END
    same '(a' "$(echo '(a' | lines -F '(a')"
}

@test "other mistakes" {
    refused 'PATTERN: is missing: kgrep PATTERN'
    refused 'in.txt: reads standard input: kgrep PATTERN < FILE' a in.txt
    refused '-m x: want a number of records' -m x a
    refused '-m -1: want a number of records' -m -1 a
    refused '--on colour: want key, value, topic, partition, header:NAME or any' --on colour a
    refused '-E, -F: PATTERN is one or the other' -E -F a
    refused '-k, -H, --on: one field at a time: use two kgrep' -k -H h a
    refused '-k, -H, --on: one field at a time: use two kgrep' --on value -k a
}

@test "a pattern that PCRE2 cannot hold is refused" {
    status 64 kgrep '(abcdef){32767}' <in.kf
    says 'PATTERN: is too much for PCRE2: '
}

@test "a backslash before a letter that means nothing is told" {
    status 0 sh -c 'printf "d1\n" | kcat-in | kgrep "\\d." | kout'
    same d1 "$output"
    same 'kgrep: \d.: stray \ before d: matches d itself' "$stderr"
    status 0 sh -c 'printf "a/1\n" | kcat-in | kgrep "\\/\\w" | kout'
    same '' "$stderr"
}

@test "a search that takes too many steps is 65 and names the record" {
    printf 'aab\n%s b c\n' "$(printf 'a%.0s' {1..40})" >in
    status 65 sh -c 'kcat-in in | kgrep "(a*)*\1bc" | kout'
    same 'kgrep: in:2: cannot be decided: match limit exceeded: simplify PATTERN' "$stderr"
    status 0 sh -c 'kcat-in in | kgrep -c "(a*)*b.c"'
    same 1 "$output"
}

@test "--version names PCRE2 and its JIT" {
    status 0 kgrep --version
    [[ $output =~ ^'kgrep (kpipe) '[0-9.]+'; PCRE2 '[0-9]+\.[0-9]+.*' JIT'$ ]]
}
