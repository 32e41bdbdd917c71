# shellcheck shell=bash disable=SC2034 # results are for the caller
# Processes as /proc shows them, and waiting.

# process PID: sets born to its start time and parent to its parent; born to nothing if it is not
# there, or dead and only not yet waited for.
process() {
    local stat
    born='' parent=0
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086 # the fields behind the name, in which blanks may be
    set -- ${stat##*) }
    [ "$1" = Z ] || { parent=$2 born=${20}; }
}

# Sets caller to the process that the broker ends with: behind forks of a shell, the shell.
find_caller() {
    caller=$PPID
    process "$caller"
    while [ "$parent" -gt 1 ] && cmp -s "/proc/$caller/cmdline" "/proc/$parent/cmdline"; do
        caller=$parent
        process "$caller"
    done
}

# A pause of 0.1 s that starts no process: nothing ever comes here.
exec {never}<> <(:)
pause() { read -r -t 0.1 -u "$never" || :; }

# let_go: closes what was inherited
let_go() {
    local fd
    for fd in "/proc/$$/fd"/*; do
        case ${fd##*/} in
        0 | 1 | 2 | 255 | "$never") ;;
        *) eval "exec ${fd##*/}>&-" ;;
        esac
    done
}

# until_true SECONDS COMMAND [ARG]...
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || return 1
        pause
    done
}

# new_id: prints a random one, as Kafka writes its own
new_id() { head -c 16 /dev/urandom | base64 | tr +/ -_ | tr -d =; }
