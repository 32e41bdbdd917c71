"""The record stream as kframe(5) tells it, for tests that make one, take it apart or spoil it.

Written from the page, not from src/: what both get wrong in the same way, both have read there.
"""
import struct
from collections import namedtuple

MAGIC = b"kpipe/1 records; read with kout\n"
HELLO, SOURCE, RECORD, BARRIER, END, ABORT, OPEN, STORE, TASK, RESTORE, STATE, LINES = range(1, 13)
ASSIGNED, REVOKED, LOST = 1, 2, 3  # TASK
NEW = 1  # TASK, assigned
NULL_KEY, NULL_VALUE, HEADERS = 1, 2, 4
NO_HANDSHAKE, SUMS, PROGRESS = 1, 2, 4  # HELLO
SUMMED = 32  # RECORD
HOP_K = 0x9E3779B97F4A7C15
WORD = (1 << 64) - 1

# start and end in the stream (padding counts); guarded: bytes from start that a hop check covers.
Frame = namedtuple("Frame", "start end guarded length kind flags source offset timestamp key value")


def guard(length):
    return (length ^ length >> 16 ^ 0x706B) & 0xFFFF


def frame(kind, flags, source, key_size, offset, timestamp, body):
    length = 32 + len(body)
    head = struct.pack(
        "<IBBHIIqq", length, kind, flags, guard(length), source, key_size, offset, timestamp
    )
    return head + body + bytes(-length % 8)


def record(value, key=None, headers=(), source=1, offset=0):
    flags = (key is None) * NULL_KEY | (value is None) * NULL_VALUE | bool(headers) * HEADERS
    block = b"".join(struct.pack("<II", len(n), len(v)) + n + v for n, v in headers)
    extra = struct.pack("<II", len(block), len(headers)) if headers else b""
    body = extra + (key or b"") + (value or b"") + block
    return frame(RECORD, flags, source, len(key or b""), offset, 0, body)


def lines(values, source=1, offset=0, gap=b"\n"):
    sizes = b"".join(struct.pack("<I", len(v) + len(gap)) for v in values)
    body = sizes + bytes(-len(sizes) % 8)
    behind = b"".join(v + gap for v in values)
    body += bytes(-len(behind) % 8) + behind
    return frame(LINES, 0, source, len(values), offset, len(gap), body)


def lines_head(raw):
    return 32 + (struct.unpack_from("<I", raw, 12)[0] + 1) // 2 * 8


def lines_values(raw):
    count, gap = struct.unpack_from("<I8xq", raw, 12)
    sizes = struct.unpack_from(f"<{count}I", raw, 32)
    at, values = len(raw) - sum(sizes), []
    for size in sizes:
        values.append(raw[at : at + size - gap])
        at += size
    return values


def crc32c(data):
    rest = 0xFFFFFFFF
    for byte in data:
        rest ^= byte
        for _ in range(8):
            rest = rest >> 1 ^ (0x82F63B78 if rest & 1 else 0)
    return rest ^ 0xFFFFFFFF


def summed(raw):
    """A record with its checksum behind it."""
    length = struct.unpack_from("<I", raw)[0]
    head = struct.pack("<IBBH", length + 4, raw[4], raw[5] | SUMMED, guard(length + 4))
    raw = head + raw[8:length]
    raw += struct.pack("<I", crc32c(raw))
    return raw + bytes(-len(raw) % 8)


def hello(group=b"", version=1, flags=0, cap=1 << 20):
    sizes = struct.pack("<IIII", version, 0, len(group), 0)
    return frame(HELLO, flags, 0, 0, cap, 0, sizes + bytes(range(16)) + group)


def source(number, name, partition=-1):
    return frame(SOURCE, 0, number, len(name), -1, partition, name)


def opened(partitions=0):
    return frame(OPEN, 0, partitions, 0, 0, 0, b"")


def store(name, kind=1):
    return frame(STORE, 0, 0, len(name), kind, 0, name)


def task(number, what=ASSIGNED, new=False):
    return frame(TASK, NEW if new else 0, number, 0, what, 0, b"")


def restore(number, name, key, value, offset=0):
    return frame(RESTORE, 0, number, len(key), offset, 0, key + name + b"\0" + value)


def state(number, name, key, value, time=None):
    return frame(
        STATE, 0 if time is None else 8, number, len(key), 0, time or 0, key + name + b"\0" + value
    )


def abort(status, tool, line):
    return frame(ABORT, 0, status, len(tool), 0, 0, tool + line)


def guarded(raw):
    """How many of its bytes a hop check takes."""
    if raw[4] == LINES:
        return lines_head(raw)
    data = raw[4] in (RECORD, RESTORE, STATE)
    return len(raw) if not data else 40 if raw[5] & HEADERS else 32


class Hop:
    """What a writer notes of a hop, and a reader again."""

    def __init__(self):
        self.hash, self.frames, self.bytes = HOP_K, 0, 0

    def words(self, raw):
        for (word,) in struct.iter_unpack("<Q", raw):
            turned = (self.hash << 5 | self.hash >> 59) & WORD
            self.hash = (turned ^ word) * HOP_K & WORD

    def see(self, raw):
        self.words(raw[: guarded(raw)])
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
            records += struct.unpack_from("<I", raw, 12)[0] if raw[4] == LINES else raw[4] == RECORD
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
        if kind == RECORD and flags & SUMMED:
            length -= 4
        if kind == LINES:
            key, value = at + 32, at + lines_head(stream[at:end])
        yield Frame(
            at, end, guarded(stream[at:end]), length, kind, flags, number,
            offset, time, None if kind == RECORD and flags & NULL_KEY else stream[key:value],
            None if kind == RECORD and flags & NULL_VALUE else stream[value : at + length - block],
        )
        at = end


def decode(stream):
    """What a stream says, without the run id: each frame's kind, fields, key and value, LINES as the
    records that it holds. Raises ValueError where a hop check or END's totals are wrong."""
    said, hop, frames, first = [], Hop(), 0, 0
    for f in walk(stream):
        raw = stream[f.start : f.end]
        key, value, time = f.key, f.value, f.timestamp
        if f.kind == HELLO:
            hop, value = Hop(), value[:16] + value[32:]
            frames, first = 0, len(said)
        if f.kind in (BARRIER, END):
            if hop.close(raw[:32]) != raw:
                raise ValueError(f"the check at byte {f.start} is wrong")
            value = b""
        elif f.kind != ABORT:
            hop.see(raw)
        if f.kind == END:
            seen = sum(s[0] == RECORD for s in said[first:])
            if (f.offset, time) != (seen, frames):
                raise ValueError(f"the totals at byte {f.start} are wrong: {seen}, {frames}")
            time = 0
        frames += 1
        if f.kind == LINES:
            for at, line in enumerate(lines_values(raw)):
                said.append((RECORD, NULL_KEY, f.source, f.offset + at, 0, None, line))
            continue
        said.append((f.kind, f.flags, f.source, f.offset, time, key, value))
    return said


def sample(group=b"", flags=0, sums=False):
    """A small one of every shape: text and topic sources, null and empty, headers, two barriers."""
    made = summed if sums else lambda raw: raw
    return segment(
        [
            source(1, b"in"),
            *([opened(12)] if group else []),
            made(record(b"a line")),
            made(record(b"value a", b"key", [(b"h", b"a"), (b"h", b"")], offset=1)),
            "barrier",
            made(record(None, b"gone", offset=2)),
            made(record(b"", b"", offset=3)),
            *([] if group or sums else [lines([b"a", b"", b"another line"], offset=4)]),
        ],
        hello(group, flags=flags | sums * SUMS),
    )


def kept(group=b"group", flags=0):
    """One with state: a store, a task that is restored, its state, its end."""
    return segment(
        [
            store(b"counts"),
            source(1, b"in", 3),
            opened(12),
            restore(3, b"counts", b"gwen", bytes(7) + b"\2", 41),
            restore(3, b"counts", b"", bytes(8)),
            task(3),
            record(b"1", b"gwen"),
            state(3, b"counts", b"gwen", bytes(7) + b"\3", 1000),
            "barrier",
            task(3, REVOKED),
            task(4, new=True),
        ],
        hello(group, flags=flags),
    )
