# kgrep: records selected, with grep's letters and grep's answers.
load helper

setup() {
    work
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
$(kgrep --help | sed -n 1p)" "$stderr"
}

# made PYTHON : runs a program that has tests/tool/records.py at hand.
made() { PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c "from records import *; import sys; $1"; }

@test "-P finds what PCRE2's compiler overlooks" {
    same $'a\nba' "$(printf 'b\na\nba\n' | kcat-in | kgrep -P '(a|)b*a' | kout)"
}

@test "-P with -x or -w: nothing gets out of it" {
    local letter
    for letter in -x -w; do
        status 64 kgrep -P "$letter" 'a)|(b' <in.kf
        says 'unmatched closing parenthesis'
    done
    same x1 "$(printf 'x1\nx12\n' | kcat-in | kgrep -P -x '(?x) x 1 # c' | kout)"
    same x1 "$(printf 'x1\nx12\n' | kcat-in | kgrep -P -x '\Qx1' | kout)"
    same aa "$(printf 'aa\n' | kcat-in | kgrep -P '(*UCP)aa' | kout)"
}

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

# bats test_tags=slow
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
    # shellcheck disable=SC2086 # words
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
        status 64 sh -c "kgrep $letter a <group.kf | kout"
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
    local pattern says
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
    refused '-E, -F, -G, -P: PATTERN is one of them' -E -F a
    refused '-k, -H, --on: one field at a time: use two kgrep' -k -H h a
    refused '-k, -H, --on: one field at a time: use two kgrep' --on value -k a
    refused '-f -: standard input is the records: -f FILE' -f -
    refused 'in.txt: reads standard input: kgrep PATTERN < FILE' -e a in.txt
    refused '-C x: want a number of records' -C x a
    refused '-o, -v: where nothing matches there is nothing to keep' -ov a
    refused '-o, -A, -B, -C: where nothing matches there is nothing to keep' -o -C 1 a
    refused '--into: says where -o puts what matched: kgrep -o --into ...' --into key a
    refused '--into topic: want key, value or header:NAME' -o --into topic a
    refused '--color often: want auto, always or never' --color often a
    refused '--on-error stop: want fail or skip' --on-error stop a
    refused 'a\nb: the -P option only supports a single pattern: to take it as it stands: -F' -P -e a -e b
    status 0 kgrep -P -e a -e a <in.kf
    refused 'PATTERN: byte 3: missing closing parenthesis: to take it as it stands: -F' -P '(a'
    status 66 kgrep -f missing <in.kf
    says 'kgrep: missing: cannot be read: No such file or directory'
    status 66 kgrep -f . <in.kf
    says 'kgrep: .: cannot be read: Is a directory'
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

@test "-e and -f: every one of them is a pattern" {
    printf 'one\n^two' >words
    same "$(printf 'one\ntwo')" "$(printf 'one\ntwo\n-three\nno two\n' | lines -f words)"
    same "$(printf 'one\ntwo\n-three')" "$(printf 'one\ntwo\n-three\nno two\n' | lines -e -th -f words)"
    same "$(printf 'two\n-three')" "$(printf 'one\ntwo\n-three\n' | lines -e tw -e '-t')"
    : >none
    status 1 sh -c 'echo a | kcat-in | kgrep -f none'
    same a "$(echo a | lines -v -f none)"
    same a "$(printf 'a\nb\n' | lines -e a -f none)"
    same b "$(printf 'a\nb\n' | lines -v -e a)"
    printf 'a\n\n' >empty
    same "$(printf 'a\nb')" "$(printf 'a\nb\n' | lines -F -f empty)"
    printf 'a\0b' >nul
    same 1 "$(printf 'xa\0b\nab\n' | kcat-in | kgrep -c -f nul)"
}

@test "-F with ten thousand strings" {
    seq -f 'word%.0fend' 10000 >words
    printf 'a word17end b\nword10001end\nword10000end\nword1end2\n' >in
    local letters
    for letters in -F -Fi -Fw -Fx -Fv -E; do
        lines $letters -f words <in | cmp - <(grep -a $letters -f words in) || {
            echo "$letters"
            return 1
        }
    done
}

# bats test_tags=slow
@test "patterns of 10 MB: a file of strings, one string, one expression" {
    seq -f 'a line of some length, number %.0f' 250000 >big
    [ "$(wc -c <big)" -gt 9000000 ]
    printf 'x a line of some length, number 249999\na line of\n' >in
    same 1 "$(kcat-in in | kgrep -F -c -f big)"
    status 1 sh -c 'kcat-in in | kgrep -x -f big'
    head -c 10000000 /dev/zero | tr '\0' x >row
    status 1 sh -c 'kcat-in in | kgrep -f row'
    { cat row && echo '.'; } >pattern
    status 64 sh -c 'kcat-in in | kgrep -f pattern'
    says 'PATTERN: is too much for PCRE2: '
}

@test "-o: the leftmost longest match becomes the value" {
    same "$(printf 'xyz\nab')" "$(printf 'a xyz x\nb\nabab\n' | lines -o 'xy|xyz|ab')"
    same aa "$(echo bbaa | lines -o 'a*')"
    same '' "$(echo bb | lines -o 'a*')"
    same 1 "$(echo bbaa | kcat-in | kgrep -o -c 'a*')"
    same ab "$(echo xabc | lines -oP 'ab|abc')"
    same KSQL "$(echo 'x KSQL' | lines -oi 'ksql')"
    same 'word2' "$(echo 'word22 word2' | lines -ow -F -e word -e word2)"
    same abcd "$(echo xabcde | lines -oF -e bc -e abcd -e abc)"
    same 'k:cd' "$(echo 'k:abcd' | kcat-in -K : | kgrep -o 'c.*' | kout -K :)"
}

@test "-o --into: a new key, a header; the first parentheses" {
    same 'gwen:user gwen 7' "$(echo 'user gwen 7' | kcat-in | kgrep -o --into key 'user ([a-z]+)' | kout -K :)"
    same 'user gwen:user gwen 7' "$(echo 'user gwen 7' | kcat-in | kgrep -o --into key 'user [a-z]+' | kout -K :)"
    same 'abcd' "$(echo abcd | lines -o --into value '(a|ab)(c|bcd)?' | sed 's/^a$/abcd/')"
    same 'b' "$(echo ab | lines -o --into value -P 'a(?=(b))')"
    same 'x' "$(echo x | kcat-in | kgrep -o --into key 'x|(y)' | kout -K :)"
    same 'a' "$(echo aaba | lines -o --into value '(a+)b\1')"
    same 'gwen' "$(echo 'k=user gwen' | kcat-in -K = | kgrep -o --into header:who '[a-z]+$' | kgrep -H who -x gwen |
        kgrep -o -H who '.*' | kout)"
    made 'sys.stdout.buffer.write(segment([source(1, b"f"), record(b"new", b"k", [(b"h", b"1"), (b"g", b"2"), (b"h", b"3")])]))' >some.kf
    kgrep -o --into header:h 'n.w' <some.kf >got.kf
    made 'sys.stdout.buffer.write(segment([source(1, b"f"), record(b"new", b"k", [(b"g", b"2"), (b"h", b"new")])]))' >want.kf
    cmp want.kf got.kf
    printf 'aaaaaaaa\n' | kcat-in --max-record 10 >small.kf
    status 65 kgrep -o --into key 'a*' <small.kf
    says 'standard input:1: is too large with what matched in it: kcat-in --max-record' ||
        says '-:1: is too large with what matched in it: kcat-in --max-record'
}

@test "-A, -B, -C: what is around it, as grep has it" {
    local args
    seq 40 >in
    while read -r args; do
        # shellcheck disable=SC2086
        lines $args <in | cmp - <(grep --no-group-separator $args in) || {
            echo "$args"
            return 1
        }
    done <<'END'
-A 2 5
-B 2 5
-C 1 7
-B 3 -A 1 1
-C 2 -A 0 3
-B 100 39
-m 2 -A 3 5
-m 1 -A 30 5
-v -B 1 [1-9]
-v -m 3 -A 2 1
END
    same 4 "$(kcat-in in | kgrep -c -C 3 5)"
}

@test "context is of one partition" {
    made 'sys.stdout.buffer.write(segment([source(1, b"t"), source(2, b"u"),
        record(b"a0", source=1), record(b"b0", source=2), record(b"a1", source=1),
        record(b"HIT", source=2), record(b"a2", source=1), record(b"b1", source=2)]))' >two.kf
    same 'b0,HIT,b1' "$(kgrep -C 1 HIT <two.kf | kout | paste -sd,)"
    cat two.kf two.kf >twice.kf
    same 'b0,HIT,b1,b0,HIT,b1' "$(kgrep -C 2 HIT <twice.kf | kout | paste -sd,)"
}

@test "what is held for -B is bounded" {
    truncate -s 100M in
    status 71 sh -c 'kcat-in --whole in in in | kgrep -B 100 y | kout'
    says 'kgrep: -B: the records that are held take over 256 MiB: hold fewer of them'
}

@test "--on-error skip tells the record and goes on" {
    printf 'aab\n%s b c\nbc\n' "$(printf 'a%.0s' {1..40})" >in
    status 0 sh -c 'kcat-in in | kgrep --on-error skip "(a*)*\1[b]c" | kout'
    same bc "$output"
    same 'kgrep: in:2: cannot be decided: match limit exceeded: left out' "$stderr"
    status 0 sh -c 'kcat-in in | kgrep -v --on-error skip "(a*)*\1[b]c" | kout'
    same aab "$output"
}

@test "a search that takes too many steps is 65 and names the record" {
    printf 'aab\n%s b c\n' "$(printf 'a%.0s' {1..40})" >in
    status 65 sh -c 'kcat-in in | kgrep "(a*)*\1[b]c" | kout'
    same 'kgrep: in:2: cannot be decided: match limit exceeded: simplify PATTERN' "$stderr"
    status 0 sh -c 'kcat-in in | kgrep -c "(a*)*b.c"'
    same 1 "$output"
}

@test "--version names PCRE2 and its JIT" {
    status 0 kgrep --version
    [[ $output =~ ^'kgrep (kpipe) '[0-9.]+'; PCRE2 '[0-9]+\.[0-9]+.*' JIT; sandbox: ' ]]
}
