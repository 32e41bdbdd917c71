"""kept.py BROKERS NAME...: scenes of counts that are kept, and what each rule about state is for
(holes.py tells how that is shown). chaos/tables.py judges. TAP. Without a NAME: the names."""
import signal
import subprocess
import sys

import scene
from holes import closes
from lines import Counts, STORE
from pipeline import RESTORES
from scene import ends_with, goes_on, must, until
from shot import COUNT, HERE, PARTITIONS
from tables import changelog

SOON = ["--commit-interval", "20ms"]
WHOLE = {"cleanup.policy": "compact"}


def counts(place, topics=2, partitions=PARTITIONS, count=COUNT):
    """A place of its own, for a line that counts."""
    without = place.without
    place.__init__(place.brokers, place.folder, True, count, Counts(topics), partitions)
    place.without = without


def verdict(place, *bad):
    """With the rule, what is wrong at the end; without it, what is as bad as it was to become."""
    wrong = place.judged() if place.without else place.finish()
    return wrong if not place.without or any(place.faults[word] for word in bad) else ""


def with_all_rules(place, stages, points=""):
    without, place.without = place.without, None
    line = place.begin(stages, points)
    place.without = without
    return line


def committed(place):
    found = place.broker.noted(place.group, place.sources, place.partitions)
    return sum(max(offset, 0) for offset, _ in found.values())


# Rules


@closes("H1")
def parted(place):
    """Two members that assign by roundrobin: A/0 is the one's, B/0 the other's."""
    counts(place, partitions=3)
    robin = ["-X", "partition.assignment.strategy=roundrobin", *SOON]
    lines = [
        place.begin(place.stages(robin, instance=f"{i}"), "kcat-in/assign=0", again=bool(place.without))
        for i in range(2)
    ]
    if not place.without:
        for line in lines:
            ends_with(place, line, 78)
        return verdict(place)
    must(all(line.hit("kcat-in/assign") for line in lines), "they do not share")
    place.load(6000, seed=2)
    until(lambda: committed(place) == COUNT + 6000, 10)
    for line in lines:
        line.end()
    return verdict(place, "wrong", "parted")


@closes("H3")
def moved_only(place):
    """One of two topics has new records: the offsets of both say which state they are of."""
    counts(place)
    for part in range(2):
        statuses = place.run(place.stages(every=500))
        must(set(statuses) == {0} or part, f"ended with {statuses}")
        place.load(2000, seed=2 + part, sources=place.sources[:1])
    return verdict(place, "parted")


@closes("H3-none")
def sink_asleep(place):
    """A sink sleeps with state in an open transaction; its successor restores; it wakes."""
    counts(place)
    longer = ["-X", "transaction.timeout.ms=60000"]
    point = "kout/commit" if place.without else "kout/offsets"  # which it calls no more
    line = place.begin(place.stages(SOON, longer, instance="first"), f"{point}=stop@3")
    must(line.hit(point), "never reached")
    line.signal(signal.SIGSTOP)
    other = with_all_rules(place, place.stages(instance="other"), "kcat-in/restoring=0")
    must(other.hit("kcat-in/restoring"), "nobody takes over")
    line.signal(signal.SIGCONT)
    late, statuses = place.ended(line), place.ended(other)
    if not place.without:
        must(late[-1] == 75 and set(statuses) == {0}, f"the late one: {late}, the other: {statuses}")
    return verdict(place, "parted", "bare")


@closes("H6")
def old_writer(place):
    """A store at least once: a sink that was followed writes on."""
    counts(place, topics=1)
    place.broker.create(changelog(place.group, STORE), PARTITIONS, **WHOLE)
    place.exactly_once = False
    stages = place.stages(SOON)
    if not place.without:
        ends_with(place, place.begin(stages), 64)
        place.exactly_once = True
        return verdict(place)
    line = place.begin(stages, "kout/state=stop@3")
    must(line.hit("kout/state"), "never reached")
    line.signal(signal.SIGSTOP)
    place.load(4000, seed=2)
    statuses = place.run()
    must(set(statuses) == {0}, f"who follows: {statuses}")
    line.signal(signal.SIGCONT)
    line.signal(signal.SIGTERM, 0)
    place.ended(line)
    return verdict(place, "last")


@closes("H14")
def early_records(place):
    """Records are there before their task is restored."""
    counts(place, topics=1)
    first = place.ended(with_all_rules(place, place.stages(["-n", "6000"])))
    must(set(first) == {0}, f"the first half: {first}")
    statuses = place.run(place.stages(), "kcat-in/restoring=500")
    return f"{statuses}" if statuses[-1] else verdict(place, "wrong", "lost")


# Scenes


@scene.scene
def compacted(place):
    """F42: the changelog is compacted in the midst of a restore."""
    counts(place, topics=1, partitions=1)
    kept, small = changelog(place.group, STORE), ["-X", "max.partition.fetch.bytes=3000"]
    lag = "min.compaction.lag.ms"
    place.broker.create(
        kept, 1, **WHOLE, **{lag: 600000, "segment.ms": 100, "min.cleanable.dirty.ratio": 0.001}
    )
    for part in range(2):
        statuses = place.run(place.stages(every=500))
        must(set(statuses) == {0}, f"ended with {statuses}")
        place.load(1000, seed=2 + part)
    small += ["-X", "queued.min.messages=1", "-X", "queued.max.messages.kbytes=4"]
    stages = place.stages(["-e", *small])
    stages[0] += ["-X", "session.timeout.ms=40000"]
    line = place.begin(stages, "kcat-in/restore=stop")
    must(line.hit("kcat-in/restore"), "never reached")
    before = len(list(place.broker.log(kept, 0)))
    place.broker.configure(kept, lag, "0")
    must(until(lambda: len(list(place.broker.log(kept, 0))) < before / 2), "it is not compacted")
    line.signal(signal.SIGCONT)
    ends_with(place, line, 0)
    place.judged()
    must(not place.faults["last"] and not place.faults["lag"], place.summary)


@scene.scene
def elastic(place):
    """One pipeline, three, two (one is killed), one (another ends cleanly), under load: exact; and
    cooperatively only what moves is restored."""
    for protocol, topics in (("range", 2), ("cooperative", 1)):
        counts(place, topics, 6, 0)
        load, lines = [put(place, source, 2000 // topics) for source in place.sources], []
        try:
            grow_and_shrink(place, protocol, lines)
        finally:
            for each in load:
                each.terminate()
                each.wait()
            ended = [line.end(20) for line in lines]
        must(all(ended), "one does not end")
        goes_on(place)
        one = lines[0]
        must(protocol == "range" or one.starts > 1 or one.slot(RESTORES) == 4,
             f"of 4 tasks that came back to the one that stayed it restored {one.slot(RESTORES)}")


def put(place, source, rate):
    return subprocess.Popen(
        [sys.executable, f"{HERE}/load.py", place.brokers, source, "--partitions",
         str(place.partitions), "--rate", str(rate)], stdout=subprocess.DEVNULL,
    )


def grow_and_shrink(place, protocol, lines):
    """A pipeline is started again if it ends, as kpipe-loop does: one that commits while the group
    moves on ends with 75."""
    for name in ("one", "two", "three"):
        stages = place.stages(SOON, instance=name, protocol=protocol)
        stages[0] += ["-X", "session.timeout.ms=3000"]
        lines.append(place.begin(stages, again=True))
        must(lines[-1].acked(2), f"{name} gets nothing")
    one, two, three = lines
    before = one.slot(RESTORES), three.slot(RESTORES)
    two.again = False
    two.signal(signal.SIGKILL)
    must(until(lambda: one.slot(RESTORES) > before[0] and three.slot(RESTORES) > before[1]),
         "nobody takes over from the killed one")
    must(three.end(), "the one that leaves does not end")
    at = committed(place)
    must(until(lambda: committed(place) > at + 1000), "the last one stands still")


if __name__ == "__main__":
    scene.main()
