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
    done < <(sed -n 's/^\.It \([1-7]\) Ta \([A-Z]*\) Ta.*/\2 \1/p' "$page")
    same 7 "$(grep -cE '^\.It [1-7] Ta [A-Z]+ Ta' "$page")"
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
