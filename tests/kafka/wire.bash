# shellcheck shell=bash disable=SC2034,SC2154 # results, host and port are the caller's
# Kafka's protocol, as much as the broker script needs, where a Java tool takes half a second.
# Messages are strings of hex digits. Every version used is one that Kafka 2.1 to 4.3 take.
# The broker is $host:$port.

hex() { od -An -v -tx1 | tr -d ' \n'; }
unhex() { printf %b "$(printf %s "$1" | sed 's/../\\x&/g')"; }
int32() { printf %08x "$1"; }
string() { printf %04x ${#1} && printf %s "$1" | hex; }

# ask KEY VERSION BODY: prints the body of the answer. For use in $( ), which closes the connection.
# A busy broker may take the 30 s that create_topics gives it.
ask() {
    local message length
    message=$(printf %04x%04x00000001ffff "$1" "$2")$3
    { exec 8<>"/dev/tcp/$host/$port"; } 2>/dev/null || return 1
    unhex "$(int32 $((${#message} / 2)))$message" >&8
    length=$(timeout 40 head -c 4 <&8 | hex)
    [ "$length" ] || return 1
    message=$(timeout 40 head -c $((16#$length)) <&8 | hex)
    [ ${#message} = $((16#$length * 2)) ] && echo "${message:8}"
}

# lets_in CLUSTER NODE: is it this cluster that answers, and does it say that the node serves clients?
lets_in() {
    local answer
    answer=$(ask 3 4 0000000000) &&
        [[ $answer = *$(int32 "$2")$(string "$host")*$(string "$1")* ]]
}

# coordinates TYPE: does it coordinate groups (0), transactions (1)? The first question makes the
# topic of them.
coordinates() {
    local answer
    answer=$(ask 10 1 "$(string any)0$1") && [ "${answer:8:4}" = 0000 ]
}

# count_partitions TOPIC: sets count, to 0 if the topic is not there
count_partitions() {
    local answer mark
    mark=0000$(string "$1")00 # no error, the name, no internal topic
    answer=$(ask 3 4 "00000001${mark:4}") || return 1
    count=0
    [[ $answer != *"$mark"* ]] || { answer=${answer#*"$mark"} count=$((16#${answer:0:8})); }
}

# new_topic NAME PARTITIONS [K=V]...: prints a topic for create_topics
new_topic() {
    string "$1"
    printf %s "$(int32 "$2")000100000000" # replicas, no assignments
    shift 2
    int32 $#
    for word in "$@"; do string "${word%%=*}" && string "${word#*=}"; done
}

# create_topics COUNT TOPICS: prints a line for each that is refused
create_topics() {
    local answer length name refused
    answer=$(ask 19 2 "$(int32 "$1")${2}0000753000") || return 1
    answer=${answer:16}
    while [ "$answer" ]; do
        length=$((16#${answer:0:4} * 2))
        name=$(unhex "${answer:4:length}")
        answer=${answer:4 + length}
        refused=${answer:0:4}
        length=$((16#${answer:4:4} % 65535 * 2))
        [ "$refused" = 0000 ] || echo "topic $name: $(unhex "${answer:8:length}")"
        answer=${answer:8 + length}
    done
}

# delete_topics NAME...: prints a line for each that is refused
delete_topics() {
    local name answer length body=''
    for name in "$@"; do body+=$(string "$name"); done
    answer=$(ask 20 1 "$(int32 $#)${body}00007530") || return 1
    answer=${answer:16}
    while [ "$answer" ]; do
        length=$((16#${answer:0:4} * 2))
        [ "${answer:4 + length:4}" = 0000 ] ||
            echo "topic $(unhex "${answer:4:length}"): not deleted: $((16#${answer:4 + length:4}))"
        answer=${answer:8 + length}
    done
}

# list_ends TOPIC COUNT: sets ends, by partition, to the last stable offsets
list_ends() {
    local i answer body=''
    for ((i = 0; i < $2; i++)); do body+=$(int32 $i)ffffffffffffffff; done
    answer=$(ask 2 2 "ffffffff0100000001$(string "$1")$(int32 "$2")$body") || return 1
    answer=${answer#*"$(string "$1")"????????}
    for (( ; ${#answer}; )); do
        [ "${answer:8:4}" = 0000 ] || return 1
        ends[16#${answer:0:8}]=$((16#${answer:28:16}))
        answer=${answer:44}
    done
}

# list_committed GROUP TOPIC COUNT: sets committed, by partition, -1 where there is nothing
list_committed() {
    local i answer body=''
    for ((i = 0; i < $3; i++)); do body+=$(int32 $i); done
    answer=$(ask 9 1 "$(string "$1")00000001$(string "$2")$(int32 "$3")$body") || return 1
    answer=${answer#*"$(string "$2")"????????}
    for (( ; ${#answer}; )); do
        committed[16#${answer:0:8}]=$((16#${answer:8:16}))
        answer=${answer:32} # the metadata is empty
    done
}

# delete_group GROUP
delete_group() { ask 42 0 "00000001$(string "$1")" >/dev/null; }
