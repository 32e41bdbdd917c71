# Loaded by every bats file: the built tools first in PATH, an empty folder to work in, and what the
# tests say most. The names that tests/run exports have defaults here, so that bats can be run by hand.
bats_require_minimum_version 1.5.0
: "${KPIPE_BIN:=${BASH_SOURCE[0]%/*}/../bin}" "${KPIPE_BUILD:=${BASH_SOURCE[0]%/*}/../build/cc}"
: "${KPIPE_SAN:=}"
export KPIPE_BIN KPIPE_BUILD KPIPE_SAN PYTHON=python3
PATH=$KPIPE_BIN:$PATH
export LC_ALL=C

# An empty folder: bats keeps files of its own in BATS_TEST_TMPDIR.
work() {
    mkdir "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return 1
}

setup() {
    work
}

# attempt COMMAND... : its end is in $status, its stdout in $output, its stderr in $stderr. What bats'
# run --separate-stderr does, in a third of the time.
attempt() {
    local - said=$BATS_TEST_TMPDIR/stderr.$BASHPID
    set +eET
    status=0
    output=$("$@" 2>"$said") || status=$?
    read -d '' -r stderr <"$said" || :
}

# status N COMMAND... : the command ends with N; what it said as with attempt.
status() {
    local want=$1
    shift
    attempt "$@"
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
    local all=()
    [ -z "$1" ] || mapfile -t all <<<"${1%$'\n'}"
    echo "${#all[@]}"
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
