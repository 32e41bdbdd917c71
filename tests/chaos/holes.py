"""What each rule of rules.py is for. A scene is played twice: with the rule, and the oracle finds
nothing; and by tools that lack it, and the bad end that it keeps away is reached."""
import signal
import sys
import time

import scene
from pipeline import ACKED
from scene import KOUT, SOURCE, STOP_MS, ends_with, goes_on, must, until


def closes(rule, *bad):
    """The scene ends in one of `bad`, words of the oracle, where the rule is out. One that gives back
    a text says itself what went wrong, "" nothing, and asks no oracle."""

    def register(play):
        def both(place):
            said = play(place)
            goes_on(place) if said is None else must(said == "", f"with the rule: {said}")
            place.without = rule
            said = play(place)
            place.without = None
            if said is None:
                place.finish()
                must(any(place.faults[word] for word in bad), f"without: no harm: {place.summary}")
            else:
                must(said, "without the rule nothing is wrong")

        both.__name__, both.__doc__ = play.__name__, play.__doc__
        return scene.scene(both)

    return register


@closes("H2", "doubled", "torn")
def lost_with_records(place):
    """Partitions go while their records are at the sink, and come back."""
    place.new()
    line = place.begin(points="kout/prepare=6000@3")
    must(line.hit("kout/prepare"), "never reached")
    line.signal(signal.SIGSTOP, SOURCE)
    time.sleep(STOP_MS / 1000)
    line.signal(signal.SIGCONT, SOURCE)
    ends_with(place, line, *((75,) if not place.without else (0, 75)))


def half(place):
    """The first half, so that there is something stored."""
    place.new()
    without, place.without = place.without, None
    statuses = place.run(place.stages(["-n", "5000"]))
    must(set(statuses) == {0}, f"the first half: {statuses}")
    place.without = without


def said_of_offsets(place, wanted, *words):
    """The coordinator's first answer to what is stored is another."""
    half(place)
    place.proxy("rule", "said", "9", "answer", *words)
    stages = place.stages(["-n", "1000"])  # -e would ask, too
    stages[SOURCE][2] = place.through
    line = place.begin(stages)
    place.proxy("wait", "said", "1")
    ends_with(place, line, 0 if place.without else wanted)
    place.proxy("release", "said")


@closes("H4", "doubled", "back")
def none_once(place):
    """The coordinator says once that nothing is stored."""
    said_of_offsets(place, 0, "none", "times=1")


@closes("H4-each", "doubled", "back")
def refused_once(place):
    """It answers, and what it says of each partition is an error: TOPIC_AUTHORIZATION_FAILED."""
    said_of_offsets(place, 77, "unstable", "error=29", "times=2")


@closes("H11")
def last_records(place):
    """A run that ends on purpose says 0: all that it has put is there."""
    place.new()
    stages = place.stages(["-n", "500", "--commit-interval", "1h", "--commit-count", "100000"])
    statuses = place.run(stages)
    committed = place.broker.committed(place.group, place.source, 4)
    return "" if set(statuses) == {0} and sum(committed.values()) == 500 else f"{statuses}, {committed}"


SLOW = """import os, time
while chunk := os.read(0, 4096):
    time.sleep(len(chunk) / 64 / 1000)
    os.write(1, chunk)
"""


@closes("H13")
def slow_stage(place):
    """A stage of 1 ms a record, and transactions that may be open for 1 s."""
    place.new()
    stages = place.stages(
        ["-n", "4000", "--commit-interval", "2s", "--commit-count", "4000"],
        ["-X", "transaction.timeout.ms=1000"],
    )
    stages.insert(1, [sys.executable, "-c", SLOW])
    statuses = place.run(stages)
    return "" if set(statuses) == {0} else str(statuses)


@closes("H15")
def signal_to_all(place):
    """SIGTERM to every stage, as a service manager may do."""
    place.new()
    line = place.begin(place.stages([]))
    must(line.acked(2), "no acks")
    line.signal(signal.SIGTERM)
    statuses = place.ended(line)
    return "" if set(statuses) == {0} else str(statuses)


@closes("H15-done")
def source_dies_at_the_end(place):
    """The source dies when all is written and nothing of it is committed: the last stage knows."""
    place.new()
    line = place.begin(place.stages(["-n", "500", "--commit-count", "100000"]), "kcat-in/ack=kill")
    statuses = place.ended(line)
    must(place.reached, "never reached")
    return "" if statuses[-1] == 75 else str(statuses)


@closes("H16")
def same_place(place):
    """Two of one user on one machine, without names."""
    place.new()
    stages = [place.stages([]) for _ in range(2)]
    for each in stages:
        at = each[KOUT].index("--instance")
        del each[KOUT][at : at + 2]
    lines = [place.begin(each, "kout/init-done=0") for each in stages]
    must(all(line.hit("kout/init-done") for line in lines), "no transactional.id")
    acked = [line.slot(ACKED) for line in lines]
    place.load(500, seed=2)
    for line, before in zip(lines, acked):
        until(lambda: line.slot(ACKED) > before or line.last)
        line.signal(signal.SIGTERM, SOURCE)
    statuses = [place.ended(line) for line in lines]
    return "" if all(set(each) == {0} for each in statuses) else str(statuses)


@closes("H21", "doubled", "back", "torn")
def late_grant(place):
    """F10: a source sleeps with its GRANT in hand; another pipeline goes on; the grant is late."""
    place.new()
    waits = ["-X", "transaction.timeout.ms=60000"]  # for the others, however slow the machine is
    line = place.begin(place.stages(at_end=waits, instance="first"), "kcat-in/grant=stop@3")
    must(line.hit("kcat-in/grant"), "never reached")
    without, place.without = place.without, None
    wrong = place.run_through()
    place.without = without
    must(not wrong, wrong)
    line.signal(signal.SIGCONT)
    place.ended(line)
