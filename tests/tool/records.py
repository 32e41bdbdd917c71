"""The record stream as kframe(5) tells it, for tests that make one, take it apart or spoil it.

Written from the page, not from src/: what both get wrong in the same way, both have read there.
"""
import struct
from collections import namedtuple

MAGIC = b"kpipe/1 records; read with kout\n"
HELLO, SOURCE, RECORD, BARRIER, END, ABORT, OPEN = range(1, 8)
NULL_KEY, NULL_VALUE, HEADERS = 1, 2, 4
NO_HANDSHAKE = 1  # HELLO
HOP_K = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1

# start and end in the stream (padding counts); guarded: bytes from start that a hop check covers.
Frame = namedtuple("Frame", "start end guarded length kind flags source offset timestamp key value")


def frame(kind, flags, source, key_size, offset, timestamp, body):
    length = 32 + len(body)
    head = struct.pack("<IBBHIIqq", length, kind, flags, 0, source, key_size, offset, timestamp)
    return head + body + bytes(-length % 8)


def record(value, key=None, headers=(), source=1, offset=0):
    flags = (key is None) * NULL_KEY | (value is None) * NULL_VALUE | bool(headers) * HEADERS
    block = b"".join(struct.pack("<II", len(n), len(v)) + n + v for n, v in headers)
    extra = struct.pack("<II", len(block), len(headers)) if headers else b""
    body = extra + (key or b"") + (value or b"") + block
    return frame(RECORD, flags, source, len(key or b""), offset, 0, body)


def hello(group=b"", version=1, flags=0, cap=1 << 20):
    sizes = struct.pack("<IIII", version, 0, len(group), 0)
    return frame(HELLO, flags, 0, 0, cap, 0, sizes + bytes(range(16)) + group)


def source(number, name):
    return frame(SOURCE, 0, number, len(name), -1, -1, name)


def opened(partitions=0):
    return frame(OPEN, 0, partitions, 0, 0, 0, b"")


def abort(status, tool, line):
    return frame(ABORT, 0, status, len(tool), 0, 0, tool + line)


class Hop:
    """What a writer notes of a hop, and a reader again."""

    def __init__(self):
        self.hash, self.frames, self.bytes = HOP_K, 0, 0

    def words(self, raw):
        for (word,) in struct.iter_unpack("<Q", raw):
            turned = (self.hash << 5 | self.hash >> 59) & WORD
            self.hash = (turned ^ word) * HOP_K & WORD

    def see(self, raw):
        record_head = 40 if raw[5] & HEADERS else 32
        self.words(raw[:record_head] if raw[4] == RECORD else raw)
        self.frames += 1
        self.bytes += len(raw)

    def close(self, head):
        self.words(head)
        check = struct.pack("<QQQ", self.frames, self.bytes, self.hash)
        self.frames = self.bytes = 0
        return head + check


def checked(hop, kind, flags, offset, timestamp):
    return hop.close(frame(kind, flags, 0, 0, offset, timestamp, bytes(24))[:32])


def segment(frames, hello_frame=None):
    """A whole one: magic, HELLO, `frames`, which are raw or the word "barrier", FINAL and END."""
    hop, out, seen, records, barriers = Hop(), [], 0, 0, 0
    for raw in [hello_frame or hello(), *frames, "final", "end"]:
        if raw == "end":
            raw = checked(hop, END, 0, records, seen)
        elif isinstance(raw, str):
            barriers += 1
            raw = checked(hop, BARRIER, raw == "final", barriers, 0)
        else:
            hop.see(raw)
            records += raw[4] == RECORD
        seen += 1
        out.append(raw)
    return MAGIC + b"".join(out)


def walk(stream):
    """The frames of a stream that is known to be good."""
    at = 0
    while at < len(stream):
        if stream[at : at + 32] == MAGIC:
            at += 32
            continue
        length, kind, flags, _, number, key_size, offset, time = struct.unpack_from(
            "<IBBHIIqq", stream, at
        )
        end = at + (length + 7 & ~7)
        extra = 8 if kind == RECORD and flags & HEADERS else 0
        block = struct.unpack_from("<I", stream, at + 32)[0] if extra else 0
        key = at + 32 + extra
        value = key + key_size
        yield Frame(
            at, end, 32 + extra if kind == RECORD else end - at, length, kind, flags, number,
            offset, time, None if kind == RECORD and flags & NULL_KEY else stream[key:value],
            None if kind == RECORD and flags & NULL_VALUE else stream[value : at + length - block],
        )
        at = end


def decode(stream):
    """What a stream says, without the run id: each frame's kind, fields, key and value. Raises
    ValueError where a hop check is wrong."""
    said, hop = [], Hop()
    for f in walk(stream):
        raw = stream[f.start : f.end]
        key, value = f.key, f.value
        if f.kind == HELLO:
            hop, value = Hop(), value[:16] + value[32:]
        if f.kind in (BARRIER, END):
            if hop.close(raw[:32]) != raw:
                raise ValueError(f"the check at byte {f.start} is wrong")
            value = value[:16]
        elif f.kind != ABORT:
            hop.see(raw)
        said.append((f.kind, f.flags, f.source, f.offset, f.timestamp, key, value))
    return said


def sample(group=b"", flags=0):
    """A small one of every shape: text and topic sources, null and empty, headers, two barriers."""
    return segment(
        [
            source(1, b"in"),
            *([opened(12)] if group else []),
            record(b"a line"),
            record(b"value a", b"key", [(b"h", b"a"), (b"h", b"")], offset=1),
            "barrier",
            record(None, b"gone", offset=2),
            record(b"", b"", offset=3),
        ],
        hello(group, flags=flags),
    )
