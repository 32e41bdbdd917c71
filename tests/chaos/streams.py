"""Scenes of what is in the pipe: how much of it, an input of transactions; streams that are cut,
changed or sorted on their way."""
import sys

from scene import KOUT, SOURCE, ends_with, goes_on, must, scene
from shot import Range


@scene
def amounts(place):
    """F54: nothing, one record, exactly some barriers."""
    for count in (0, 1, 2000):
        small = Range(place.brokers, place.folder, place.exactly_once, count)
        statuses = small.run()
        must(set(statuses) == {0}, f"{count}: {statuses}")
        wrong = small.judged() if count else ""
        must(not wrong, f"{count}: {wrong}")


@scene
def transactional_input(place):
    """F48, F49: the input has aborted transactions, marks at its ends, and holes."""
    place.new()
    copied = place.stages()
    line = place.begin([copied[SOURCE], copied[KOUT]], "kout/commit=kill@3")
    ends_with(place, line, 137)
    while set(place.run([copied[SOURCE], copied[KOUT]])) != {0}:
        must(place.runs < 5, "the copy does not go on")
    place.sources = [place.output]
    place.new()
    goes_on(place)
    must("0 aborted" in place.summary, place.summary)


@scene
def cut(place):
    """F14, F21: the stream ends at a byte: nothing after the last whole barrier is committed."""
    for _ in range(10):
        place.new()
        stages = place.stages()
        stages.insert(1, [sys.executable, "-c", CUT % place.dice.randrange(33, 800000)])
        ends_with(place, place.begin(stages), 0, 75)
        goes_on(place)


@scene
def flipped(place):
    """F22: a bit of the stream is another: 76, never a wrong commit."""
    for _ in range(10):
        place.new()
        stages = place.stages(["-e", "--checksum"])
        program = FLIP % place.dice.randrange(33, 500000)
        stages.insert(1, [sys.executable, "-c", program])
        ends_with(place, place.begin(stages), 75, 76)
        goes_on(place)


CUT = """import sys
left = %d
while left > 0 and (part := sys.stdin.buffer.raw.read(min(left, 65536))):
    left -= len(part)
    sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
"""
FLIP = """import sys
left = %d
while part := sys.stdin.buffer.raw.read(65536):
    if 0 <= left < len(part):
        part = part[:left] + bytes([part[left] ^ 16]) + part[left + 1 :]
    left -= len(part)
    sys.stdout.buffer.write(part)
    sys.stdout.buffer.flush()
"""


@scene
def sorted_in_between(place):
    """F12: what is no stage of the kit."""
    for words, wanted in ((["/usr/bin/sort"], (75, 76)), (["/usr/bin/tee", "/dev/null"], (0,))):
        place.new()
        stages = place.stages()
        stages.insert(1, words)
        ends_with(place, place.begin(stages), *wanted)
        goes_on(place)
