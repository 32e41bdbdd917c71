"""kill.py BROKERS [--kills N] [--seed N] [--exactly-once | --store] [--static] [--protocol NAME]
[--dir DIR] [--ledger FILE [--with VERSIONS]]:
two pipelines in one group, a load that does not end, and kill -9 at random on source, filters and
sink, each pipeline started again when it has ended; then the oracle. With --store they count two
topics, or one that is not assigned by range, and keep their counts.

A kill counts only if a barrier is on its way at that moment: put by the source, and its ack not
there yet; or, with --store, if a task is being restored: one in five is aimed there. The victim is stopped first, so that this is known and stays so. One in eight takes more
than one stage. What the sink was about is the kill's phase; a stage or a phase without a kill is a
failure, and so is a status that does not say "start again". The seed decides who is killed when, as
far as a seed can; a failure says it. With --ledger a line about the run is appended to FILE."""
import argparse
import os
import pickle
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter

import pipeline
from broker import KafkaError
from cluster import reach
from lines import Counts, Selects
from pipeline import PHASES, Pipeline

HERE = os.path.dirname(os.path.abspath(__file__))
PARTITIONS, OUTPUTS = 4, 3
AGAIN = {0, 69, 75, 137, 141}  # what a stage may end with: all is well, start again, killed
AIM, ALIVE = 0.3, 30.0  # seconds
LOOK = 0.1


class Driver:
    rate = 3000  # records a second

    def __init__(self, words, folder):
        self.words, self.folder, self.dice = words, folder, random.Random(words.seed)
        self.broker, run = reach(words.brokers), f"{os.getpid()}-{words.seed}"
        topics = 2 if words.protocol == "range" else 1  # others would part a task
        self.line = Counts(topics) if words.store else Selects(words.exactly_once)
        self.names = ["kcat-in", *(filter[0] for filter in self.line.filters), "kout"]
        self.phases = [*sorted(set(PHASES)), *(["restore"] if words.store else [])]
        self.sources = [f"in-{run}-{i}" for i in range(self.line.topics)]
        self.output, self.group = f"out-{run}", f"group-{run}"
        for source in self.sources:
            self.broker.create(source, PARTITIONS)
        self.broker.create(self.output, OUTPUTS)
        self.by_stage, self.by_phase, self.samples = Counter(), Counter(), []
        self.trouble, self.looking = [], True

    def pipeline(self, name, *more, again=True):
        in_group, at_end = ["--commit-interval", "20ms", *more], []
        if self.words.static and name != "last":
            in_group += ["-X", f"group.instance.id={name}"]
        if self.line.exactly_once:
            at_end += ["-x", "--instance", f"{self.group}-{name}"]
        stages = pipeline.stages(
            self.line, self.words.brokers, self, in_group, at_end, self.words.protocol
        )
        return Pipeline(name, self.folder, self.placed(name, stages), again)

    def placed(self, name, stages):
        """On the host that the pipeline is to run on."""
        return stages

    def look(self):
        """What any reader sees, all the time."""
        broker = reach(self.words.brokers)
        while self.looking:
            time.sleep(LOOK)
            try:
                self.samples.append(self.line.sample(broker, self, PARTITIONS))
            except (OSError, KafkaError):
                pass

    def aim(self, line, victim, phase):
        """Stops the victim when a barrier is on its way, in that phase if it comes in time. The phase
        that it is in, None: it goes on."""
        end = time.monotonic() + AIM
        while time.monotonic() < end and victim.returncode is None:
            if line.in_flight() and line.phase() == phase or phase == "restore" and line.restoring():
                break
            time.sleep(0.0002)
        victim.send_signal(signal.SIGSTOP)
        if line.restoring():
            return "restore"
        if line.in_flight():
            return line.phase()
        victim.send_signal(signal.SIGCONT)
        return None

    def kill(self, line):
        """One stage, or more of them at once, at a moment that counts. False: there was none."""
        stages = line.stages
        if any(stage.poll() is not None for stage in stages):
            return False
        scarce = min(self.phases, key=lambda phase: self.by_phase[phase])
        phase = self.dice.choice([scarce, *self.phases])
        which = self.dice.randrange(len(stages))
        also = self.dice.sample(range(len(stages)), 2) if self.dice.random() < 1 / 8 else []
        phase = self.aim(line, stages[which], phase)
        if phase is None:
            return False
        self.by_phase[phase] += 1
        for i in {which, *also}:
            stages[i].kill()
            self.by_stage[self.names[i]] += 1
        return True

    def missing(self):
        """The stages and phases without a kill."""
        phases = set(self.phases) - ({"commit"} if not self.line.exactly_once else set())
        return set(self.names) - set(self.by_stage) | phases - set(self.by_phase)

    def campaign(self, lines):
        """Some more where a stage or a phase is missing yet: of few, chance leaves one out."""
        killed, last, wanted = 0, time.monotonic(), self.words.kills
        while killed < wanted or (self.missing() and killed < 2 * wanted):
            time.sleep(self.dice.random() * self.words.gap)
            if self.kill(self.dice.choice(lines)):
                killed, last = killed + 1, time.monotonic()
            elif time.monotonic() - last > ALIVE:
                self.trouble.append(f"no barrier was on its way for {ALIVE:.0f} s")
                break
        return killed

    def look_at(self, line):
        """A source that SIGTERM met before it could take signals has never begun."""
        unborn = Counter(line.last if line.last[0] == 143 else ())
        if set(line.statuses - unborn) - AGAIN:
            self.trouble.append(f"pipeline {line.name}: statuses {dict(line.statuses)}")

    def finish(self):
        """What is left, by a run that ends with its input."""
        last = self.pipeline("last", "-e", again=False)
        if not last.wait(120) or set(last.statuses) != {0}:
            self.trouble.append(f"the last run ended with {last.last}")

    def load(self, number):
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", sys.executable, f"{HERE}/load.py",
             self.words.brokers, self.sources[number], "--seed", str(self.words.seed + number),
             "--partitions", str(PARTITIONS), "--rate", str(self.rate // len(self.sources))],
            stdout=subprocess.DEVNULL, stderr=open(f"{self.folder}/load-{number}.err", "w"),
        )

    def run(self):
        start = time.monotonic()
        loads = [self.load(i) for i in range(len(self.sources))]
        look = threading.Thread(target=self.look)
        look.start()
        lines = [self.pipeline(name) for name in ("one", "two")]
        try:
            self.killed = self.campaign(lines)
        finally:
            for load in loads:
                load.terminate()
            ended = [line.end() for line in lines]
        for line in [line for line, good in zip(lines, ended) if not good]:
            with open(line.errors) as told:
                self.trouble.append(f"pipeline {line.name} did not end: {told.read()[-6000:]}")
        if any([load.wait() for load in loads]):
            self.trouble.append("the load was not put")
        for line in lines:
            self.look_at(line)
        self.finish()
        self.looking = False
        look.join()
        self.seconds, self.starts = time.monotonic() - start, sum(line.starts for line in lines)
        self.history = self.line.read(self.broker, self, self.samples)
        self.judge = self.line.Judge(self.history)
        self.judge.judge()
        if not self.samples:
            self.trouble.append("nobody looked on")
        if missing := self.missing():
            self.trouble.append(f"no kill in: {', '.join(sorted(missing))}")

    def report(self):
        words = f"seed {self.words.seed}: {self.killed} kills in {self.seconds:.0f} s"
        words += f", {self.starts} starts;"
        for counts in (self.by_stage, self.by_phase):
            words += "".join(f" {name} {count}" for name, count in sorted(counts.items())) + ";"
        return f"{words} {self.line.summary(self.judge)}"


def options(*more):
    parser = argparse.ArgumentParser()
    parser.add_argument("brokers")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    parser.add_argument("--gap", type=float, default=0.3)
    parser.add_argument("--exactly-once", action="store_true")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--static", action="store_true")
    parser.add_argument("--protocol", default="range", choices=pipeline.PROTOCOLS)
    parser.add_argument("--ledger")
    parser.add_argument("--with", dest="versions", default="")
    parser.add_argument("--dir")
    for name in more:
        parser.add_argument(name, required=True)
    return parser.parse_args()


def main(driving, *more):
    """`more`: options that this driver needs."""
    words = options(*more)
    folder = words.dir or tempfile.mkdtemp(prefix="chaos-")
    os.makedirs(folder, exist_ok=True)
    print(f"seed {words.seed}, {folder}", flush=True)
    driver = driving(words, folder)
    driver.run()
    with open(f"{folder}/history", "wb") as file:
        pickle.dump(driver.history, file)
    print(*driver.trouble, *driver.judge.said, driver.report(), sep="\n")
    failed = bool(driver.trouble or driver.judge.faults)
    if words.ledger:
        with open(words.ledger, "a") as file:
            when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            verdict = "FAILED" if failed else "ok"
            file.write(f"{when} {verdict} {words.versions}: {driver.report()}\n")
    sys.exit(failed)


if __name__ == "__main__":
    main(Driver)
