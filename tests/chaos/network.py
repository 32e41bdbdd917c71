"""Scenes of the network between the sink, or the source, and the broker, which they reach through
tests/fault/kproxy: a request that comes late, an answer that does not come."""
import functools
import signal
import time

from pipeline import PASSED
from scene import KGREP, KOUT, QUICK, SOURCE, ends_with, goes_on, must, scene
from shot import BARRIER, COUNT


def late(place, key, point, blind):
    """One request waits in the network; its repetition is answered; when the next transaction is at
    `point`, the first one arrives."""
    place.new()
    place.proxy("rule", "late", key, "request", "hold", "skip=3", "times=1", "client=sink")
    producers = int(place.proxy("seen", "22", "client=sink"))
    line = place.begin(
        place.stages(at_end=[*QUICK, "-X", "client.id=sink"], through=place.through),
        f"kout/{point}=stop@5", blind,
    )
    met = line.hit(f"kout/{point}")
    held = place.proxy("hits", "late")
    place.proxy("release", "late")
    line.signal(signal.SIGCONT, KOUT)
    statuses = place.ended(line)
    must(met, f"never came to {point}: {statuses}")
    must(held == "1", f"{held} requests of key {key} were held: {statuses}")
    place.producers = int(place.proxy("seen", "22", "client=sink")) - producers
    return statuses


@scene
def late_commit(place):
    """F30: an EndTxn of the last transaction arrives in the midst of the next one."""
    ends = late(place, "26", "offsets", False)
    must(set(ends) == {0}, f"ended with {ends}")
    must(place.producers >= 2, "the producer was not made anew")
    goes_on(place)


@scene
def late_commit_control(place):
    """The same with nobody counting requests: the oracle must see the tear."""
    late(place, "26", "offsets", True)
    place.finish()
    must(place.faults["bare"] or place.faults["torn"], f"no tear: {place.summary}")


# What is late must be of the partition that the next transaction is of.
one_partition = functools.partial(scene, partitions=1)


@one_partition
def late_offsets(place):
    """H8: a TxnOffsetCommit of the last transaction arrives in the next one."""
    ends = late(place, "28", "commit", False)
    must(set(ends) == {0}, f"ended with {ends}")
    goes_on(place)


@one_partition
def late_offsets_control(place):
    """The same with nobody counting: the group's offset goes back."""
    late(place, "28", "commit", True)
    place.finish()
    must(place.faults["back"], f"it does not go back: {place.summary}")


@scene
def unanswered(place):
    """F32: the broker acts, and its answer is lost: of each request of the sink, and the source."""
    for end, keys in (("sink", "0 22 24 25 26 28"), ("source", "8 9 11 14")):
        for key in keys.split():
            if end == "source" and key == "8" and place.exactly_once:
                continue
            place.new()
            skip = "skip=1" if key in ("0", "24", "25", "26", "28") else "skip=0"
            place.proxy("rule", "mute", key, "answer", "drop", skip, "times=1", f"client={end}")
            stages = place.stages(through=place.through)
            stages[SOURCE][2] = place.through
            stages[SOURCE] += [*QUICK, "-X", "client.id=source"]
            stages[KOUT] += [*QUICK, "-X", "client.id=sink"]
            statuses = place.run(stages)
            hits = place.proxy("hits", "mute")
            place.proxy("release", "mute")
            must(hits == "1", f"key {key}: never sent: {statuses}")
            must(statuses[-1] in (0, 69, 75), f"key {key}: ended with {statuses}")
            goes_on(place)


@scene
def commit_in_the_network(place):
    """F03: kout dies when its EndTxn is on its way; it arrives before, or after, the next one is
    there. Or it has acted, and the answer is on its way."""
    for direction, first in (("request", True), ("request", False), ("answer", True)):
        place.new()
        place.proxy("rule", "on-way", "26", direction, "hold", "skip=2", "times=1", "client=sink")
        line = place.begin(place.stages(at_end=["-X", "client.id=sink"], through=place.through))
        place.proxy("wait", "on-way", "1")
        line.signal(signal.SIGKILL, KOUT)
        ends_with(place, line, 137)
        if first:
            place.proxy("release", "on-way")
        wrong = place.finish()
        if not first:
            place.proxy("release", "on-way")
            time.sleep(0.5)  # nothing may come of it
            wrong = wrong or place.judged()
        must(not wrong, f"{direction}: {wrong}")


@scene
def unsent(place):
    """The client says that a transaction is committed for which it has sent no EndTxn: in the midst,
    and the only one."""
    for number, every in ((3, BARRIER), (1, COUNT)):
        place.new()
        line = place.begin(place.stages(every=every), f"kout/commit-unsent=0@{number}")
        ends_with(place, line, 75)
        must(line.hit("kout/commit-unsent", 0), "never came to it")
        goes_on(place)


@scene
def slow_library(place):
    """The client library's thread is late with the answer to a commit, and kout is away when it comes
    to it: nobody dies of that."""
    place.new()
    line = place.begin(place.stages(), "kout/answer=300@8,kout/commit-again=1000@2")
    must(line.hit("kout/answer"), "never came to it")
    ends_with(place, line, 0)
    goes_on(place)


@scene
def unstable(place):
    """The group's offsets are not stable for 20 s; or said once to be none."""
    place.new()
    statuses = place.run(place.stages(["-n", "5000"]))
    must(set(statuses) == {0}, f"the first part: {statuses}")
    for word, more in (("none", ["times=1"]), ("unstable", [])):
        stages = place.stages(["-n", "1000"] if word == "none" else ["-e"])
        stages[SOURCE][2] = place.through
        place.proxy("rule", "said", "9", "answer", word, *more)
        line = place.begin(stages)
        place.proxy("wait", "said", "1")
        if word == "unstable":
            time.sleep(20)
        place.proxy("release", "said")
        ends_with(place, line, 0)
    goes_on(place)


@scene
def healthy(place):
    """A thousand commits back to back make no second instance of the producer."""
    place.new()
    producers = int(place.proxy("seen", "22", "client=sink"))
    commits = int(place.proxy("seen", "26", "client=sink"))
    stages = place.stages(at_end=["-X", "client.id=sink"], through=place.through, every=COUNT // 1000)
    statuses = place.run(stages)
    must(set(statuses) == {0}, f"ended with {statuses}")
    made = int(place.proxy("seen", "22", "client=sink")) - producers
    done = int(place.proxy("seen", "26", "client=sink")) - commits
    must(made == 1 and done >= 1000, f"{made} producers, {done} commits")
    goes_on(place)


@scene
def one_commit(place):
    """At least once, a commit waits for the answer to the one before it: both sent again when the
    coordinator has died, the older one could come last."""
    place.new()
    stages = place.stages([], every=COUNT // 100)
    stages[SOURCE][2] = place.through
    stages[SOURCE] += ["-X", "client.id=source"]
    before = int(place.proxy("seen", "8", "client=source"))
    place.proxy("rule", "held", "8", "answer", "hold", "times=1", "client=source")
    line = place.begin(stages)
    place.proxy("wait", "held", "1")
    must(line.acked(100), "no acks")
    commits = int(place.proxy("seen", "8", "client=source")) - before
    place.proxy("release", "held")
    line.signal(signal.SIGTERM, SOURCE)
    ends_with(place, line, 0)
    must(commits == 1, f"{commits} at once")
    goes_on(place)


@scene
def reads_on(place):
    """While the answer to a commit is held, kout takes what comes."""
    place.new()
    line = place.begin(place.stages([], at_end=["-X", "client.id=sink"], through=place.through))
    must(line.acked(COUNT // BARRIER), "no acks")
    place.proxy("rule", "held", "26", "answer", "hold", "times=1", "client=sink")
    place.load(500, seed=2)
    place.proxy("wait", "held", "1")
    before, end = line.slot(PASSED), time.monotonic() + 20
    place.load(500, seed=3)
    while line.slot(PASSED) < before + 10000 and time.monotonic() < end:
        time.sleep(0.01)
    read = line.slot(PASSED) - before
    place.proxy("release", "held")
    line.signal(signal.SIGTERM, SOURCE)
    ends_with(place, line, 0)
    must(read >= 10000, f"it took {read} bytes of 25000")
    goes_on(place)


@scene
def answers(place):
    """With the next stage stopped and the pipe full, a PREPARE is answered within 100 ms; also in
    the midst of a revoke."""
    for in_revoke in (False, True):
        place.new()
        place.load(100000, seed=4 + in_revoke)
        asked = "kout/prepare=1500@2,kout/prepare-done=0@2,kcat-in/grant=0@2"
        line = place.begin(place.stages([]), asked)
        must(line.hit("kout/prepare"), "never reached")
        line.signal(signal.SIGSTOP, KGREP)
        other = place.begin(place.stages(instance="other")) if in_revoke else None
        granted = line.hit("kcat-in/grant")
        line.signal(signal.SIGCONT, KGREP)
        line.signal(signal.SIGTERM, SOURCE)
        ends_with(place, line, 0, 75)
        if other:
            other.wait(60)
        must(granted, "no grant")
        took = line.when("kcat-in/grant") - line.when("kout/prepare-done")
        must(took < 0.1, f"in a revoke {in_revoke}: after {took * 1000:.0f} ms")
        goes_on(place)
