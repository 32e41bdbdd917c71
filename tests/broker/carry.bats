# What a record can carry, through a real broker.
load helper

carry() {
    python3 "$BATS_TEST_DIRNAME/../tool/carry.py" "$@"
}

@test "every byte in key, value and headers, null and empty, 1,000 headers, a megabyte" {
    topic all:3
    carry make topic >all.kf
    kout -t all <all.kf
    kcat-in -t all -e >got.kf
    carry same all.kf got.kf fields
    kout -J <got.kf | kcat-in -J >json.kf
    carry same got.kf json.kf
}

@test "kcat-in -J reads what kcat -J wrote, and nothing is lost by it" {
    topic text:2
    seq 1000 | kcat-in --key 'ä "\' --header h=1 --header h --header e= | kout -t text
    kcat -C -b "$KPIPE_BROKERS" -t text -e -q -J >kcat.json
    kcat-in -t text -e | kout -J | sort >want
    kcat-in -J kcat.json | kout -J | sort | cmp want -
    same 1000 "$(wc -l <want)"
}
