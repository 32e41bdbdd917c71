"""A pipeline of the built tools, its stages' processes at hand, started again or not; and what
tests/fault/point.c says of it."""
import mmap
import os
import shutil
import struct
import subprocess
import threading
import time
from collections import Counter

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("KPIPE_BIN", f"{ROOT}/bin")
BUILD = os.environ.get("KPIPE_BUILD", f"{ROOT}/build/cc")
PUT, ACKED, SINK, PASSED, RESTORING, RESTORES = range(6)  # tests/fault/point.c
PHASES = ["read", *["write"] * 3, *["commit"] * 4]


PROTOCOLS = {  # by name, what the client is told; a consumer's session is the broker's to say
    "range": ["session.timeout.ms=1500", "heartbeat.interval.ms=200"],
    "cooperative": [
        "session.timeout.ms=1500", "heartbeat.interval.ms=200",
        "partition.assignment.strategy=cooperative-sticky",
    ],
    "consumer": ["group.protocol=consumer"],
}


def stages(line, brokers, place, in_group=(), at_end=(), protocol="range"):
    """The stages of a line (chaos/lines.py) at a place."""
    first = ["kcat-in", "-b", brokers, "-g", place.group]
    for source in place.sources:
        first += ["-t", source]
    first += in_group
    for pair in PROTOCOLS[protocol]:
        first += ["-X", pair]
    return [first, *(list(words) for words in line.filters),
            ["kout", "-b", brokers, "-t", place.output, *at_end]]


class Pipeline:
    """Runs from now on. With `again` it is started again whenever it has ended, until end();
    `points` and `blind` are for tests/fault/point.c; `without`: one of rules.py that its tools lack."""

    def __init__(self, name, folder, words, again=True, points="", blind=False, without=None):
        self.name, self.words, self.again = name, words, again
        self.bin = f"{BUILD}/without/{without}" if without else BIN
        self.stages, self.statuses, self.last = [], Counter(), []
        self.lock, self.starts = threading.Lock(), 0
        self.errors, self.hits = f"{folder}/{name}.err", f"{folder}/{name}.hits"
        self.log = open(self.errors, "ab")
        with open(f"{folder}/{name}.state", "w+b") as file:
            file.truncate(64)
            self.state = mmap.mmap(file.fileno(), 64)
        self.env = {
            **os.environ, "LD_PRELOAD": f"{BUILD}/fault/point.so", "POINT": points,
            "POINT_STATE": f"{folder}/{name}.state", "POINT_HITS": self.hits,
        }
        if blind:
            self.env["POINT_BLIND"] = "1"
        self.start()
        self.thread = threading.Thread(target=self.run, daemon=True)  # whoever fails ends all of it
        self.thread.start()

    def run(self):
        going = True
        while going:
            last = [stage.wait() for stage in self.stages]
            self.last = [128 - status if status < 0 else status for status in last]
            self.statuses.update(self.last)
            with self.lock:
                going = self.again
                if going:
                    self.start()

    def start(self):
        """The stages die with who started them. What is told of the ones before is forgotten first:
        whoever looks for a barrier on its way would take theirs for one, and kill a stage that has
        not begun."""
        for number in (PUT, ACKED, SINK, PASSED, RESTORING):
            struct.pack_into("=q", self.state, 8 * number, 0)
        started, before = [], None
        for words in self.words:
            stage = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", os.path.join(self.bin, words[0]), *words[1:]],
                stdin=before or subprocess.DEVNULL, env=self.env, stderr=self.log,
                stdout=subprocess.PIPE if words is not self.words[-1] else subprocess.DEVNULL,
            )
            if before:
                before.close()
            before = stage.stdout
            started.append(stage)
        self.stages, self.starts = started, self.starts + 1

    def when(self, point):
        """The time at which a point has acted, None: it has not."""
        if not os.path.exists(self.hits):
            return None
        with open(self.hits) as file:
            times = dict(line.split() for line in file if line.endswith("\n"))
        return float(times[point]) if point in times else None

    def acted(self):
        """Has any?"""
        return os.path.exists(self.hits) and os.path.getsize(self.hits) > 0

    def hit(self, point, seconds=30):
        """Waits until it has."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.when(point) is None:
            time.sleep(0.005)
        return self.when(point) is not None

    def acked(self, barrier, seconds=30):
        """Waits until the source has that many acks."""
        end = time.monotonic() + seconds
        while self.slot(ACKED) < barrier and time.monotonic() < end:
            time.sleep(0.002)
        return self.slot(ACKED) >= barrier

    def signal(self, number, *which):
        for i in which or range(len(self.stages)):
            self.stages[i].send_signal(number)

    def slot(self, number):
        return struct.unpack_from("=q", self.state, 8 * number)[0]

    def in_flight(self):
        """Is a barrier on its way?"""
        return self.slot(PUT) > self.slot(ACKED)

    def restoring(self):
        """Is the state of a task on its way to a filter?"""
        return self.slot(RESTORING) > 0

    def phase(self):
        return PHASES[self.slot(SINK)]

    def stuck(self):
        """What its stages are waiting for, for the log."""
        for words, stage in zip(self.words, self.stages):
            told = [f"{words[0]} does not end"]
            try:
                for thread in os.listdir(f"/proc/{stage.pid}/task"):
                    with open(f"/proc/{stage.pid}/task/{thread}/wchan") as wchan:
                        told.append(f"thread {thread} waits in {wchan.read()}")
            except OSError:
                told = [f"{words[0]} has ended"]
            if len(told) > 1 and shutil.which("gdb"):
                gdb = ["gdb", "-batch", "-p", str(stage.pid), "-ex", "thread apply all bt 12"]
                told.append(subprocess.run(gdb, capture_output=True, text=True).stdout)
            with open(self.errors, "a") as log:
                print(*told, sep="\n", file=log)

    def wait(self, seconds):
        """Until it has ended, else it is killed. False: it had to be."""
        self.thread.join(seconds)
        if not self.thread.is_alive():
            return True
        self.again = False
        self.stuck()
        for stage in self.stages:
            stage.kill()
        self.thread.join()
        return False

    def end(self, seconds=60):
        """Asks the source for an end."""
        with self.lock:
            self.again = False
            self.stages[0].terminate()
        return self.wait(seconds)
