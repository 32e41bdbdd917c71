# A tool whose output is a terminal shows text, as `| kout -K '\t'` would, and nothing that could
# steer the terminal. All on real ptys.
load helper

TOOL=$BATS_TEST_DIRNAME/tool
TOOLS="kcat-in kgrep ktr kcount kout"

setup() {
    work
    printf 'k=plain\nno key\n=empty\n' >in.txt
    kcat-in -K = in.txt >in.kf
    # Every byte, and what is worse in company: CSI, OSC, C1 in UTF-8, in key and value.
    python3 -c 'import sys
bad = bytes(b for b in range(256) if b not in b"\n=") + b"\xc2\x9b31m\x1b[2J\x1b]0;title\a\xc3\xa4"
bad += "\u202etxt.exe\u2066\u200b\ufeff\u061c\U000e0041".encode()
sys.stdout.buffer.write(bad + b"=" + bad + b"\n" + b"\x1b=\x1b\n")' >bad.txt
    kcat-in -K = bad.txt >bad.kf
}

# shown N COMMAND [TYPED]... : at a terminal of its own, ends with N; what was shown is in $output.
shown() {
    local want=$1
    shift
    status "$want" timeout 60 python3 "$TOOL/terminal.py" run "$@"
}

# clean COMMAND : whatever it shows, it does not steer the terminal.
clean() {
    timeout 60 python3 "$TOOL/terminal.py" run "$@" >raw || [ $? -lt 124 ]
    [ -s raw ]
    python3 "$TOOL/terminal.py" clean <raw
}

@test "records are shown as key, tab, value" {
    local all='k	plain
no key
	empty'
    shown 0 'kcat-in -K = in.txt'
    same "$all" "$output"
    shown 0 'kgrep -v empty <in.kf'
    same 'k	plain
no key' "$output"
    shown 0 'ktr a-z A-Z <in.kf'
    same 'k	PLAIN
NO KEY
	EMPTY' "$output"
    shown 0 'kcount --by value <in.kf'
    same 'plain	1
no key	1
empty	1' "$output"
    shown 0 'kout <in.kf'
    same 'plain
no key
empty' "$output"
    shown 0 "kout -K '\\t' <in.kf"
    same "$all" "$output"
}

@test "no raw control byte gets out" {
    clean 'kcat-in -K = bad.txt'
    clean 'kgrep --color never . <bad.kf'
    timeout 60 "$PYTHON" "$TOOL/terminal.py" run 'kgrep "[[:print:]]+" <bad.kf' >raw
    grep -q '\[01;31m' raw
    sed 's/\x1b\[01;31m\x1b\[K//g; s/\x1b\[m\x1b\[K//g' raw | "$PYTHON" "$TOOL/terminal.py" clean
    clean 'ktr a b <bad.kf'
    clean 'kcount --by value <bad.kf'
    clean 'kout -0 <bad.kf'
    clean "kout -K '\\x1b' <bad.kf"
    clean 'kout <bad.kf'
    clean "kout -K '\\t' <bad.kf"
    clean 'kout -J <bad.kf'
    clean "kout -f '%k %s %t\\n' <bad.kf"
    clean "kout -D '\\x1b[2J' <bad.kf"
    clean 'kout -K = -o "$(tty)" <bad.kf'
    grep -q '\\x1b\[2J' raw
}

@test "kgrep shows what matched in colour, as grep does" {
    local on=$'\033[01;31m\033[K' off=$'\033[m\033[K'
    printf 'k=ab cab\na=xb\n' | kcat-in -K = >two.kf
    shown 0 'kgrep "a?b" <two.kf'
    same "k	${on}ab${off} c${on}ab${off}
a	x${on}b${off}" "$output"
    same "${output//?	/}" "$(printf 'ab cab\nxb\n' | grep --color=always -E 'a?b')"
    shown 0 'kgrep -k a <two.kf'
    same "${on}a${off}	xb" "$output"
    shown 0 'kgrep -w "ab" <two.kf'
    same "k	${on}ab${off} cab" "$output"
    shown 0 'env TERM=xterm NO_COLOR=1 kgrep --color always -F -e ab -e xb -e c -e d -e e <two.kf'
    same "k	${on}ab${off} ${on}c${off}${on}ab${off}
a	${on}xb${off}" "$output"
    local plain
    for plain in 'kgrep --color never a' 'env NO_COLOR=1 kgrep a' 'env TERM=dumb kgrep a' 'kgrep -v x' 'kgrep --on any ca'; do
        shown 0 "$plain <two.kf"
        same "k	ab cab" "$output"
    done
    kgrep --color always a <two.kf | cmp - <(kgrep a <two.kf)
}

@test "nor in a message" {
    clean 'kcat-in "$(cat bad.txt)"'
    clean 'kgrep "$(cat bad.txt)" "$(cat bad.txt)"'
    clean 'ktr a b "$(cat bad.txt)"'
    clean 'kcount --by "$(cat bad.txt)"'
    clean 'kout -o "$(cat bad.txt)/x" <in.kf'
    python3 - >abort.kf <<E2
import sys
sys.path.insert(0, "$TOOL")
import records
sys.stdout.buffer.write(records.MAGIC + records.abort(74, b"\x1b[2J", b"\x1b]0;x\a"))
E2
    timeout 20 python3 "$TOOL/terminal.py" run 'kout <abort.kf' >raw || same 74 $?
    python3 "$TOOL/terminal.py" clean <raw
}

@test "escaped is what is not plain, plain stays" {
    printf 'a\033[31m\r\177\302\233\303\244\t\377z\n' >in.txt
    shown 0 'kcat-in in.txt'
    same $'a\\x1b[31m\\r\\x7f\\xc2\\x9b\303\244\t\\xffz' "$output"
}

@test "the status is the tool's" {
    shown 1 'kgrep nothing <in.kf'
    same '' "$output"
    shown 76 'kcount <in.txt'
    same 1 "$(lines_of "$output")"
    kcat-in in.txt >keyless.kf
    shown 65 'kcount <keyless.kf'
    same 'kcount: no record of 3 has a key: kcat-in -K SEP, or --by value' "$output"
    shown 66 'kcat-in in.txt missing'
    same 1 "$(grep -c '^kcat-in: missing: ' <<<"$output")"
    same 4 "$(lines_of "$output")"
    head -c 200 in.kf >cut.kf
    shown 76 'kgrep . <cut.kf'
    same 1 "$(lines_of "$(grep '^kgrep: ' <<<"$output")")"
    shown 76 'kout <cut.kf'
}

@test "a usage mistake: 64, two lines, and nothing else" {
    local tool
    for tool in $TOOLS; do
        shown 64 "$tool --nonsense <in.kf"
        same 2 "$(lines_of "$output")"
    done
}

@test "kgrep -c and -q at a terminal" {
    shown 0 'kgrep -c k <in.kf'
    same 1 "$output"
    shown 0 'kgrep -q k <in.kf'
    same '' "$output"
    shown 1 'kgrep -c nothing <in.kf'
    same 0 "$output"
}

@test "input from a terminal: who reads records says what to do" {
    local tool name
    for tool in 'kgrep PATTERN' 'ktr a b' kcount kout; do
        name=${tool%% *}
        shown 64 "$tool"
        same 2 "$(lines_of "$output")"
        stderr=$output
        says "$name: standard input: is a terminal: records come from a pipe: kcat-in FILE | $name"
    done
}

@test "kcat-in reads the terminal after a line that says so" {
    shown 0 kcat-in 'Ctrl-D>typed\n' 'typed>\x04'
    same 'kcat-in: reading the terminal: end with Ctrl-D
typed' "$output"
    shown 0 'kcat-in >out' 'Ctrl-D>typed\n\x04'
    same typed "$(kout <out)"
    shown 0 'sh -c "kcat-in -n 1 | kout"' 'Ctrl-D>typed\n'
}

@test "Ctrl-C at the terminal: 130" {
    shown 130 kcat-in 'Ctrl-D>\x03'
    shown 130 'sh -c "kcat-in | kgrep a"' 'Ctrl-D>a\n' 'a>\x03'
    shown 130 "bash -c 'while :; do kcat-in; done'" 'Ctrl-D>\x03'
}

@test "a terminal that hangs up ends it" {
    mkfifo in
    exec 8<>in
    echo line >&8
    status 0 timeout 60 python3 - <<'E2'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", "trap '' HUP; kcat-in in 2>err; echo $? >status"])
while b"line" not in os.read(fd, 100):
    pass
os.close(fd)
os.waitpid(pid, 0)
E2
    exec 8>&-
    [ "$(cat status)" -ne 0 ]
}

@test "children that are not ours are not waited for" {
    local tool other='cat never >/dev/null 2>&1 3>&- 8>&- &'
    mkfifo never
    exec 8<>never
    for tool in 'kcat-in in.txt' 'kgrep .' 'ktr a b' 'kcount --by value' kout; do
        status 0 timeout 10 sh -c "$other exec $tool <in.kf >out 8>&-"
    done
    shown 0 "sh -c '$other exec kgrep . <in.kf 8>&-'"
    exec 8>&- # which ends them
}
