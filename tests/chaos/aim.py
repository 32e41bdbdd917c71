"""aim.py BROKERS [--exactly-once | --store] [--only TEXT] [--sweep N]: a stage dies at each point of the commit
path, once, aimed; then the line is run again to its end, and the oracle judges. TAP.

A point that was never reached is a failure, and so is a last stage that does not say 75 (137 where
it is the one that died). --sweep: instead, kout dies at its Nth system call, N spread over those of
a whole run, from where it has met the source."""
import argparse
import shutil
import sys
import tempfile

import pipeline
from lines import Counts
from shot import COUNT, Range

SOURCE = [
    "join", "fetch", "assign", "frame@2", "barrier@5", "barrier-done", "barrier-done@5", "ack@5",
    "end",
]
FILTER = ["frame@2", "barrier@5", "barrier-done@5"]
BOTH = [f"kcat-in/{point}" for point in SOURCE]
BOTH += [f"{tool}/{point}" for tool in ("kgrep", "ktr") for point in FILTER]
LEAST = BOTH + ["kcat-in/store@3"]
LEAST += [f"kout/{point}" for point in ("produce@3", "flush-done@3", "ack@3", "ack-done@3")]
ONCE = BOTH + ["kcat-in/grant@3"]
ONCE += [f"kout/{point}" for point in (
    "init", "init-done", "begin", "begin@3", "begin-done@3", "produce@3", "flush@3", "flush-done@3",
    "prepare@3", "offsets@3", "offsets-done@3", "commit@3", "commit-done@3", "ack@3", "ack-done@3",
)]
STORE = [f"kcat-in/{point}" for point in (
    "fetch", "restoring", "restore", "restored", "task", "barrier@2", "grant@2",
)]
STORE += [f"kcount/{point}" for point in ("frame", "state", "barrier@2", "barrier-done@2")]
STORE += [f"kout/{point}" for point in (
    "begin@2", "produce@2", "state@2", "marker@2", "flush@2", "flush-done@2", "prepare@2", "offsets@2",
    "offsets-done@2", "commit@2", "commit-done@2", "ack-done@2",
)]


def action(point):
    """kout/ack@3 becomes kout/ack=kill@3."""
    name, _, at = point.partition("@")
    return f"{name}=kill" + (f"@{at}" if at else "")


def shoot(place, points="", stages=None):
    """One death, and what came of it. Where there is a store, something is kept before it."""
    place.new()
    first = place.run(place.stages(["-n", "3000"])) if place.line.topics > 1 else [0]
    if set(first) != {0}:
        return f"the first part ended with {first}"
    statuses = place.first = place.run(stages and stages(place.stages()), points)
    if points and not place.reached:
        return f"never reached: {statuses}"
    if points and statuses[-1] not in (75, 137):
        return f"ended with {statuses}"
    return place.finish()


def traced(stages, *words):
    """The sink under strace, which sees its main thread only."""
    return [*stages[:-1], [shutil.which("strace"), "-qq", *words, f"{pipeline.BIN}/kout", *stages[-1][1:]]]


def sweep(place, count):
    """(name, what is wrong) of deaths at `count` system calls."""
    calls = f"{place.folder}/calls"
    wrong = shoot(place, stages=lambda stages: traced(stages, "-o", calls))
    yield "no death", wrong
    with open(calls) as file:
        names = [line.partition("(")[0] for line in file if "(" in line]
    died, first = 0, names.index("connect")  # to the source; before it is the loader's work
    for i in range(count):
        at = first + (len(names) - first) * i // count
        nth = names[: at + 1].count(names[at])  # strace counts each call by itself
        inject = f"inject={names[at]}:signal=SIGKILL:when={nth}"
        words = ["-o", "/dev/null", "-e", inject]
        wrong = shoot(place, stages=lambda stages: traced(stages, *words))
        died += place.first[-1] == 137
        yield f"call {at} of {len(names)}, {names[at]} {nth}", wrong
    yield "most deaths were reached", "" if died > count / 2 else f"{died} of {count}"


def aimed(place, words):
    for point in STORE if words.store else ONCE if words.exactly_once else LEAST:
        if words.only in point:
            yield point, shoot(place, action(point))


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("brokers")
    parser.add_argument("--exactly-once", action="store_true")
    parser.add_argument("--store", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--sweep", type=int, default=0)
    return parser.parse_args()


def main():
    words, number, failed = options(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        line = Counts() if words.store else None
        place = Range(words.brokers, folder, words.exactly_once or words.store, COUNT, line)
        for name, wrong in sweep(place, words.sweep) if words.sweep else aimed(place, words):
            number, failed = number + 1, failed + bool(wrong)
            print("not ok" if wrong else "ok", number, name, f"# {wrong or place.summary}", flush=True)
            if wrong:
                with open(place.errors) as file:
                    print("".join(f"# {line}" for line in file.readlines()[-10:]))
    print(f"1..{number}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
