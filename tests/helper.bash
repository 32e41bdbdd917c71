# Loaded by every bats file: the built tools first in PATH, an empty folder to work in, and what the
# tests say most.
PATH=${KPIPE_BIN:-$BATS_TEST_DIRNAME/../bin}:$PATH
export LC_ALL=C
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
}

# status N COMMAND... : the command ends with N; its stdout is in $output, its stderr in $stderr.
status() {
    local want=$1
    shift
    run --separate-stderr "$@"
    [ "$status" -eq "$want" ] || {
        printf 'status %s, not %s\nout: %s\nerr: %s\n' "$status" "$want" "$output" "$stderr"
        return 1
    }
}

# same WANT GOT : two texts are equal, or both are shown.
same() {
    [ "$1" = "$2" ] || {
        printf 'want: %s\ngot:  %s\n' "$1" "$2"
        return 1
    }
}

# says TEXT : $stderr has it. One line, or two for a usage mistake.
says() {
    case $stderr in
    *"$1"*) ;;
    *)
        printf 'want: %s\nin:   %s\n' "$1" "$stderr"
        return 1
        ;;
    esac
}

lines_of() {
    printf '%s' "$1" | grep -c ''
}

# wait_for SECONDS COMMAND... : until the command succeeds.
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.02
    done
}
