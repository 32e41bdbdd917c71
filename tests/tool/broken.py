"""broken.py SWEEP: every tool that reads records, on streams that are cut, spoilt or read badly.

Each run must end by itself with the promised status, one line on stderr, and in a filter's output
an ABORT that says the same. Prints what went otherwise; status 1 if anything did."""
import random
import struct
import sys

import records
from records import MAGIC
from serve import can_preload, server

READERS = (["kgrep", "a"], ["ktr", "a-z", "A-Z"], ["kcount", "--by", "value"], ["kout"])
COMMIT_READERS = (*READERS[:2], ["kcount", "--volatile"], ["kout", "--replay"])
LINE_MOST = 4096

wrong = []


def complain(tool, where, run, why):
    wrong.append(f"{tool}, {where}: {why}: status {run.status}, stderr {run.err[:300]!r}")


def one_line(tool, err):
    head, _, rest = err.partition(b"\n")
    return head.startswith(tool.encode() + b": ") and rest == b"" and err.endswith(b"\n")


def ends(tool, where, run, statuses, part=""):
    """A broken stream ends in one of `statuses`, is told once, and is told downstream."""
    if run.status not in statuses:
        return complain(tool, where, run, f"want status {sorted(statuses)}")
    if not one_line(tool, run.err) or part.encode() not in run.err:
        return complain(tool, where, run, f"want one line with {part!r}")
    line = run.err[len(tool) + 2 : -1]
    if tool != "kout" and not run.out.endswith(records.abort(run.status, tool.encode(), line)):
        complain(tool, where, run, "want ABORT with the same at the end of the output")


def over(cases, check, readers=READERS):
    """check(tool, where, run) of every reader on every case, which are (where, stream, more...);
    on some of them where a run is dear."""
    for argv in readers:
        tool = server(argv)
        for where, stream, *more in cases if can_preload() else cases[::9]:
            check(argv[0], where, tool.run(stream), *more)
        tool.close()


def cut():
    """At every byte: 76 where nothing came, 75 before HELLO or where it commits, else 76."""

    def cuts(stream, commits):
        hello = [f for f in records.walk(stream) if f.kind == records.HELLO]
        for at in range(len(stream)):
            start = max(f.start - 32 for f in hello if f.start - 32 <= at)
            in_hello = any(start < at < f.end for f in hello if f.start - 32 == start)
            if at == 0:
                yield at, b"", 76, "nothing came: the stage in front never started"
            elif at > start:
                yield at, stream[:at], 75 if commits or in_hello else 76, "ended without END"
            else:
                yield at, stream[:at], 0, ""

    def check(tool, where, run, status, part):
        if status:
            return ends(tool, f"cut at {where}", run, {status}, part)
        if run.status:
            complain(tool, f"cut at {where}", run, "a whole segment is a whole stream")

    over(list(cuts(records.sample() + records.segment([]), False)), check)
    over(list(cuts(records.sample(b"group", records.NO_HANDSHAKE), False)), check)
    over(list(cuts(records.sample(b"group"), True)), check, COMMIT_READERS)


def flip():
    """Every byte, one bit and all bits: what a hop guards is never 0, with checksums nothing is; a
    payload does no harm."""
    plain, sums = records.sample(), records.sample(sums=True)
    guarded = set(range(32))
    for f in records.walk(plain):
        guarded.update(range(f.start, f.start + f.guarded))

    def flips():
        for stream in (plain, sums):
            for at in range(len(stream)):
                for bits in (1 << at * 5 % 8, 0xFF):
                    spoilt = bytearray(stream)
                    spoilt[at] ^= bits
                    where = f"byte {at} of {len(stream)} ^ {bits:#x}"
                    yield where, bytes(spoilt), stream == sums or at in guarded

    def check(tool, where, run, is_guarded):
        if is_guarded:
            ends(tool, where, run, {75, 76})
        elif run.status not in (0, 1, 75, 76):
            complain(tool, where, run, "a payload does no harm")

    over(list(flips()), check)


def garbage():
    """Random bytes, alone, behind the magic, behind a HELLO, behind a whole segment."""
    dice = random.Random(5)
    heads = (b"", MAGIC, MAGIC + records.hello(), records.sample())
    cases = [
        (f"garbage {n} behind {len(head)} bytes", head + dice.randbytes(dice.randint(1, 3000)))
        for n in range(50)
        for head in heads
    ]
    over(cases, lambda tool, where, run: ends(tool, where, run, {75, 76}))


def newer():
    """What a later version may write: refused by name, or passed on where that is allowed."""
    line = records.record(b"a line")
    begin = [records.source(1, b"in"), line]

    def kind(number):
        return records.frame(number, 0, 0, 0, 0, 0, b"something")

    unknown = {
        "magic 2": MAGIC.replace(b"/1", b"/2") + records.sample()[32:],
        "HELLO version 2": records.segment(begin, records.hello(version=2)),
        "HELLO flag": records.segment(begin, records.hello(flags=8)),
        "kind 13": records.segment([*begin, kind(13)]),
        "kind 0x7f": records.segment([*begin, kind(0x7F)]),
        "record flag": records.segment([*begin, line[:5] + b"\x42" + line[6:]]),
    }
    over(list(unknown.items()), lambda *run: ends(*run, {76}, "made by a newer kpipe"))

    def passes(tool, where, run, frame):
        said = [] if tool == "kout" else records.decode(run.out)
        if run.status or (tool != "kout" and sum(s[0] == frame[4] for s in said) != 1):
            complain(tool, where, run, "an optional kind is passed on once")

    optional = [(hex(n), records.segment([*begin, kind(n)]), kind(n)) for n in (0x80, 0xA5, 0xFF)]
    over(optional, passes)


def lines():
    """LINES that is wrong, or stands where it must not: 76, by each stage."""
    good, one = records.lines([b"a", b"bc", b""]), records.source(1, b"in")

    def spoilt(at, form, number):
        raw = bytearray(good)
        struct.pack_into(form, raw, at, number)
        return records.segment([one, bytes(raw)])

    malformed = {
        "flags": spoilt(5, "B", 1),
        "no source": spoilt(8, "<I", 0),
        "no records": spoilt(12, "<I", 0),
        "more records than there is room": spoilt(12, "<I", 1 << 30),
        "offset -1": spoilt(16, "<q", -1),
        "offsets beyond the highest": spoilt(16, "<Q", (1 << 63) - 9),
        "gap -1": spoilt(24, "<q", -1),
        "gap 256": spoilt(24, "<q", 256),
    }
    sizes = {
        "gap longer than a line": spoilt(24, "<q", 2),
        "a size too long": spoilt(32, "<I", 12),
        "a size of 4 GiB": spoilt(32, "<I", 0xFFFFFFFF),
        "eight bytes that no size counts": records.segment(
            [one, records.frame(records.LINES, 0, 1, 3, 0, 1, good[32:] + bytes(8))]
        ),
        "a value above the cap": records.segment(
            [one, records.lines([b"a" * 100])], records.hello(cap=99)
        ),
    }
    rest = {
        "a source that is unknown": (records.segment([good]), "was not announced"),
        "in a group": (
            records.segment([one, records.opened(), good], records.hello(b"g", flags=1)),
            "LINES is out of place",
        ),
        "with sums": (records.segment([one, good], records.hello(flags=2)), "LINES is out of place"),
    }
    cases = [(where, stream, "LINES is malformed") for where, stream in malformed.items()]
    cases += [(where, stream, "the sizes in LINES do not add up") for where, stream in sizes.items()]
    cases += [(where, *case) for where, case in rest.items()]
    over(cases, lambda tool, where, run, part: ends(tool, where, run, {76}, part))


def storm():
    """Interrupted and short calls, as a seed wills, and one byte at a time: nothing changes."""
    dice = random.Random(7)
    large = [records.record(dice.randbytes(n % 97), b"k%d" % (n % 9)) for n in range(400)]
    large[300:300] = [records.record(b"a" * 140_000), "barrier"]
    large[100:100] = [records.lines([b"a" * (n % 50) for n in range(9000)])]
    text = b"".join(b"line %d a\n" % n for n in range(2000)) + b"a" * 140_000
    small = records.sample() * 2
    record_inputs = ((small, 60), (records.segment([records.source(1, b"in"), *large]), 5))
    text_inputs = ((b"a\n\nbc\0\r\nlast", 60), (text, 5))
    for argv in (*READERS, ["kcat-in"]):
        tool = server(argv, ["eintr"])
        for data, seeds in text_inputs if argv == ["kcat-in"] else record_inputs:
            same_in_any_weather(tool, argv[0], data, seeds)
        tool.close()


def same_in_any_weather(tool, name, data, seeds):
    def said(run):
        return run.status, run.out if name == "kout" else records.decode(run.out), run.err

    fair = tool.run(data)
    if fair.status:
        complain(name, "fair weather", fair, "want 0")
    for seed in range(1, seeds + 1):
        run = tool.run(data, seed)
        if said(run) != said(fair):
            complain(name, f"seed {seed}, {len(data)} bytes", run, "other than in fair weather")
        if int(run.report or 0) < 3:
            complain(name, f"seed {seed}", run, f"no storm: {run.report}")


{f.__name__: f for f in (cut, flip, garbage, newer, lines, storm)}[sys.argv[1]]()
print(*wrong[:10], sep="\n")
if len(wrong) > 10:
    print(f"... {len(wrong)} in all")
sys.exit(bool(wrong))
