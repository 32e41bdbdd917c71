"""carry.py make [topic] - a stream of all that a record can carry; "topic": that a topic can, where
    a header's name has no NUL.
carry.py same A.kf B.kf [fields] - whether two streams have the same records in the same order;
    "fields": key, value and headers alone, in any order, as a topic gives them back."""
import random
import struct
import sys

from records import HEADERS, NULL_KEY, NULL_VALUE, RECORD, SOURCE, frame, hello, segment, source, walk

CREATE, APPEND = 8, 16
NULL = 0xFFFFFFFF


def block(headers):
    return b"".join(
        struct.pack("<II", len(n), NULL if v is None else len(v)) + n + (v or b"")
        for n, v in headers
    )


def made(key, value, headers=(), source=1, offset=0, time=None, kind=CREATE):
    flags = (key is None) * NULL_KEY | (value is None) * NULL_VALUE | bool(headers) * HEADERS
    flags |= 0 if time is None else kind
    heads = block(headers)
    extra = struct.pack("<II", len(heads), len(headers)) if headers else b""
    body = extra + (key or b"") + (value or b"") + heads
    return frame(RECORD, flags, source, len(key or b""), offset, time or 0, body)


def places(topic):
    if topic:
        return [frame(SOURCE, 0, 1, 1, -1, 0, b"t")]
    return [
        frame(SOURCE, 0, 1, 7, -1, 3, b"t.opi-c"),
        source(2, b'a "file"\n\\ \xff'),
        frame(SOURCE, 0, 3, 7, -1, 2147483647, b"t.opi-c"),
        source(4, b""),
    ]


def all_of_it(topic):
    dice = random.Random(6)
    every = bytes(range(256))
    name = bytes(range(1, 256)) if topic else every
    some = [None, b"", b"x", every, "käse \u202e\u200b\U0001f42b\u2028\x7f\x80".encode(),
            b'"\\/\b\f\n\r\t', b"\xed\xa0\x80", b"\xc0\x80", b'{"base64":"eA=="}', b"null"]
    for key in some:
        for value in some:
            yield dict(key=key, value=value, headers=[(b"h", value), (b"", key)])
    for byte in range(256):
        one = bytes([byte])
        names = one if byte or not topic else b"z"
        yield dict(key=one, value=one * 3, headers=[(names, one), (names, None), (names, b"")])
    yield dict(key=every, value=every, headers=[(name, every), (name, every), (b"", b""), (b"", None)])
    yield dict(key=None, value=b"1000", headers=[(b"%d" % (n % 7), b"v%d" % n) for n in range(1000)])
    yield dict(key=dice.randbytes(1 << 20 if not topic else 1000), value=b"")
    yield dict(key=b"1 MB", value=dice.randbytes(1 << 20 if not topic else 900000))
    yield dict(key=b"1 MB", value=("ä\x01\\\"" * (1 << 18)).encode()[: 1 << 20 if not topic else 900000])
    for size in (4093, 4094, 4095, 4096, 4097):
        yield dict(key=b"a" * size + "€🐫".encode() * 3, value=b"b" * (size - 1) + b"\xe2\x82")


def make(topic):
    frames = places(topic)
    for n, fields in enumerate(all_of_it(topic)):
        fields["offset"] = n * 1000003
        if not topic:
            fields["source"] = n % 5
            fields["kind"] = (CREATE, APPEND)[n % 2]
        fields["time"] = (None, 1, 1700000000123, -1, 1 << 62)[n % (5 if not topic else 3)]
        frames.append(made(**fields))
        if n % 50 == 0:
            frames.append("barrier")
    sys.stdout.buffer.write(segment(frames, hello(cap=1 << 24)))


def headers_of(raw, f):
    if not f.flags & HEADERS:
        return []
    size, count = struct.unpack_from("<II", raw, 32)
    at, out = f.length - size, []
    for _ in range(count):
        n, v = struct.unpack_from("<II", raw, at)
        at += 8
        name = raw[at : at + n]
        at += n
        out.append((name, None if v == NULL else raw[at : at + v]))
        at += 0 if v == NULL else v
    return out


def records_of(path, fields):
    with open(path, "rb") as file:
        stream = file.read()
    names, out = {0: None}, []
    for f in walk(stream):
        if f.kind == SOURCE:
            names[f.source] = (f.key, f.timestamp)
        if f.kind == RECORD:
            carried = (f.key, f.value, headers_of(stream[f.start : f.end], f))
            place = (names[f.source], f.offset, f.flags & (CREATE | APPEND), f.timestamp)
            out.append(carried if fields else (carried, place))
    return sorted(out, key=repr) if fields else out


def same(one, other, fields):
    a, b = records_of(one, fields), records_of(other, fields)
    for n, (x, y) in enumerate(zip(a, b)):
        if x != y:
            sys.exit(f"record {n}: {repr(x)[:400]}\nis: {repr(y)[:400]}")
    if len(a) != len(b) or not a:
        sys.exit(f"{len(a)} records became {len(b)}")


if sys.argv[1] == "make":
    make("topic" in sys.argv[2:])
else:
    same(sys.argv[2], sys.argv[3], "fields" in sys.argv[4:])
