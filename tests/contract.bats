# What every tool does when the world around it is bad: the promised status, one clear line, no
# hang.
load helper

TOOLS="kcat-in kgrep ktr kcount kout"
READERS="kgrep ktr kcount kout"

# Each tool with operands that let it work.
command_of() {
    case $1 in
    kgrep) echo kgrep a ;;
    ktr) echo ktr a-z A-Z ;;
    kcount) echo kcount --by value ;;
    *) echo "$1" ;;
    esac
}

input_of() {
    case $1 in
    kcat-in) echo in.txt ;;
    *) echo in.kf ;;
    esac
}

setup() {
    work
    printf 'a line\nanother\n\na last' >in.txt
    kcat-in in.txt >in.kf
}

# works N TOOL REDIRECTION... : the tool at work, its descriptors as said, ends with N within 10 s.
works() {
    local want=$1 tool=$2 shell
    shift 2
    shell="timeout 10 $(command_of "$tool") <$(input_of "$tool") $*"
    status "$want" sh -c "$shell" || {
        echo "$shell"
        return 1
    }
}

# told TOOL TEXT : stderr is one line, of this tool, with this text.
told() {
    same 1 "$(lines_of "$stderr")" && same "$1: " "${stderr:0:${#1}+2}" && says "$2"
}

sweep() {
    [ -z "$KPIPE_SAN" ] || [ "$1" != storm ] || skip "a sanitizer bears no preloading"
    timeout 300 python3 "$BATS_TEST_DIRNAME/tool/broken.py" "$1"
}

@test "a full device as output: 74" {
    local tool
    for tool in $TOOLS; do
        works 74 "$tool" '>/dev/full'
        told "$tool" 'standard output: cannot write: No space left on device'
    done
    status 74 sh -c 'kgrep -c a <in.kf >/dev/full'
    told kgrep 'standard output: cannot write: No space left on device'
}

@test "help and version into a full device: 74" {
    local tool word
    for tool in $TOOLS; do
        for word in --help --version; do
            status 74 sh -c "$tool $word >/dev/full"
            told "$tool" 'standard output: '
        done
    done
}

@test "closed input: 74" {
    local tool
    for tool in $TOOLS; do
        works 74 "$tool" '<&-'
        told "$tool" 'standard input: cannot read: Bad file descriptor'
    done
}

@test "closed output: 74" {
    local tool
    for tool in $TOOLS; do
        works 74 "$tool" '>&-'
        told "$tool" 'standard output: cannot write: Bad file descriptor'
    done
}

@test "closed stderr: all goes on, a fault has its status, and no file gets the message" {
    local tool
    for tool in $TOOLS; do
        works 0 "$tool" '2>&- >out'
        [ -s out ]
        works 74 "$tool" '<&- 2>&- >out'
        run ! grep -a "^$tool: " out
    done
    mkfifo idle
    exec 8<>idle
    kcat-in idle 2>&- >out 3>&- 8>&- &
    wait_for 10 grep -aq idle out # SOURCE is written when the file is open
    same /dev/null "$(readlink /proc/$!/fd/2)"
    kill $!
    exec 8>&-
    status 66 sh -c 'kcat-in missing 2>&- >out'
    status 76 sh -c 'head -c 99 in.kf | kout -o out 2>&-'
    works 74 kout '-o made <&- >&- 2>&-'
    [ ! -e made ]
}

@test "all closed: 74" {
    local tool
    for tool in $TOOLS; do works 74 "$tool" '<&- >&- 2>&-'; done
}

@test "a full device as stderr: the status all the same" {
    local tool
    for tool in $TOOLS; do
        works 74 "$tool" '<&- >out 2>/dev/full'
        status 64 sh -c "$tool --nonsense 2>/dev/full"
    done
}

@test "a reader that has gone: 141 and silence, or 74 and a line where SIGPIPE is ignored" {
    local tool
    mkfifo gone
    exec 7<>gone 8>gone 7<&-
    for tool in $TOOLS; do
        same 141 "$(env --default-signal=PIPE sh -c "$(command_of "$tool") <$(input_of "$tool") >&8" \
            2>err || echo $?)"
        [ ! -s err ]
        same 74 "$(env --ignore-signal=PIPE sh -c "$(command_of "$tool") <$(input_of "$tool") >&8" \
            2>err || echo $?)"
        stderr=$(cat err)
        told "$tool" 'standard output: nobody reads it any more'
    done
    exec 8>&-
}

@test "help for a reader that has gone: 141 and silence" {
    local tool
    mkfifo gone
    exec 7<>gone 8>gone 7<&-
    for tool in $TOOLS; do
        same 141 "$(env --default-signal=PIPE "$tool" --help 2>err >&8 || echo $?)"
        [ ! -s err ]
    done
    exec 8>&-
}

@test "calls that are interrupted, short or early change nothing" {
    sweep storm
}

@test "interrupted and early calls do not hold back a line" {
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer bears no preloading"
    local seed p
    for seed in 1 2 3 4 5; do
        p="FAULT_SEED=$seed LD_PRELOAD=$KPIPE_BUILD/fault/eintr.so"
        timeout 60 python3 "$BATS_TEST_DIRNAME/tool/live.py" \
            "$p kcat-in | $p kgrep x | $p ktr x y | $p kout" 'x1\n' 'y1\n' 'no\n' '' 'x2\n' 'y2\n'
    done
}

@test "a signal four times in a millisecond changes nothing in a full pipeline" {
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer bears no preloading"
    seq 200000 >in.txt
    grep -a 7 in.txt | tr 0-9 a-j >want
    local p="LD_PRELOAD=$KPIPE_BUILD/fault/timer.so"
    status 0 timeout 60 sh -c \
        "$p kcat-in <in.txt | $p kgrep 7 | $p ktr 0-9 a-j | $p kout >got"
    same '' "$stderr"
    cmp want got
}

# bats test_tags=slow
@test "a stream cut at any byte: 76, or 75 where it may be tried again" {
    sweep cut
}

# bats test_tags=slow
@test "a byte flipped in what a hop guards is never 0, and anywhere no crash" {
    sweep flip
}

@test "garbage: never 0" {
    sweep garbage
}

@test "a newer version is refused by name; kinds that may be passed on are" {
    sweep newer
}

@test "LINES that is wrong or out of place: 76" {
    sweep lines
}

@test "text where records belong: 76 and what to do" {
    local tool
    for tool in $READERS; do
        status 76 sh -c "timeout 10 $(command_of "$tool") <in.txt >out"
        told "$tool" 'is not a record stream: text becomes records by: kcat-in | ...'
    done
}

@test "records where text belongs: 65 and what to do" {
    status 65 kcat-in in.kf
    told kcat-in 'in.kf: is a record stream already: cat in.kf | ...'
    status 65 sh -c 'kcat-in <in.kf'
    told kcat-in 'standard input: is a record stream already: cat FILE | ...'
}

@test "grep, wc or sed in between: 76 and one line" {
    local stage
    for stage in 'grep another' 'grep -a another' 'wc -l' 'sed s/a/b/' 'tr a-z A-Z'; do
        status 76 sh -c "kcat-in in.txt | $stage 2>/dev/null | kgrep . | kout"
        same 1 "$(lines_of "$stderr")"
        says 'kgrep: standard input: '
        status 76 sh -c "kcat-in in.txt | $stage 2>/dev/null | kout"
        same 1 "$(lines_of "$stderr")"
        says 'kout: standard input: '
    done
}

@test "a misspelt stage in front: nothing came, 76" {
    local tool
    for tool in $READERS; do
        status 76 sh -c "kgerp a 2>shell | $(command_of "$tool")"
        grep -q kgerp shell
        told "$tool" 'standard input: nothing came: the stage in front never started'
    done
}

@test "a usage mistake: 64 and two lines, the second the usage" {
    local tool
    for tool in $TOOLS; do
        status 64 "$tool" --nonsense
        same 2 "$(lines_of "$stderr")"
        says "$tool: --nonsense: unknown option"
        says "
usage: $tool "
    done
}

@test "foreign bytes in a message are escaped, and it stays one line" {
    status 66 kcat-in $'no\e[2J\nsuch\x9b'
    told kcat-in 'no\x1b[2J\nsuch\x9b: cannot open'
    status 64 kout $'\e]0;x\a'
    says 'kout: \x1b]0;x\x07: '
}
