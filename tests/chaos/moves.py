"""Scenes of members that come and go, of brokers that go away, of stages that stand still and of
programs between the stages; scene.py has what a scene is."""
import itertools
import os
import shutil
import signal
import subprocess
import sys
import time

from broker import Broker
from pipeline import ACKED, BIN, BUILD, PASSED
from scene import KGREP, KOUT, KTR, SOURCE, ends_with, goes_on, must, scene, until
from shot import PARTITIONS

QUICKLY = ["--commit-interval", "20ms"]
SEEDS = itertools.count(100)  # of what is put besides
HERE = os.path.dirname(os.path.abspath(__file__))


# Members


def committed(place):
    return sum(place.broker.committed(place.group, place.source, PARTITIONS).values())


@scene
def members_come_and_go(place):
    """F36: while one line runs, another joins and leaves, every 2 s; and something is committed in
    each turn. A generation that moves between grant and commit is 75 (H19): the line is run again."""
    for protocol in ("range", "cooperative"):
        place.new()
        stages = lambda name: place.stages(QUICKLY, instance=name, protocol=protocol)
        line = place.begin(stages("one"), again=True)
        for turn in range(5):
            start, before = time.monotonic(), committed(place)
            place.load(1000, seed=next(SEEDS))
            other = place.begin(stages("other"))
            must(until(lambda: committed(place) > before), f"{protocol}: nothing in turn {turn}")
            time.sleep(max(0, start + 2 - time.monotonic()))
            other.signal(signal.SIGTERM, SOURCE)
            ends_with(place, other, 0, 75, 143)  # 143: it had not begun
            time.sleep(2)
        must(line.end(), "it does not end")
        must(set(line.statuses) <= {0, 75, 141, 143}, f"{protocol}: {dict(line.statuses)}")
        goes_on(place)


@scene
def away_and_back(place):
    """F37: partitions go while all that was put is before no barrier yet, and come back."""
    for protocol in ("range", "cooperative"):
        place.new()
        late = ["--commit-interval", "1h", "--commit-count", "1000000"]
        line = place.begin(place.stages(late, protocol=protocol))
        must(until(lambda: line.slot(PASSED) > 100000), "no data")
        must(line.slot(ACKED) == 0, "a barrier too early")
        other = place.begin(place.stages(late, instance="other", protocol=protocol))
        must(line.acked(1), f"{protocol}: not drained")
        place.load(1000, seed=next(SEEDS))
        must(until(lambda: other.slot(PASSED) > 5000), f"{protocol}: nothing has moved")
        other.signal(signal.SIGTERM, SOURCE)
        ends_with(place, other, 0)
        line.signal(signal.SIGTERM, SOURCE)
        ends_with(place, line, 0)
        goes_on(place)


@scene
def leaves_with_nothing(place):
    """A member goes while what it is to get is on its way to it: no stage dies of that."""
    for protocol in ("range", "cooperative"):
        place.new()
        stages = place.stages(["-X", "client.id=source"], protocol=protocol)
        stages[SOURCE][2] = place.through
        place.proxy("rule", "sync", "14", "answer", "hold", "client=source")
        line = place.begin(stages)
        place.proxy("wait", "sync", "1")
        line.signal(signal.SIGTERM, SOURCE)
        statuses = place.ended(line)
        place.proxy("release", "sync")
        must(set(statuses) <= {0, 143}, f"{protocol}: {statuses} {open(line.errors).read()}")
        must(set(place.run(place.stages(protocol=protocol))) == {0}, f"{protocol}: it does not go on")
        goes_on(place)


@scene
def killed_in_a_revoke(place):
    """F01: a source dies in the midst of giving its partitions up."""
    place.new()
    line = place.begin(place.stages([]), "kcat-in/revoke=kill")
    must(line.acked(2), "no acks")
    other = place.begin(place.stages([], instance="other"))
    ends_with(place, line, 75)
    must(place.reached, "never reached")
    other.signal(signal.SIGTERM, SOURCE)
    ends_with(place, other, 0, 75, 143)
    goes_on(place)


@scene
def killed_at_rest(place):
    """F02: a stage dies while there is nothing to do."""
    for stage in (SOURCE, KGREP, KTR, KOUT):
        place.new()
        line = place.begin(place.stages([]))
        must(line.acked(12), "no acks")
        line.signal(signal.SIGKILL, stage)
        ends_with(place, line, 137 if stage == KOUT else 75)
        goes_on(place)


# Brokers


def broker(place, *words):
    subprocess.run(
        [f"{HERE}/../kafka/broker", words[0], *words[1:], place.kafka], check=True,
        stdout=subprocess.DEVNULL,
    )


def away(place, line, seconds):
    """The broker dies by kill -9, and is back after so many seconds."""
    broker(place, "kill")
    line.signal(signal.SIGCONT, KOUT)
    time.sleep(seconds)
    broker(place, "restart", "-p", str(place.owner))
    place.broker = Broker(place.brokers)  # our own connection went with it
    ends_with(place, line, 0, 69, 75)
    goes_on(place)


@scene
def broker_is_gone(place):
    """F25: the broker dies with a transaction open, all of whose records it has, and is back after 0,
    5, 70 s. It is still open then: Kafka 4.3.1 forgets the marks of one that ends while its
    partitions have no leader (KAFKA-20734)."""
    for seconds in (0, 5, 70):
        place.new()
        stages = place.stages(["-e", *QUICKLY], ["-X", "transaction.timeout.ms=100000"], every=100)
        line = place.begin(stages, "kout/offsets=stop@4")
        must(line.hit("kout/offsets"), "never came to it")
        away(place, line, seconds)


@scene
def broker_is_gone_in_a_commit(place):
    """F25, F04: it dies when it will, in a commit too; after 20 and 70 s the transaction's time is
    over. For brokers without KAFKA-20734."""
    for seconds in (0, 0, 0, 5, 5, 20, 70):
        place.new()
        line = place.begin(place.stages(["-e", *QUICKLY], every=100))
        must(line.acked(3), "no acks")
        away(place, line, seconds)


# Stages that stand still, and what is between them


STALL = """import os, time
passed, stalled = 0, False
while chunk := os.read(0, 4096):
    assert os.write(1, chunk) == len(chunk)
    passed += len(chunk)
    if passed > 65536 and not stalled:
        time.sleep(12)
        stalled = True
"""


@scene
def stalled_reader(place):
    """A reader stands still for 3 times max.poll.interval.ms, which is longer than a transaction may
    be open: it goes on as if nothing had been, and nothing was told."""
    place.new()
    bounds = ["-X", "max.poll.interval.ms=4000", "-X", "session.timeout.ms=4000"]
    stages = place.stages(["-e", *bounds], ["-X", "transaction.timeout.ms=10000"])
    stages.insert(1, [sys.executable, "-c", STALL])
    line = place.begin(stages)
    ends_with(place, line, 0)
    with open(line.errors) as file:
        must(not (told := file.read()), told)
    goes_on(place)


@scene
def interrupted(place):
    """F17: a signal four times in a millisecond interrupts whatever waits."""
    place.new()
    preload = f"LD_PRELOAD={BUILD}/fault/point.so {BUILD}/fault/timer.so"
    stages = [[shutil.which("env"), preload, f"{BIN}/{words[0]}", *words[1:]] for words in place.stages()]
    ends_with(place, place.begin(stages), 0)
    goes_on(place)


@scene
def programs_in_between(place):
    """F12: what passes all on does no harm; what cuts or changes is found."""
    whole = [["cat"], ["pv", "-q"], ["dd", "bs=64k", "status=none"], ["tee", "/dev/null"]]
    spoilt = [["sort"], ["head", "-c", "100000"], ["head", "-n", "50"], ["grep", "-a", "ksql"], ["wc"]]
    for words in whole + spoilt:
        if not (program := shutil.which(words[0])):
            continue
        place.new()
        stages = place.stages(["-e", "--ready-timeout", "3s"])  # for what holds HELLO back: 78
        stages.insert(1, [program, *words[1:]])
        ends_with(place, place.begin(stages), *((0,) if words in whole else (75, 76, 78)))
        goes_on(place)


@scene
def missing(place):
    """A stage that cannot be started: nothing is taken from the group, nothing is committed."""
    for stage in (KGREP, KTR, KOUT):
        place.new()
        stages = place.stages()
        stages[stage] = ["/bin/sh", "-c", "exec 2>&-; misspelt"]
        statuses = place.ended(place.begin(stages))
        must(statuses[-1] == (127 if stage == KOUT else 76), f"statuses {statuses}")
        must(committed(place) <= 0, f"{committed(place)} is committed")
        goes_on(place)
