# What the built files say of the house: which room uses which, what a tool links, how it is
# hardened.
load helper

TOOLS="kcat-in kgrep ktr kcount kout kdev kpipe-adm kpipe-loop"
sources=$BATS_TEST_DIRNAME/../src
ROOMS="util stream ack text json kafka $TOOLS"
# The rooms a room may use, itself left out. Dependencies run one way.
allowed() {
    case $1 in
    util) ;;
    stream) echo util ;;
    ack) echo stream util ;;
    text) echo ack stream util ;;
    json | kafka) echo text ack stream util ;;
    *) echo kafka json text ack stream util ;;
    esac
}

# made ROOM SUFFIX : what the compiler made of the room's sources. One that was removed may have left
# something behind, which says nothing of the house.
made() {
    local names=("$sources/$1"/*.c)
    names=("${names[@]##*/}")
    printf "$KPIPE_BUILD/$1/%s.$2\n" "${names[@]%.c}"
}

# symbols LETTERS ROOM : "SYMBOL ROOM" of what the room's objects define (TDBRVWC) or want (U).
symbols() {
    made "$2" o | xargs nm -A | sed -n "s/^.*:[0-9a-f ]* [$1] \([^ ]*\)\$/\1 $2/p" | sort -u
}

# no_foreign ROOM USED... : it may use itself and what allowed() says, of all that are rooms.
no_foreign() {
    local room=$1 used
    shift
    for used; do
        case " $ROOMS " in *" $used "*) ;; *) continue ;; esac
        case " $room $(allowed "$room") " in
        *" $used "*) ;;
        *)
            echo "$room uses $used"
            return 1
            ;;
        esac
    done
}

@test "every folder of sources is a room that has rules" {
    local folder
    for folder in "$sources"/*/; do
        folder=$(basename "$folder")
        case " $ROOMS " in
        *" $folder "*) ;;
        *)
            echo "$folder"
            return 1
            ;;
        esac
    done
}

@test "symbols are used one way: tool, kafka and json, text, ack, stream, util" {
    local room used=0 uses
    # kdev has a bind() of its own, which the client library is to find before libc's.
    for room in $ROOMS; do symbols TDBRVWC "$room"; done | grep -v '^main \|^bind ' | sort >defined
    for room in $ROOMS; do
        symbols U "$room" | join -o 2.2 - defined | sort -u >uses
        mapfile -t uses <uses
        no_foreign "$room" "${uses[@]}"
        used=$((used + $(wc -l <uses)))
    done
    [ "$used" -gt 10 ]
}

@test "headers are included one way" {
    local room used=0 uses
    for room in $ROOMS; do
        made "$room" d | xargs sed -n 's/:$//; s/\\$//; s/ /\n/gp' |
            sed -n 's,^src/\([^/]*\)/[^/]*\.h$,\1,p' | sort -u >uses
        mapfile -t uses <uses
        no_foreign "$room" "${uses[@]}"
        used=$((used + $(wc -l <uses)))
    done
    [ "$used" -gt 10 ]
}

# others TOOL : of libraries, those that are not the allocator which the two edges may have besides.
others() {
    case $1 in
    kcat-in | kout) grep -v '^libmimalloc\.' ;;
    *) cat ;;
    esac
}

@test "a tool links its library and nothing else" {
    local tool want
    for tool in $TOOLS; do
        case $tool in
        kcat-in) want='libc.so.6 libjansson.so.4 librdkafka.so.1 libyaml-0.so.2' ;;
        kout | kpipe-adm) want='libc.so.6 librdkafka.so.1 libyaml-0.so.2' ;;
        kdev) want='libc.so.6 librdkafka.so.1' ;;
        kgrep) want='libc.so.6 libpcre2-8.so.0' ;;
        *) want=libc.so.6 ;;
        esac
        same "$want" "$(readelf -d "$(command -v "$tool")" |
            sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
            grep -v '^libm\.\|^libgcc_s\|^lib[a-z]*san\.' | others "$tool" | sort | xargs)"
    done
}

@test "position independent, relocations read-only, no executable stack" {
    local tool
    for tool in $TOOLS; do
        tool=$(command -v "$tool")
        readelf -h "$tool" | grep -q 'Type: *DYN'
        readelf -d "$tool" | grep -q 'FLAGS_1.*NOW.*PIE'
        readelf -lW "$tool" | grep -q GNU_RELRO
        readelf -lW "$tool" | grep -q 'GNU_STACK.* RW '
    done
}

@test "stack protector and fortified calls in every tool" {
    local tool
    for tool in $TOOLS; do
        nm -D "$(command -v "$tool")" >names
        grep -q ' U __stack_chk_fail' names
        [ -n "$KPIPE_SAN" ] || grep -q ' U __[a-z]*_chk@' names
    done
}
