"""One run of the line over a small load, with something done to it, then as many as it takes to
come to its end, and the oracle's word: what chaos/aim.py and the scenes are made of."""
import itertools
import os
import subprocess
import sys

import pipeline
from cluster import reach
from lines import Selects
from pipeline import Pipeline

HERE = os.path.dirname(os.path.abspath(__file__))
PARTITIONS, OUTPUTS, COUNT, BARRIER = 4, 3, 12000, 1000
SECONDS, AGAIN = 60, 4


class Range:
    """A place to shoot: one input, a group and an output for each shot."""

    numbers = itertools.count(1)

    def __init__(
        self, brokers, folder, exactly_once, count=COUNT, line=None, partitions=PARTITIONS
    ):
        self.brokers, self.folder, self.exactly_once = brokers, folder, exactly_once
        self.broker, self.shots, self.count = reach(brokers), 0, count
        self.line, self.partitions = line or Selects(exactly_once), partitions
        self.name = f"shot-{os.getpid()}-{next(self.numbers)}"
        self.without = None
        self.sources = [f"{self.name}-in-{i}" for i in range(self.line.topics)]
        for source in self.sources:
            self.broker.create(source, partitions)
        if count:
            self.load(count)
        self.new()

    @property
    def source(self):
        return self.sources[0]

    def load(self, count, seed=1, sources=None):
        for source in sources or self.sources:
            subprocess.run(
                [sys.executable, f"{HERE}/load.py", self.brokers, source, "--rate", "0",
                 "--seed", str(seed), "--partitions", str(self.partitions), "--count",
                 str(count // len(self.sources))],
                check=True, stdout=subprocess.DEVNULL,
            )

    def new(self):
        """The next shot: nothing was read yet, and nothing is there."""
        self.shots, self.runs = self.shots + 1, 0
        self.group, self.output = f"{self.name}-{self.shots}", f"{self.name}-{self.shots}-out"
        self.broker.create(self.output, OUTPUTS)

    def stages(self, in_group=("-e",), at_end=(), through=None, instance=None, every=BARRIER,
               protocol="range"):
        """`through`: where the sink goes to, if not to the brokers."""
        if self.exactly_once:
            at_end = ["-x", "--instance", instance or self.group, *at_end]
        stages = pipeline.stages(
            self.line, self.brokers, self, ["--commit-count", str(every), *in_group], at_end, protocol
        )
        if through:
            stages[-1][stages[-1].index("-b") + 1] = through
        return stages

    def begin(self, stages=None, points="", blind=False, again=False):
        """Its tools lack the rule self.without, where there is one."""
        self.runs += 1
        name, stages = f"{self.group}-{self.runs}", stages or self.stages()
        return Pipeline(name, self.folder, stages, again, points, blind, self.without)

    def run(self, stages=None, points=""):
        """The pipeline's statuses, the first stage's first."""
        return self.ended(self.begin(stages, points))

    def ended(self, line):
        good = line.wait(SECONDS)
        self.errors, self.reached = line.errors, line.acted()
        return line.last if good else [*line.last, "does not end"]

    def run_through(self):
        """Runs until one is through. What is wrong, "" nothing."""
        again = []
        while len(again) < AGAIN and (not again or set(again[-1]) != {0}):
            again.append(self.run())
        if set(again[-1]) != {0}:
            return f"does not go on: {again}"
        return ""

    def finish(self):
        """The same, then the oracle."""
        return self.run_through() or self.judged()

    def judged(self):
        judge = self.line.Judge(self.line.read(self.broker, self))
        self.faults, self.summary = judge.judge(), self.line.summary(judge)
        return "; ".join(judge.said)
