# The EXAMPLES of the pages, and what README.md types: taken out, run, compared. A block that names
# 127.0.0.1:19092 has kdev(1) there; kafka:9092 is a broker that the test has (tests/broker).
top=${BASH_SOURCE[0]%/*}/..
pages=("$top"/man/*.[157])

section() { # section PAGE NAME : its mdoc source
    awk -v head=".Sh $2" '$0 == head {on = 1; next} /^\.Sh / {on = 0} on' "$1"
}

# blocks PAGE FOLDER : its EXAMPLES' literal displays, as a reader sees them, to FOLDER/1, 2 ...
blocks() {
    section "$1" EXAMPLES | sed "s/\\\\(aq/'/g; s/\\\\[&]//g; s/\\\\-/-/g; s/\\\\e/\\\\/g" |
        awk -v to="$2" '/^\.Bd -literal/ {n++; on = 1; next}
                        /^\.Ed/ {on = 0}
                        on {print > (to "/" n)}'
}

# script BLOCK : sh commands that print the block anew: each command as it was typed, and what it
# says. One that does not end with 0 is noted in ../failed. Lines with "> " go on with a command.
script() {
    awk 'function end() {
             if (typed == "")
                 return
             printf "cat >&3 <<\"=====\"\n%s=====\n", typed
             printf "{ %s\n} >&3 2>&1 3>&- || echo \"line %d: status $?\" >>../failed\n",
                 command, line
             typed = ""
         }
         /^\$ / {end(); typed = $0 "\n"; command = substr($0, 3); line = NR; more = 1; next}
         more && /^> / {typed = typed $0 "\n"; command = command "\n" substr($0, 3); next}
         {more = 0}
         END {end()}' "$1"
}

# Where a block names the broker of kdev(1), one listens, with the topics that the block names.
needs_broker() { # needs_broker BLOCK
    grep -q '127\.0\.0\.1:19092' "$1"
}

broker_start() { # broker_start BLOCK
    local topics=() name line
    for name in $(grep -o -e '-t [a-z][a-z]*' "$1" | cut -c 4- | sort -u); do
        topics+=(-t "$name:2")
    done
    mkfifo ready
    kdev -p 0 "${topics[@]}" >ready 2>kdev.log 3>&- &
    broker=$!
    read -r line <ready || :
    rm ready
    [ -n "$line" ] || { cat kdev.log; return 1; }
    sed -i "s/127\.0\.0\.1:19092/${line##*=}/" "$1"
}

broker_stop() {
    [ -z "${broker:-}" ] || { kill "$broker" && wait "$broker"; } 2>/dev/null || :
    broker=
}

# run_block BLOCK NAME : runs it in an empty folder and compares.
run_block() {
    local block=$1 ended=0
    mkdir -p "$1.d/empty"
    cd "$1.d" || return 1
    ! needs_broker "$block" || broker_start "$block" || return 1
    script "$block" >script
    (cd empty && timeout 60 sh ../script </dev/null 3>>../got) || ended=$?
    broker_stop
    diff -u --label "$2: shown" --label "$2: got" "$block" got || return 1
    if [ "$ended" -ne 0 ] || [ -e failed ]; then
        echo "$2: sh: status $ended"
        cat failed 2>/dev/null
        return 1
    fi
}

# The blocks of every page and those of README.md that are typed, each to a file PAGE/N.
all_blocks() {
    local page block
    for page in "${pages[@]}"; do
        mkdir "${page##*/}"
        blocks "$page" "${page##*/}"
        for block in "${page##*/}"/*; do
            [ -e "$block" ] || { echo "${page##*/}: no example"; return 1; }
            grep -q '^\$ ' <(head -n 1 "$block") || { echo "$block: shows no command"; return 1; }
        done
    done
    mkdir README.md
    awk '/^```/ {on = !on; n += on; next} on {print > ("README.md/" n)}' "$top/README.md"
    grep -L '^\$ ' README.md/* | xargs rm -f
    [ "$(cat README.md/* | grep -c '^\$ kcat-in')" -gt 0 ]
}

# run_blocks BLOCK... : one beside the other.
run_blocks() {
    local block running=() failed=0
    [ $# -ge 8 ]
    for block; do
        (run_block "$PWD/$block" "$block") 3>&- &
        running+=($!)
    done
    for block in "${running[@]}"; do
        wait "$block" || failed=1
    done
    return "$failed"
}
