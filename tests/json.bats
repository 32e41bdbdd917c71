# JSON at both ends: every record comes back, and what is no envelope is told in one line.
bats_require_minimum_version 1.5.0
load helper

setup_file() {
    python3 "$BATS_TEST_DIRNAME/tool/carry.py" make >"$BATS_FILE_TMPDIR/all.kf"
}

carry() {
    python3 "$BATS_TEST_DIRNAME/tool/carry.py" "$@"
}

# refused LINE TEXT : kcat-in -J says it of standard input's second line, with 65, after the first.
refused() {
    status 65 sh -c '{ echo "{\"payload\":\"first\"}"; cat; } | kcat-in -J | kout' <<<"$1"
    same first "$output"
    same "kcat-in: standard input:2: $2" "$stderr"
}

# no_json LINE TEXT : the same where the library says what is wrong, in its words.
no_json() {
    status 65 sh -c '{ echo "{\"payload\":\"first\"}"; cat; } | kcat-in -J | kout' <<<"$1"
    same first "$output"
    same 1 "$(lines_of "$stderr")"
    says 'kcat-in: standard input:2: is no JSON: column '
    says "$2"
}

@test "kout -J | kcat-in -J: every record with all it carries" {
    kout -J <"$BATS_FILE_TMPDIR/all.kf" | kcat-in -J >got.kf
    carry same "$BATS_FILE_TMPDIR/all.kf" got.kf
    kout -J <"$BATS_FILE_TMPDIR/all.kf" >once
    kout -J <got.kf | cmp once -
}

@test "each line is JSON, and nothing in it can steer a terminal" {
    kout -J <"$BATS_FILE_TMPDIR/all.kf" >lines
    python3 -c '
import json, sys, unicodedata
for n, line in enumerate(open("lines", encoding="utf-8", newline="\n")):
    json.loads(line)
    for c in set(line[:-1]):
        if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs"):
            sys.exit(f"line {n}: U+{ord(c):04X}")'
    [ "$(wc -l <lines)" -gt 300 ]
}

@test "the form of an envelope" {
    printf 'k=v\nno "key"\\\n\xff=\xfe\n' | kcat-in -K = --header h=1 --header h --header 'e=' >in.kf
    same '{"topic":"-","partition":-1,"offset":0,"headers":["h","1","h",null,"e",""],"key":"k","payload":"v"}
{"topic":"-","partition":-1,"offset":1,"headers":["h","1","h",null,"e",""],"key":null,"payload":"no \"key\"\\"}
{"topic":"-","partition":-1,"offset":2,"headers":["h","1","h",null,"e",""],"key":{"base64":"/w=="},"payload":{"base64":"/g=="}}' \
        "$(kout -J <in.kf)"
    same '{"offset":-1,"key":"all","payload":"3"}' "$(kcount --by all <in.kf | kout -J)"
}

@test "members that are missing, unknown or in another order" {
    same 'NULL -1 -1 NULL [] x -1
t -1 -1 NULL [] NULL -1
t 4 7 k [a=NULL] é€🐫 12
NULL -1 -1 NULL [] y 5' "$(kcat-in -J <<'EOF' | kout -f '%t %p %o %k [%h] %s %T\n'
{"payload":"x"}
 {"key" : null,"payload":null, "topic":"t", "headers":[]}	
{"broker":1,"key":"k","x":{"y":[1.5,{}]},"offset":7,"payload":"\u00e9\u20ac\ud83d\udc2b","partition":4,"topic":"t","headers":["a",null],"ts":12,"tstype":"logappend"}
{"payload":"y","ts":5}
EOF
)"
}

@test "a last line without newline, several files, -n, and no line at all" {
    printf '{"payload":"a"}\n{"payload":"b"}' >ab
    same 'a b a b' "$(kcat-in -J ab ab | kout | xargs)"
    same 'a b a' "$(kcat-in -J -n 3 ab ab | kout | xargs)"
    same '' "$(kcat-in -J /dev/null | kout)"
    status 65 sh -c 'kcat-in -J ab - | kout' <<<'x'
    says 'kcat-in: standard input:1: '
}

@test "what is no JSON, or no envelope: its line and why" {
    no_json '' "'[' or '{' expected near end of file"
    no_json 'text' "'[' or '{' expected near 'text'"
    no_json '{"payload":"a"} {' "end of file expected near '{'"
    refused '["payload"]' 'is no envelope: want {"payload":...}'
    refused '{"key":"a"}' 'payload: is missing: null for a tombstone'
    refused '{"payload":1}' 'payload: want a string, null or {"base64":"..."}'
    refused '{"payload":{"user":1}}' 'payload: want a string, null or {"base64":"..."}'
    refused '{"payload":{"base64":"YQ==","x":1}}' 'payload: want a string, null or {"base64":"..."}'
    refused '{"payload":{"base64":"YQ"}}' 'payload: is no base64'
    refused '{"payload":{"base64":"YR=="}}' 'payload: is no base64'
    refused '{"payload":{"base64":"Y Q="}}' 'payload: is no base64'
    refused '{"payload":"a","key":false}' 'key: want a string, null or {"base64":"..."}'
    refused '{"payload":"a","headers":["a"]}' 'headers: want a list: name, value, name, value ...'
    refused '{"payload":"a","headers":{"a":"b"}}' 'headers: want a list: name, value, name, value ...'
    refused '{"payload":"a","headers":[null,"b"]}' "a header's name: is null"
    refused '{"payload":"a","headers":["a",2]}' \
        "a header's value: want a string, null or {\"base64\":\"...\"}"
    refused '{"payload":"a","offset":"7"}' 'offset: want a whole number'
    refused '{"payload":"a","offset":7.0}' 'offset: want a whole number'
    refused '{"payload":"a","tstype":"created","ts":1}' 'tstype: want create, logappend or unknown'
    refused '{"payload":"a","tstype":"create"}' 'ts: is missing'
    no_json '{"payload":"a","payload":"b"}' "duplicate object key near '\"payload\"'"
    no_json '{"payload":"\ud800"}' 'invalid Unicode'
}

@test "numbers that overflow, nesting 10,000 deep, a line of megabytes: one line, 65" {
    local deep
    no_json '{"payload":"a","offset":9223372036854775808}' "too big integer near '9223372036854775808'"
    no_json '{"payload":"a","ts":-1e400}' "real number overflow near '-1e400'"
    for deep in '[' '{"a":' '{"payload":"a","x":[['; do
        status 65 sh -c '"$1" -c "print(\"$2\" * 10000)" | kcat-in -J | kout' - python3 \
            "${deep//\"/\\\"}"
        says 'maximum parsing depth reached'
        same 1 "$(lines_of "$stderr")"
    done
    status 65 sh -c 'head -c 3000000 /dev/zero | tr "\0" "[" | kcat-in -J | kout'
    same 1 "$(lines_of "$stderr")"
    status 65 sh -c 'head -c 3000000 /dev/zero | tr "\0" x | kcat-in -J --max-record 1K | kout'
    says 'longer than'
}

@test "--max-record is the record's, not the line's" {
    printf '{"payload":"%s"}\n' '\u0001\u0001\u0001\u0001\u0001' >five
    status 0 sh -c 'kcat-in -J --max-record 5 five | kgrep . | kout | wc -c'
    same 6 "$output"
    status 65 kcat-in -J --max-record 4 five
    same 'kcat-in: five:1: longer than 4 bytes: raise --max-record' "$stderr"
}

@test "many topics and partitions, in any order" {
    python3 -c '
import random
dice = random.Random(2)
for n in range(20000):
    print(f"""{{"topic":"t{dice.randrange(100)}","partition":{dice.randrange(50)},"offset":{n},"payload":null}}""")' >in.json
    kcat-in -J in.json | kout -f '{"topic":"%t","partition":%p,"offset":%o,"payload":null}\n' |
        cmp in.json -
}

@test "a topic's name as long as a frame can carry it, and no longer" {
    local name
    name=$(head -c 65504 /dev/zero | tr '\0' t)
    printf '{"topic":"%s","payload":""}\n' "$name" >in.json
    same 65504 "$(kcat-in -J in.json | kgrep . -v | kout -f %t | wc -c)"
    printf '{"topic":"%st","payload":""}\n' "$name" >in.json
    status 65 kcat-in -J in.json
    same 'kcat-in: in.json:1: topic: longer than 65504 bytes' "$stderr"
}

@test "-J says all itself: what text needs is refused beside it" {
    local option
    for option in -0 -Dx -Kx --whole --key=k --header=a=b --null-empty; do
        status 64 kcat-in -J "$option"
        says "with -J a line is an envelope, which says all itself"
    done
    for option in -0 -Dx -Kx; do
        status 64 kout -J "$option" </dev/null
        says 'kout: -f, -J: say themselves how records end'
    done
    status 64 kout -J -f %s </dev/null
    status 64 kout -f %s -J </dev/null
    says 'kout: -f: with -J a record is JSON: one of them'
    status 64 kcat-in -b x:1 -t t -J
    says 'kcat-in: -J: is for text, and -t reads topics: leave it out'
}

@test "text with -0: every byte but the end, in key and value" {
    python3 -c '
import sys
for n in range(256):
    for m in (1, 7, 97, 255):
        key = bytes(b for b in range(n, 256) if b not in (0, 61))
        sys.stdout.buffer.write(key + b"=" + bytes(range(1, 256))[::m] + b"\0")
sys.stdout.buffer.write(b"=\0\0k=\0" + b"x" * (1 << 20) + b"=" + b"y" * (1 << 20) + b"\0")' >in
    kcat-in -0 -K = in >in.kf
    kout -0 -K = <in.kf | cmp in -
    kout -J <in.kf | kcat-in -J | kout -0 -K = | cmp in -
}
