"""table.py: a changelog's record stream on standard input; prints its last counts, KEY COUNT, sorted.

By kframe(5) and by what kdelivery(7) says of changelogs, sharing nothing with src/."""
import sys

import records

table = {}
for frame in records.walk(sys.stdin.buffer.read()):
    if frame.kind == records.RECORD and frame.key != b"\0kpipe marker":
        if len(frame.value) != 8:
            sys.exit(f"{frame.key!r}: {frame.value!r} is no count")
        table[frame.key] = int.from_bytes(frame.value, "big")
for key, count in sorted(table.items()):
    print(key.decode(), count)
