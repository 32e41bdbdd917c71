"""The hosts of tests/kafka/cluster: pipelines on them; and the scene of one that is cut off."""
import os
import shutil
import signal
import subprocess

from pipeline import BIN
from scene import HERE, KOUT, ends_with, goes_on, must, scene, until

ONE, TWO = "one", "two"
OVER = 3000  # ms: a transaction does not outlast the cut


def on(folder, host, stages):
    """The same stages, on a host of the cluster in that folder."""
    with open(f"{folder}/net/{host}") as file:
        inside = [shutil.which("nsenter"), f"--net=/proc/{file.read().strip()}/ns/net"]
    return [[*inside, os.path.join(BIN, words[0]), *words[1:]] for words in stages]


def cluster(folder, *words):
    """An order to it, of one or two words."""
    order = [f"{HERE}/../kafka/cluster", words[0], folder, *words[1:]]
    subprocess.run(order, check=True, stdout=subprocess.DEVNULL)


@scene
def cut_off(place):
    """F25: a host loses its cable with a transaction open, for longer than its session; another one
    takes its partitions, and does them all; then it is plugged in again, with what it still has to
    send. It is too late by its generation, or as the transaction is over, too."""
    for point, ms in (("prepare", 60000), ("prepare", OVER), ("offsets-done", OVER), ("commit", OVER)):
        place.new()
        stages = place.stages(at_end=["-X", f"transaction.timeout.ms={ms}"], instance=ONE)
        line = place.begin(on(place.kafka, ONE, stages), f"kout/{point}=stop@3")
        must(line.hit(f"kout/{point}"), f"{point}: never reached")
        cluster(place.kafka, "cut", ONE)
        line.signal(signal.SIGCONT, KOUT)
        other = place.begin(on(place.kafka, TWO, place.stages(instance=TWO)))
        ends_with(place, other, 0)
        may_be = set() if ms == OVER else {"open"}
        must(until(lambda: not place.judged() or set(place.faults) <= may_be),
             f"{point}: without it: {place.summary}")
        must(line.stages[KOUT].poll() is None, f"{point}: it is not there any more")
        cluster(place.kafka, "mend", ONE)
        ends_with(place, line, 69, 75)
        goes_on(place)
