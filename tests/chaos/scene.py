"""What a scene is: one thing goes wrong between the stages, the group and the brokers; then the line
is run to its end and the oracle judges. play.py plays those of network.py, zombies.py, signals.py,
streams.py, moves.py and holes.py."""
import argparse
import os
import random
import subprocess
import sys
import tempfile
import time

from shot import PARTITIONS, Range

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE, KGREP, KTR, KOUT = range(4)
QUICK = ["-X", "socket.timeout.ms=1500"]
STOP_MS = 3000  # longer than a session
SCENES = {}


def scene(function, partitions=PARTITIONS):
    """Of an input of so many partitions."""
    SCENES[function.__name__] = function, partitions
    return function


class Wrong(Exception):
    pass


def must(good, what):
    if not good:
        raise Wrong(what)


def until(true, seconds=20):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def goes_on(place):
    """The line is run to its end; the oracle finds nothing."""
    wrong = place.finish()
    must(not wrong, wrong)


def ends_with(place, line, *wanted):
    """The last stage's status is one of those."""
    statuses = place.ended(line)
    must(statuses[-1] in wanted, f"ended with {statuses}, not {wanted}")
    return statuses


class Proxied(Range):
    """With the proxy's orders at hand."""

    def proxy(self, *words):
        done = subprocess.run(
            [f"{HERE}/../fault/kproxy", self.socket, *words], capture_output=True, text=True
        )
        must(done.returncode == 0, done.stderr)
        return done.stdout.strip()


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("brokers", nargs="?")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--proxy")
    parser.add_argument("--through")
    parser.add_argument("--kafka", help="the folder of tests/kafka/broker")
    parser.add_argument("--owner", type=int, default=0, help="whom a broker that is restarted ends with")
    parser.add_argument("--at-least-once", action="store_true")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    return parser.parse_intermixed_args()


def play(words, name, folder):
    run, partitions = SCENES[name]
    place = Proxied(words.brokers, folder, not words.at_least_once, partitions=partitions)
    place.socket, place.through = words.proxy, words.through
    place.kafka, place.owner = words.kafka, words.owner
    place.dice, place.errors, place.summary = random.Random(words.seed), os.devnull, ""
    try:
        run(place)
    except Wrong as wrong:
        with open(place.errors) as file:
            told = "".join(f"# {line}" for line in file.readlines()[-80:])
        return f"{wrong} (seed {words.seed}, shot {place.shots})\n{told}"
    return ""


def main():
    words, failed = options(), 0
    if not words.names:
        print(*SCENES)
    for number, name in enumerate(words.names, 1):
        start = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            wrong = play(words, name, folder)
        failed += bool(wrong)
        print("not ok" if wrong else "ok", number, name, f"# {time.monotonic() - start:.0f} s", wrong)
    sys.exit(failed > 0)
