# What the built files say of the house: which room uses which, what a tool links, how it is
# hardened.
bats_require_minimum_version 1.5.0
load helper

TOOLS="kcat-in kgrep ktr kcount kout kdev"
ROOMS="util stream ack text kafka $TOOLS"
: "${KPIPE_BUILD:=$BATS_TEST_DIRNAME/../build/cc}"

# The rooms a room may use, itself left out. Dependencies run one way.
allowed() {
    case $1 in
    util) ;;
    stream) echo util ;;
    ack) echo stream util ;;
    text) echo ack stream util ;;
    kafka) echo text ack stream util ;;
    *) echo kafka text ack stream util ;;
    esac
}

# symbols LETTERS ROOM : "SYMBOL ROOM" of what the room's objects define (TDBRVWC) or want (U).
symbols() {
    nm -A "$KPIPE_BUILD/$2"/*.o | sed -n "s/^.*:[0-9a-f ]* [$1] \([^ ]*\)\$/\1 $2/p" | sort -u
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

@test "every folder of objects is a room that has rules" {
    local folder
    for folder in "$KPIPE_BUILD"/*/; do
        folder=$(basename "$folder")
        case " $ROOMS bin unit fuzz fault " in
        *" $folder "*) ;;
        *)
            echo "$folder"
            return 1
            ;;
        esac
    done
}

@test "symbols are used one way: tool, kafka, text, ack, stream, util" {
    local room used=0
    # kdev has a bind() of its own, which the client library is to find before libc's.
    for room in $ROOMS; do symbols TDBRVWC "$room"; done | grep -v '^main \|^bind ' | sort >defined
    for room in $ROOMS; do
        symbols U "$room" | join -o 2.2 - defined | sort -u >uses
        no_foreign "$room" $(cat uses)
        used=$((used + $(wc -l <uses)))
    done
    [ "$used" -gt 10 ]
}

@test "headers are included one way" {
    local room used=0
    for room in $ROOMS; do
        sed -n 's/:$//; s/\\$//; s/ /\n/gp' "$KPIPE_BUILD/$room"/*.d |
            sed -n 's,^src/\([^/]*\)/[^/]*\.h$,\1,p' | sort -u >uses
        no_foreign "$room" $(cat uses)
        used=$((used + $(wc -l <uses)))
    done
    [ "$used" -gt 10 ]
}

@test "a tool links its library and nothing else" {
    local tool want
    for tool in $TOOLS; do
        case $tool in
        kcat-in | kout) want='libc.so.6 librdkafka.so.1 libyaml-0.so.2' ;;
        kdev) want='libc.so.6 librdkafka.so.1' ;;
        kgrep) want='libc.so.6 libpcre2-8.so.0' ;;
        *) want=libc.so.6 ;;
        esac
        same "$want" "$(readelf -d "$(command -v $tool)" |
            sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' |
            grep -v '^libm\.\|^libgcc_s\|^lib[a-z]*san\.' | sort | xargs)"
    done
}

@test "position independent, relocations read-only, no executable stack" {
    local tool
    for tool in $TOOLS; do
        tool=$(command -v $tool)
        readelf -h "$tool" | grep -q 'Type: *DYN'
        readelf -d "$tool" | grep -q 'FLAGS_1.*NOW.*PIE'
        readelf -lW "$tool" | grep -q GNU_RELRO
        readelf -lW "$tool" | grep -q 'GNU_STACK.* RW '
    done
}

@test "stack protector and fortified calls in every tool" {
    local tool
    for tool in $TOOLS; do
        nm -D "$(command -v $tool)" >names
        grep -q ' U __stack_chk_fail' names
        [ -n "$KPIPE_SAN" ] || grep -q ' U __[a-z]*_chk@' names
    done
}
