# kframe: what the page says of the stream is so: its program runs, its bytes are read, its numbers
# are those of the code.
load helper

page=$BATS_TEST_DIRNAME/../man/kframe.5
header=$BATS_TEST_DIRNAME/../src/stream/frame.h

# display SECTION : the literal text of a section of the page, as a reader sees it.
display() {
    awk -v head=".Sh $1" '$0 == head {on = 1; next} /^\.Sh / {on = 0} on' "$page" |
        sed -n '/^\.Bd -literal/,/^\.Ed/p' | sed '/^\./d; s/\\(ha/^/g; s/\\-/-/g; s/\\e/\\/g'
}

program() {
    display 'A READER AND A FILTER' >upper.py
}

# The bytes of the page's stream: what follows its columns of offset and name.
whole() {
    display 'A WHOLE STREAM' | cut -c 15- | python3 -c '
import sys
sys.stdout.buffer.write(bytes.fromhex(sys.stdin.read()))' >whole.kf
}

# Lines of every length up to 300, NUL, CR and empty ones too: enough for LINES.
lines() {
    python3 -c '
import random, sys
dice = random.Random(3)
for n in range(3000):
    sys.stdout.buffer.write(bytes(dice.choices(b"abcdefuvwxxyz \r\0\xff", k=n % 301)) + b"\n")
sys.stdout.buffer.write(b"no end")' >lines.txt
    kcat-in lines.txt >lines.kf
    [ "$(count_of LINES lines.kf)" -gt 3 ]
}

# count_of KIND FILE : how many such frames are in it.
count_of() {
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records, sys
stream = open(sys.argv[2], "rb").read()
print(sum(f.kind == getattr(records, sys.argv[1]) for f in records.walk(stream)))' "$@"
}

sample() {
    printf 'one:First\ntwo\n\n:\nthree:last\xff\x00 bytes' >in.txt
    kcat-in -K : in.txt >in.kf
}

@test "the program is thirty lines of Python" {
    program
    same 30 "$(wc -l <upper.py)"
    python3 -m py_compile upper.py
}

@test "the program stands between kcat-in and kout" {
    program
    printf 'a:one\nb:Two\n' >in.txt
    status 0 bash -c 'kcat-in -K : <in.txt | python3 upper.py | kout -K :'
    same "$(printf 'a:ONE\nb:TWO')" "$output"
}

@test "the program gives the bytes that ktr gives" {
    program
    sample
    ktr a-z A-Z <in.kf >want.kf
    python3 upper.py <in.kf >got.kf
    cmp want.kf got.kf
    whole
    ktr a-z A-Z <whole.kf >want.kf
    python3 upper.py <whole.kf >got.kf
    cmp want.kf got.kf
}

@test "LINES: the program gives the bytes that ktr gives" {
    program
    lines
    ktr a-z A-Z <lines.kf >want.kf
    python3 upper.py <lines.kf >got.kf
    cmp want.kf got.kf
    { LC_ALL=C tr a-z A-Z <lines.txt && echo; } >want
    kout <got.kf | cmp want -
}

@test "LINES: what the stages say is what they say of records that have a frame each" {
    local line
    lines
    kcat-in -n 1000000 lines.txt >each.kf
    same 0 "$(count_of LINES each.kf)"
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 - <<'EOF'
import records

def said(name):
    return [s for s in records.decode(open(name, "rb").read()) if s[0] == records.RECORD]

assert said("lines.kf") == said("each.kf")
EOF
    for line in kout 'kout -0' "kout -f '%t %p %o %T %k %h %s\n'" 'kout -J' 'kout -K =' \
        'kgrep -c a' 'kgrep -m 1000 a | kout' 'kgrep -v a | kout' 'kgrep "" | kout' \
        'kgrep -v -F abc | kout' 'kgrep -B 2 -A 3 uvw | kout -f "%o %s\n"' \
        'kgrep --on any bc | kout' 'kgrep -o --into key "[a-f]+" | kout -K =' \
        'kgrep --on topic lines | kout' 'kgrep "b.d|x{2}" | kout' 'ktr a-z A-Z | kout' \
        'ktr -d a-y | kout' 'ktr -s a-z | kout' 'ktr "\n" x | kout' 'ktr -k a b | kout' \
        'ktr -H h a b | kout' 'ktr a b | kgrep b | ktr b c | kout' \
        'kcount --by value | kout -K =' 'kgrep a | kcount --by value | kout -K ='; do
        sh -c "$line" <each.kf >want || [ $? -eq 1 ]
        sh -c "$line" <lines.kf >got || [ $? -eq 1 ]
        cmp want got
        [ -s got ]
    done
}

@test "LINES: only plain lines, and many of them, become one" {
    local options
    seq 5000 >in.txt
    for options in '' '--max-record 131072' '--max-record 131071' '-K 1' '-n 5000' '--key k' \
        '--header h=v' '--checksum' '--commit-interval 1m'; do
        # shellcheck disable=SC2086 # words
        kcat-in $options in.txt >out.kf
        kout <out.kf >out
        case $options in
        '' | *131072) [ "$(count_of LINES out.kf)" -ge 1 ] ;;
        *) same 0 "$(count_of LINES out.kf)" ;;
        esac
    done
    tr '\n' '\0' <in.txt | kcat-in -0 >out.kf
    [ "$(count_of LINES out.kf)" -ge 1 ]
    kout <out.kf | cmp in.txt -
    seq 15 | kcat-in >out.kf
    same 0 "$(count_of LINES out.kf)"
    seq 16 | kcat-in >out.kf
    same 1 "$(count_of LINES out.kf)"
}

@test "LINES: lines around the bounds come back" {
    local n
    for n in 1 15 16 17 8191 8192 8193 20000; do
        seq "$n" >in.txt
        kcat-in in.txt | kout | cmp in.txt -
        yes '' | head -n "$n" >in.txt
        kcat-in in.txt | kout | cmp in.txt -
    done
    for n in 4000 65534 65535 65536 65537 70000 262143 262144 262145 900000; do
        head -c "$n" /dev/zero | tr '\0' a >long
        { seq 100 && cat long && echo && seq 200 && cat long && echo; } >in.txt
        kcat-in in.txt | kgrep '' | ktr ab xy | ktr xy ab | kout | cmp in.txt -
        # shellcheck disable=SC2002 # a pipe gives less at a time
        cat in.txt | kcat-in | kout | cmp in.txt -
    done
}

@test "the program takes streams behind one another" {
    program
    sample
    cat in.kf in.kf | python3 upper.py | kout >got.txt
    kout <in.kf | LC_ALL=C tr a-z A-Z >once.txt
    cat once.txt once.txt | cmp - got.txt
}

@test "the program refuses a frame that was changed, and one that is missing" {
    program
    sample
    python3 - <<'EOF'
import subprocess, sys
good = open("in.kf", "rb").read()
at, frames = 32, []
while at < len(good):
    size = (int.from_bytes(good[at:at + 4], "little") + 7) // 8 * 8
    frames.append((at, at + size))
    at += size
cases = [good[:a + 12] + bytes([good[a + 12] ^ 1]) + good[a + 13:] for a, _ in frames]
cases += [good[:a] + good[b:] for a, b in frames[1:-1]]
for number, case in enumerate(cases):
    status = subprocess.run([sys.executable, "upper.py"], input=case, capture_output=True).returncode
    if status != 76:
        sys.exit(f"case {number}: status {status}")
EOF
}

@test "the cause passes through the program" {
    program
    status 66 bash -c 'kcat-in nowhere | python3 upper.py | kout'
}

@test "the whole stream of the page is read" {
    whole
    same 304 "$(wc -c <whole.kf)"
    status 0 kout -K : <whole.kf
    same k:hi "$output"
    status 0 bash -c 'kgrep -H h v <whole.kf | kgrep --on partition -x 2 | kgrep --on topic t | kout'
    same hi "$output"
}

@test "the tools write the bytes of the page" {
    whole
    kgrep '' <whole.kf | cmp - whole.kf
}

@test "the numbers of the page are those of the code" {
    local name number failed=0
    while read -r name number; do
        grep -qE "^ +FRAME_$name(_KIND)? = ${number}[,;]? *(/|\$)" "$header" ||
            { echo "$name is not $number in frame.h"; failed=1; }
    done < <(sed -n 's/^\.It \([0-9]*\) Ta \([A-Z]*\) Ta.*/\2 \1/p' "$page")
    same 12 "$(grep -cE '^\.It [0-9]+ Ta [A-Z]+ Ta' "$page")"
    return "$failed"
}

@test "a stream ends with the statuses of the page" {
    local kf
    sample
    status 76 kout <<<''
    status 76 bash -c ': | kout'
    for kf in 10 32 90; do
        status 75 bash -c "head -c $kf in.kf | kout"
        status 75 bash -c "{ cat in.kf; head -c $kf in.kf; } | kout"
    done
    status 76 bash -c 'head -c -1 in.kf | kout'
    status 76 bash -c '{ cat in.kf; echo more; } | kout'
    status 0 bash -c 'cat in.kf in.kf | kout'
}

# kept : a stream of a group with state in it, without a handshake, as kept.kf.
kept() {
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records, sys
sys.stdout.buffer.write(records.kept(flags=records.NO_HANDSHAKE))' >kept.kf
}

@test "filters that keep nothing pass state on as it came" {
    kept
    program
    kgrep '' <kept.kf | cmp - kept.kf
    ktr a-z a-z <kept.kf | cmp - kept.kf
    python3 upper.py <kept.kf | cmp - kept.kf
    kgrep -v '' <kept.kf >dropped.kf || true
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 - <<'EOF'
import records

def rest(name):
    said = records.decode(open(name, "rb").read())
    return [s for s in said if s[0] not in (records.RECORD, records.BARRIER, records.END)]

assert rest("dropped.kf") == rest("kept.kf"), rest("dropped.kf")
EOF
}

@test "--checksum: what is in a record is the same, through every stage" {
    local line
    { seq 2000 && head -c 200000 /dev/zero | tr '\0' a && printf '\n=\n'; } >in.txt
    for line in 'kout -K =' 'kgrep . | kout -K =' 'ktr a b | kout -K =' 'ktr -d 1 | kout -K =' \
        "ktr -H h a b | kout -f '%h %s\\n'" \
        'kgrep -A 1 -B 1 77 | kout -K =' 'kgrep -o 1. | kout -K =' \
        'kcount --by value | kout -K ='; do
        kcat-in -K = --header h=a in.txt | sh -c "$line" >want
        kcat-in -K = --header h=a --checksum in.txt | sh -c "$line" >got
        cmp want got
        [ -s got ]
    done
}

@test "--checksum: every stage writes sums, those that change records too" {
    local stage
    for stage in cat 'kgrep .' 'ktr a b' 'ktr -d a' 'kcount --by value' 'kgrep -o a' 'kgrep -A 1 b'; do
        printf 'a b\nca\na\n' | kcat-in --checksum | sh -c "$stage" >out.kf
        PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records, struct, sys
stream = open("out.kf", "rb").read()
frames = [f for f in records.walk(stream) if f.kind == records.RECORD]
assert frames
for f in frames:
    raw = stream[f.start:f.end]
    length = struct.unpack_from("<I", raw)[0]
    assert f.flags & records.SUMMED, f
    assert struct.unpack_from("<I", raw, length - 4)[0] == records.crc32c(raw[:length - 4])
hello = next(records.walk(stream))
assert hello.flags == records.SUMS'
    done
}

@test "--checksum: a bit that changed in a kept stream is found by its reader, without it is not" {
    printf 'key=a value\n' | kcat-in -K = --checksum >sum.kf
    printf 'key=a value\n' | kcat-in -K = >plain.kf
    sed 's/a value/a walue/' sum.kf >sum-bad.kf
    sed 's/a value/a walue/' plain.kf >plain-bad.kf
    same 'a walue' "$(kout <plain-bad.kf)"
    status 76 bash -c 'kout <sum-bad.kf'
    same '' "$output"
    says "a record's checksum is wrong: its bytes were changed"
}

@test "an example of CRC-32C from the RFC" {
    PYTHONPATH=$BATS_TEST_DIRNAME/tool python3 -c '
import records
assert records.crc32c(bytes(32)) == 0x8A9136AA
assert records.crc32c(b"123456789") == 0xE3069283'
}

@test "a length that was changed is known before what it promises is waited for" {
    kcat-in >in.kf <<<line
    cat >late.py <<'EOF'
import subprocess, sys
import records
stream = bytearray(open("in.kf", "rb").read())
at = next(frame.start for frame in records.walk(stream) if frame.kind == records.RECORD)
stream[at + 2] ^= 16
tool = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
tool.stdin.write(stream)
tool.stdin.flush()
sys.exit(tool.wait(30))
EOF
    local tool
    for tool in 'kgrep line' 'ktr a b' kcount kout; do
        # shellcheck disable=SC2086 # words
        status 76 env PYTHONPATH="$BATS_TEST_DIRNAME/tool" python3 late.py $tool
        says "${tool%% *}: standard input: broken record stream at byte "
        says ": no frame stands here: bytes were changed or are missing"
    done
}
