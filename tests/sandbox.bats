# A filter that has read its arguments can open nothing and reach nothing: an intruder that sits in it
# tries (fault/probe.c), strace(1) shows the order, and no filter misses what it has given up.
load helper

FILTERS="kgrep ktr kcount"

setup() {
    work
    [ -z "$KPIPE_SAN" ] || skip "a sanitizer opens files, forks and traces: there is no sandbox with one"
    case $(ktr --version) in
    *'sandbox: seccomp'*) ;;
    *) skip "the kernel has no seccomp" ;;
    esac
    printf 'a line\nanother\n\na last' | kcat-in >in.kf
}

command_of() {
    case $1 in
    kgrep) echo "kgrep (a|b)" ;;
    ktr) echo ktr a-z A-Z ;;
    kcount) echo kcount --by value ;;
    esac
}

# intruded N WHAT COMMAND... : with the intruder in it the command ends with N; what he says of each
# try is in $stderr.
intruded() {
    local want=$1 what=$2
    shift 2
    status "$want" env LD_PRELOAD="$KPIPE_BUILD/fault/probe.so" FAULT_PROBE="$what" "$@" <in.kf
}

# results NAME... : all that was tried, each with its result.
results() {
    # shellcheck disable=SC2001 # of every line
    sed 's/^\(.*\): \(.*\)$/\2: \1/' <<<"$stderr" | sort | awk -F ': ' '
        $1 != last { printf "%s%s: %s", last == "" ? "" : "\n", $1, $2 }
        $1 == last { printf ", %s", $2 }
        { last = $1 }
        END { print "" }'
}

REFUSED='Bad file descriptor: descriptor 3
Function not implemented: a later call
refused: a lock, bind, chdir, code, connect, data becomes code, dup, exec, fork, group, kill, local socket, memfd, mkdir, open, open a descriptor again, open for writing, ptrace, read memory, receive, rename, send, signal a thread, socket, stat, type at a terminal, unlink'

@test "an intruder in a filter can open nothing and reach nothing" {
    local tool
    for tool in $FILTERS; do
        # shellcheck disable=SC2046,SC2091 # words
        intruded 0 all $(command_of "$tool")
        same "$REFUSED" "$(results)"
    done
    intruded 0 all kgrep -c a
    same "$REFUSED" "$(results)"
    intruded 0 all ktr -k a-z A-Z
    same "$REFUSED" "$(results)"
}

@test "without the sandbox he can" {
    local tool
    for tool in $FILTERS; do
        # shellcheck disable=SC2046,SC2091 # words
        intruded 0 all $(command_of "$tool") --no-sandbox
        for word in open 'open for writing' mkdir rename unlink socket 'local socket' fork kill code \
            'data becomes code' dup 'read memory'; do
            says "$word: done"
        done
        case $stderr in *refused*) false ;; esac
    done
}

@test "a call by another architecture's table is death" {
    [ "$(uname -m)" = x86_64 ] || skip "x86_64 has two"
    intruded 159 other ktr a b
    same '' "$stderr"
    intruded 0 other ktr --no-sandbox a b
}

# after TOOL : its calls once it has locked itself up, one a line. LeakSanitizer has no part here.
after() {
    # shellcheck disable=SC2046,SC2091 # words
    strace -qq -o trace $(command_of "$1") <in.kf >out
    [ -s out ]
    sed '1,/^seccomp(/d' trace >after
    [ -s after ]
}

@test "the order: open and compile, give up, read" {
    local tool
    for tool in $FILTERS; do
        after "$tool"
        sed '/^seccomp(/q' trace >before
        same '0' "$(grep -c '^read(0' before)"
        same 'close_range(3
prctl(PR_SET_NO_NEW_PRIVS
seccomp(SECCOMP_SET_MODE_FILTER' "$(grep -o '^close_range(3\|^prctl([^,]*\|^seccomp([^,]*' before)"
        case $(ktr --version) in
        *'no Landlock'*) ;;
        *) grep -q '^landlock_restrict_self(3, 0) *= 0' before ;;
        esac
        grep -q '^read(0, "kpipe/1' after
        # Only what STAGE needs, of which nothing is refused.
        same '' "$(sed 's/(.*//' after | sort -u | grep -vx \
            'read\|write\|writev\|close\|poll\|ppoll\|mmap\|munmap\|mremap\|brk\|madvise\|fcntl\|rt_sig[a-z]*\|exit_group')"
        same '' "$(grep 'EPERM\|ENOSYS\|PROT_EXEC' after)"
    done
}

@test "the kernel says that it is on" {
    local tool
    mkfifo in out
    for tool in $FILTERS; do
        # shellcheck disable=SC2046,SC2091 # words
        $(command_of "$tool") <in >out &
        exec 8>in 9<out
        head -c 200 in.kf >&8
        wait_for 20 grep -q '^Seccomp:.*2' "/proc/$!/status"
        grep -q '^NoNewPrivs:.*1' "/proc/$!/status"
        kill -9 $!
        wait $! || :
        exec 8>&- 9<&-
    done
}

# writer_of PID : the process that writes to the terminal for it
writer_of() { writer=$(pgrep -P "$(pgrep -P "$1")"); }

@test "who writes to the terminal for a filter is shut in, too" {
    mkfifo in
    python3 "$BATS_TEST_DIRNAME/tool/terminal.py" run 'kgrep --color=always -v nothing <in' >shown 3>&- &
    exec 8>in
    head -c 200 in.kf >&8
    wait_for 20 writer_of $!
    wait_for 20 grep -q '^Seccomp:.*2' "/proc/$writer/status"
    grep -q '^NoNewPrivs:.*1' "/proc/$writer/status"
    exec 8>&-
    wait $! || :
}

@test "a kernel that has none of it, or a part: the filters work" {
    local tool call
    for tool in $FILTERS; do
        # shellcheck disable=SC2046,SC2091 # words
        $(command_of "$tool") <in.kf >want
        for call in close_range landlock_create_ruleset landlock_restrict_self seccomp \
            close_range,landlock_create_ruleset,seccomp,prctl; do
            # shellcheck disable=SC2046,SC2091 # words
            status 0 strace -qq -o trace -e "inject=$call:error=ENOSYS" $(command_of "$tool") <in.kf
            # shellcheck disable=SC2046 # words
            strace -qq -o trace -e "inject=$call:error=ENOSYS" $(command_of "$tool") <in.kf | cmp - want
            grep -q INJECTED trace
        done
    done
}

@test "large records, many keys, a growing heap: nothing is missed" {
    head -c 3000000 /dev/zero | tr '\0' a >large
    seq 200000 >many
    kcat-in --whole large large >large.kf
    kcat-in many >many.kf
    same 6000000 "$(ktr a b <large.kf | kout -0 | tr -d '\0' | wc -c)"
    same 2 "$(kgrep -c 'a{20}$' <large.kf)"
    same 200000 "$(kcount --by value <many.kf | kgrep -c '')"
    status 0 sh -c 'strace -qq -o trace kcount --by value <many.kf >/dev/null'
    same '' "$(sed '1,/^seccomp(/d' trace | grep 'EPERM\|ENOSYS')"
    status 0 sh -c 'strace -qq -o trace ktr -d a <large.kf >/dev/null'
    same '' "$(sed '1,/^seccomp(/d' trace | grep 'EPERM\|ENOSYS')"
    status 0 sh -c 'strace -qq -o trace kgrep -o "a.*a" <large.kf >/dev/null'
    same '' "$(sed '1,/^seccomp(/d' trace | grep 'EPERM\|ENOSYS')"
}

@test "a signal is still the end, and said downstream" {
    local tool
    mkfifo in
    for tool in $FILTERS; do
        # shellcheck disable=SC2046,SC2091 # words
        $(command_of "$tool") <in >out &
        exec 8>in
        head -c 200 in.kf >&8
        wait_for 20 grep -q '^Seccomp:.*2' "/proc/$!/status"
        kill -TERM $!
        wait $! && false
        exec 8>&-
        status 143 kout <out
    done
}

@test "--version tells what there is" {
    local tool
    for tool in $FILTERS; do
        status 0 "$tool" --version
        case $output in
        *'sandbox: seccomp, Landlock '[0-9]* | *'sandbox: seccomp, no Landlock') ;;
        *) false ;;
        esac
    done
}
