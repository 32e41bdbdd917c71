# ktr: bytes of each record translated, squeezed, deleted, in GNU tr's language.
load helper

setup() {
    work
    printf 'gwen:Ratings\nmatthias:\nno key\n' | kcat-in -K : >in.kf
}

# lines ARG... : the text lines of standard input through ktr.
lines() { kcat-in | ktr "$@" | kout; }

# keyed ARG... : in.kf through ktr.
keyed() { ktr "$@" <in.kf | kout -K :; }

# refused LINE ARG... : a usage mistake, two lines: this one and the usage.
refused() {
    local line=$1
    shift
    status 64 ktr "$@" <in.kf
    same "ktr: $line
usage: ktr [-cCdst] [-k | -H NAME | --on FIELD] [--no-sandbox] SET1 [SET2]" "$stderr"
}

@test "translates the value" {
    same 'KSQL AND STREAMS' "$(echo 'ksql and streams' | lines a-z A-Z)"
}

@test "thousands of lines are as GNU tr makes them" {
    local args
    python3 -c '
import random, sys
dice = random.Random(5)
for _ in range(5000):
    sys.stdout.buffer.write(dice.randbytes(dice.randrange(200)).replace(b"\n", b"k") + b"\n")' >in
    while IFS= read -r args; do
        eval "lines $args" <in >got
        eval "tr $args" <in >want
        cmp want got || {
            echo "$args"
            return 1
        }
    done <<'END'
a-z A-Z
'a-zA-Z' 'n-za-mN-ZA-M'
'\200-\377' '?'
-d '\0\r'
-s '[:blank:]x' '_[x*]'
-cd '[:print:]\n'
-ds aeiou b-d
END
}

# bats test_tags=slow
@test "options and SETs from a grammar, all bytes: GNU tr's bytes, refusals and warnings" {
    status 0 timeout 300 "$BATS_TEST_DIRNAME/differential-tr" 100 1
}

@test "a newline in a record is data" {
    same 'a b' "$(printf 'a\nb\0' | kcat-in -0 | ktr '\n' ' ' | kout)"
    same "$(printf 'a\nb')" "$(printf 'a\nb\n' | lines '\n' ' ')"
}

@test "squeezing does not cross records" {
    same "$(printf 'xa\nax')" "$(printf 'xaa\naax\n' | lines -s a)"
}

@test "a record that loses its last byte is empty, not gone" {
    printf 'a\n\nb\n' | lines -d ab >got
    printf '\n\n\n' | cmp - got
}

@test "a null key stays null, an empty one empty" {
    printf 'no key\n:empty key\n' | kcat-in -K : >nulls.kf
    ktr -k -d a-z <nulls.kf | cmp - nulls.kf
}

@test "a long form does what its letter does" {
    local pair letter word
    for pair in c:complement C:complement s:squeeze-repeats t:truncate-set1; do
        letter=$(echo aabbccdd | lines "-${pair%:*}" abc xy)
        word=$(echo aabbccdd | lines "--${pair#*:}" abc xy)
        same "$letter" "$word"
        run ! same "$(echo aabbccdd | lines abc xy)" "$word"
    done
    same dd "$(echo aabbccdd | lines -d abc)"
    same dd "$(echo aabbccdd | lines --delete abc)"
}

@test "the value is changed, or the key" {
    local option
    same "$(printf 'gwen:RATINGS\nmatthias:\nNO KEY')" "$(keyed a-z A-Z)"
    same "$(printf 'gwen:RATINGS\nmatthias:\nNO KEY')" "$(keyed --on value a-z A-Z)"
    for option in -k --key --on=key; do
        same "$(printf 'GWEN:Ratings\nMATTHIAS:\nno key')" "$(keyed $option a-z A-Z)"
        same "$(printf 'wn:Ratings\nmtts:\nno key')" "$(keyed $option -d aeghi)"
    done
}

@test "every header of the name is changed, and no other" {
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 - <<'END'
import subprocess
from records import record, segment, source

def stream(a, b, c):
    headers = [(b"h", a), (b"hh", b"aab"), (b"h", b), (b"", b"aab"), (b"h", b""), (b"h", c)]
    return segment([source(1, b"in"), record(b"aab", b"aab", headers, offset=7), record(b"h", offset=8)])

for field in ["-H", "h"], ["--header", "h"], ["--on", "header:h"]:
    for sets, after in (
        (["a", "x"], (b"xxb", b"b", b"xxxx")),
        (["-d", "a"], (b"b", b"b", b"")),
        (["-s", "a"], (b"ab", b"b", b"a")),
        (["q", "x"], (b"aab", b"b", b"aaaa")),
    ):
        ktr = ["ktr", *field, *sets]
        got = subprocess.run(ktr, input=stream(b"aab", b"b", b"aaaa"), capture_output=True)
        assert got.stdout == stream(*after), (ktr, got)
END
}

@test "records larger than every buffer" {
    head -c 3000000 /dev/zero | tr '\0' e >in
    printf '\nx\n' >>in
    lines e '\366' <in | cmp - <(tr e '\366' <in)
    same x "$(lines -d e <in | tail -n +2)"
    same "$(printf 'e\nx')" "$(lines -s e <in)"
}

@test "SETs that begin with a dash stand behind --, options may follow SETs" {
    same 'b_b' "$(echo 'a_-' | lines -- -a b)"
    same 'a__' "$(echo 'a_-' | lines - _)"
    same 'GWEN:Ratings' "$(keyed a-z A-Z -k | head -n 1)"
}

@test "fields that cannot be changed" {
    local field
    for field in topic partition any; do
        refused "--on $field: cannot be changed: name value, key or header:NAME" --on $field a b
    done
    refused '--on colour: want value, key or header:NAME' --on colour a b
}

@test "one field at a time" {
    local line='-k, -H, --on: one field at a time: use two ktr'
    refused "$line" -k -H h a b
    refused "$line" --on value -k a b
}

@test "mistakes are GNU's, and say what to do" {
    refused "SET1: range-endpoints of 'z-a' are in reverse collating sequence order: swap them, or \
write \\- for the byte -" z-a x
    refused 'SET1: missing operand: ktr SET1 SET2, or ktr -d SET1'
    refused "SET2: missing operand after 'a': two strings must be given when translating; to delete \
bytes: -d" a
    refused 'in.txt: extra operand: records come from a pipe: kcat-in FILE | ktr ...' a b in.txt
    refused '-0: unknown option: belongs to kcat-in and kout: a record'"'"'s newlines are data here' -0 a b
}

@test "a mistake's status is the pipeline's" {
    status 64 sh -c 'echo x | kcat-in | ktr z-a x 2>&- | kout'
    same '' "$output$stderr"
}

@test "a slip is told and done" {
    status 0 sh -c "echo '0 a' | kcat-in | ktr '\\400' 'xy' | kout"
    same 'yxa' "$output"
    same 'ktr: SET1: the ambiguous octal escape \400 is being interpreted as the 2-byte sequence \040, 0: write \0400' "$stderr"
    status 0 sh -c "echo a | kcat-in | ktr a '\\' | kout"
    same '\' "$output"
    same 'ktr: SET2: an unescaped backslash at end of string is not portable: write \\' "$stderr"
}

@test "a terminal as input: 64 and where records come from" {
    python3 - >out 2>err <<'END'
import os, pty, subprocess, sys
terminal = pty.openpty()[1]
sys.exit(subprocess.run(["ktr", "a", "b"], stdin=terminal, timeout=60).returncode != 64)
END
    same 'ktr: standard input: is a terminal: records come from a pipe: kcat-in FILE | ktr ...' \
        "$(head -n 1 err)"
}
