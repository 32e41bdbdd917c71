# shellcheck shell=bash disable=SC2034 # the parts' variables
# What every part sources, from tests/bench: sizes, data, a broker with topics, how things are told.
#
# From the environment: LINES (records), ROUNDS, QUICK=1 (a tenth of the data, 3 rounds), KPIPE_BIN
# (the tools), KPIPE_CACHE (keeps data and peers), RESULTS (where figures go, tests/bench/results).
# A part prints its Markdown; what it measured is in RESULTS/raw/PART-SIZE.tsv, and a part that is run
# again adds its rounds to those of the same build.
set -eu -o pipefail
export LC_ALL=C
: "${KPIPE_BIN:=$(cd ../.. && pwd)/bin}" "${KPIPE_CACHE:=$HOME/.cache/kpipe}"
: "${RESULTS:=$PWD/results}"
PATH=$KPIPE_BIN:$KPIPE_CACHE/bin:$PATH
lines=5000000 rounds=5
[ -z "${QUICK:-}" ] || lines=500000 rounds=3
lines=${LINES:-$lines} rounds=${ROUNDS:-$rounds}
part=${0##*/}
export KPIPE_CACHE RESULTS

work=$(mktemp -d "${TMPDIR:-/tmp}/kpipe-bench.XXXXXX")
kafka=$PWD/../kafka/broker
leave() {
    [ ! -e "$work/kafka/pid" ] || "$kafka" kill "$work/kafka" || :
    rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

die() {
    echo "tests/bench/$part: $*" >&2
    exit 1
}

# data KIND [LINES] : makes $work/KIND.txt, or takes the one that is there.
data() {
    local n=${2:-$lines} file
    file=$KPIPE_CACHE/$1-$n-$(cksum <lines.awk | cut -d' ' -f1).txt
    if [ ! -e "$file" ]; then
        mkdir -p "$KPIPE_CACHE"
        mawk -v n="$n" -v kind="$1" -f lines.awk >"$file.$$"
        mv "$file.$$" "$file"
    fi
    ln -s "$file" "$work/$1.txt"
}

# broker [K=V]... : starts one; its compiler is the usual one, not that of the tests, which want it up
# soon. PACE_BROKER is its process.
broker() {
    local told
    told=$(_JAVA_OPTIONS=-XX:TieredStopAtLevel=4 "$kafka" start -p $$ "$work/kafka" \
        log.segment.delete.delay.ms=1000 auto.create.topics.enable=false "$@")
    export KPIPE_BROKERS=${told#BROKERS=} PACE_BROKER
    KPIPE_BROKERS=${KPIPE_BROKERS%%$'\n'*}
    PACE_BROKER=$(cat "$work/kafka/pid")
}

# kcl_there : is kcl? Where Go is and its module can be had, it is built, once.
kcl_there() {
    command -v kcl >/dev/null && return
    command -v go >/dev/null || return
    [ ! -e "$KPIPE_CACHE/no-kcl" ] || return
    GOBIN=$KPIPE_CACHE/bin go install github.com/twmb/kcl@latest >"$KPIPE_CACHE/no-kcl" 2>&1 &&
        rm "$KPIPE_CACHE/no-kcl"
}

topic() { "$kafka" topic "$work/kafka" "$@"; }

# load TOPIC FILE : each line becomes a record, its key before the first tab.
load() {
    kcat-in -K '\t' "$2" | kout -t "$1"
}

# raw NAME : the file that the figures of a table go to; begun anew where build or machine are others.
raw() {
    local file=$RESULTS/raw/$1-$lines.tsv stamp
    stamp="# $(build) $(uname -nr) $(nproc)"
    mkdir -p "$RESULTS/raw"
    [ "$(sed -n 1p "$file" 2>/dev/null)" = "$stamp" ] || echo "$stamp" >"$file"
    echo "$file"
}

# What is measured: the bytes of the tools.
build() { cat "$KPIPE_BIN"/k[a-z]* | cksum | tr ' ' -; }

# tell LABEL COMMAND ... : the commands as they are run.
tell() {
    while [ $# -gt 0 ]; do
        printf '    %-28s %s\n' "$1:" "$(shorten "$2")"
        shift 2
    done
    echo
}

shorten() {
    local text=${1//"$work"\//}
    text=${text//"${peers:-no peers}"/PEERS}
    echo "${text//"$KPIPE_CACHE"/CACHE}"
}

# compare [-t TITLE] NAME LABEL COMMAND ... : tells the commands, times them in turn, prints the table.
compare() {
    local title="" name file
    [ "$1" != -t ] || { title=$2 && shift 2; }
    name=$1
    shift
    file=$(raw "$name")
    [ -z "$title" ] || printf '## %s\n\n' "$title"
    tell "$@"
    ./pace "$file" "$rounds" "$@"
    ./table "$file"
    echo
}
