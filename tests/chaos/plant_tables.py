"""plant_tables.py [FILE]...: does chaos/tables.py see what it is there for? As plant.py: faults in
counts, their changelog and the offsets that go with them, one at a time, at the head, in the middle
and at the tail of histories that are clean: made up here, and those in FILE. TAP."""
import pickle
import random
import sys
import zlib

import load
from broker import Record
from logs import Commit, Transaction, marks, visible
from plant import tell
from tables import MARKER, History, Judge

PLACES = [("head", 0.0), ("middle", 0.5), ("tail", 1.0)]
TASKS, OUTPUTS, ROUNDS, PRODUCERS = 3, 2, 40, 2
TOPICS, GROUP, STORE = ["a", "b"], "group", "counts"


# Clean histories


class Model:
    """Writes the logs as brokers would: a round is a barrier of one of the pipelines."""

    def __init__(self, seed):
        self.dice, self.seed, self.barrier = random.Random(seed), seed, 0
        self.inputs = {topic: {task: [] for task in range(TASKS)} for topic in TOPICS}
        self.output = {into: [] for into in range(OUTPUTS)}
        self.changelog = {task: [] for task in range(TASKS)}
        self.commits, self.transactions, self.samples = [], [], []
        self.epochs, self.notes = [0] * PRODUCERS, {}
        self.tables = [{} for _ in range(TASKS)]
        self.read = {(topic, task): 0 for topic in TOPICS for task in range(TASKS)}
        for _ in range(ROUNDS):
            self.round()

    @staticmethod
    def append(log, who, key=None, value=None, mark=None):
        log.append(Record(len(log), key, value, *who, True, mark, 0))

    def commit(self, who, mark=None, topic=None, task=None, position=None, note=None):
        self.commits.append(
            Commit(len(self.commits), task, position, *who, True, mark, topic, note)
        )

    def round(self):
        producer = self.dice.randrange(PRODUCERS)
        ours = self.dice.sample(range(TASKS), self.dice.randint(1, TASKS))
        for task in ours:
            for topic in TOPICS:
                log = self.inputs[topic][task]
                for _ in range(self.dice.randint(0, 12)):
                    key, value = load.record(self.seed, task, len(log))
                    log.append(Record(len(log), key.encode(), value.encode(), 9, 0, False, None, 0))
        while self.dice.random() < 0.3:  # a kill, and the same again by the next epoch
            self.attempt(producer, ours, False)
            self.epochs[producer] += 1
        self.attempt(producer, ours, True)
        committed = {
            place: (position, self.notes.get(place[1], "")) for place, position in self.read.items()
        }
        self.samples.append((committed, self.ends(self.changelog), self.ends(self.output)))

    @staticmethod
    def ends(logs):
        return {i: len(log) for i, log in logs.items()}

    def attempt(self, producer, ours, whole):
        """One barrier of these tasks; not whole: it dies under way, and is aborted."""
        who, touched, self.barrier = (producer, self.epochs[producer]), [], self.barrier + 1
        note = f"kpipe/1 {STORE} {producer:032x} {self.barrier}"
        for task in ours:
            table, changed = dict(self.tables[task]), {}
            for topic in TOPICS:
                for entry in self.inputs[topic][task][self.read[topic, task] :]:
                    changed[entry.key] = table[entry.key] = table.get(entry.key, 0) + 1
            if not whole and self.dice.random() < 0.5:
                break
            self.update(who, task, changed, note, touched)
            if whole:
                self.tables[task] = table
        self.end(who, ours, note, touched, whole)

    def update(self, who, task, changed, note, touched):
        for key, count in changed.items():
            into = self.output[zlib.crc32(key) % OUTPUTS]
            self.append(into, who, key, b"%d" % count)
            self.append(self.changelog[task], who, key, count.to_bytes(8, "big"))
            touched += [into, self.changelog[task]]
        if changed or task not in self.notes:
            self.append(self.changelog[task], who, MARKER, f"{note} {GROUP}".encode())
            touched.append(self.changelog[task])

    def end(self, who, ours, note, touched, whole):
        for task in ours if whole else ():
            if any(log is self.changelog[task] for log in touched):
                self.notes[task] = note
            for topic in TOPICS:
                self.read[topic, task] = len(self.inputs[topic][task])
                self.commit(who, None, topic, task, self.read[topic, task], self.notes[task])
        for log in {id(log): log for log in touched}.values():
            self.append(log, who, mark=whole)
        if whole:
            self.commit(who, True)
            topics = ["__consumer_offsets", *(["output", "changelog"] if touched else [])]
            if touched:
                self.transactions.append(Transaction(len(self.transactions), *who, topics))

    def history(self):
        return History(
            self.inputs, self.output, self.changelog, self.commits, self.transactions, self.samples,
            (GROUP, STORE),
        )


# Faults: each changes a copy of the logs


def pick(found, place):
    return found[round(place * (len(found) - 1))]


def shown(logs, wanted=lambda entry: True):
    """[(log, index)] of what a reader gets, the oldest first."""
    found = []
    for number, log in logs.items():
        seen = {entry.offset for entry, _ in visible(log) if wanted(entry)}
        found += [
            (i / len(log), number, i)
            for i, entry in enumerate(log) if entry.offset in seen and entry.mark is None
        ]
    return [(logs[number], i) for _, number, i in sorted(found)]


def is_state(entry):
    return entry.key != MARKER


def state(history, place):
    return pick(shown(history.changelog, is_state), place)


def lost(history, place):
    """An update that is not in the changelog."""
    log, i = state(history, place)
    del log[i]


def lowered(history, place):
    """A count that is one less."""
    log, i = state(history, place)
    log[i] = log[i]._replace(value=(int.from_bytes(log[i].value, "big") - 1).to_bytes(8, "big"))


def unasked(history, place):
    """A key in the changelog that did not change."""
    log, i = state(history, place)
    log.insert(i, log[i]._replace(offset=log[i].offset - 0.5, key=b"other"))


def unmarked(history, place):
    log, i = pick(shown(history.changelog, lambda entry: entry.key == MARKER), place)
    del log[i]


def renamed(history, place):
    """A marker of another barrier than the one that the offsets name."""
    log, i = pick(shown(history.changelog, lambda entry: entry.key == MARKER), place)
    log[i] = log[i]._replace(value=log[i].value.replace(b" counts ", b" counts 9"))


def unnamed(history, place):
    """Offsets that name the marker before theirs."""
    i, before = pick(noted(history), place)
    history.commits[i] = history.commits[i]._replace(note=before)


def noted(history):
    """[(index of a commit that took effect, its topic's note before)] where the two differ."""
    found, last = [], {}
    for i, end in sorted(marks(history.commits).items()):
        commit = history.commits[i]
        if end < 0 or not history.commits[end].mark:
            continue
        place = commit.topic, commit.partition
        if last.get(place, "") != commit.note:
            found.append((i, last.get(place, "")))
        last[place] = commit.note
    return found


def parted(history, place):
    """The offsets of one of a task's topics are not in the transaction."""
    i, _ = pick(noted(history), place)
    del history.commits[i]


def ahead(history, place):
    """Offsets that go past what was counted."""
    i, _ = pick(noted(history), place)
    commit = history.commits[i]
    log = history.inputs[commit.topic][commit.partition]
    step = 1 if commit.position < len(log) else -1
    history.commits[i] = commit._replace(position=commit.position + step)


def stale(history, place):
    """A record of an older incarnation, in the log behind the newer one's."""
    begun = {}
    for task, log in history.changelog.items():
        for i, entry in enumerate(log):
            begun.setdefault((task, entry.producer, entry.epoch), i)
    of = {id(log): task for task, log in history.changelog.items()}
    log, i = pick([
        (log, i) for log, i in shown(history.changelog, is_state)
        if log[i].epoch > 0 and begun[of[id(log)], log[i].producer, log[i].epoch] < i
    ], place)
    log[i] = log[i]._replace(epoch=log[i].epoch - 1)


def asleep(history, place):
    """An owner that others have followed wakes, and commits what it had, without offsets."""
    log, i = pick(shown(history.changelog, lambda entry: entry.key == MARKER), place)
    ends = marks(log)
    of_it = [entry for at, entry in enumerate(log) if ends.get(at, at) == ends[i]]
    for entry in of_it:
        log.append(entry._replace(offset=log[-1].offset + 1, producer=77))


def output_lost(history, place):
    log, i = pick(shown(history.output), place)
    del log[i]


def output_doubled(history, place):
    log, i = pick(shown(history.output), place)
    log.insert(i + 1, log[i]._replace(offset=log[i].offset + 0.5))


def output_lowered(history, place):
    log, i = pick(shown(history.output), place)
    log[i] = log[i]._replace(value=b"%d" % (int(log[i].value) - 1))


def torn(history, place):
    """In one of its partitions a barrier's output is aborted; its state is there."""
    log, i = pick(shown(history.output), place)
    end = marks(log)[i]
    log[end] = log[end]._replace(mark=False)


def halved(history, place):
    """A mark too many, in the midst of a barrier's output, showed a half of it."""
    ends = {id(log): marks(log) for log in history.output.values()}
    found = [
        (log, i) for log, i in shown(history.output) if ends[id(log)].get(i + 1) == ends[id(log)][i]
    ]
    log, i = pick(found, place)
    log.insert(i + 1, log[marks(log)[i]]._replace(offset=log[i].offset + 0.5))


def bare(history, place):
    """A transaction was committed before its offsets were in it."""
    i = pick(range(len(history.transactions)), place)
    history.transactions[i] = history.transactions[i]._replace(topics=["output", "changelog"])


def back(history, place):
    """Offsets lower than the ones before."""
    last, found = {}, []
    for i, _ in noted(history):
        commit = history.commits[i]
        if last.get((commit.topic, commit.partition), 0) > 0:
            found.append(i)
        last[commit.topic, commit.partition] = commit.position
    i = pick(found, place)
    history.commits[i] = history.commits[i]._replace(position=0)


def early(history, place):
    """Offsets were there for all to see before their state was."""
    found = [
        i for i, (committed, *_) in enumerate(history.samples)
        if any(note != "" for _, note in committed.values())
    ]
    i = pick(found[1:] or found, place)
    history.samples[i] = history.samples[i][0], {}, {}


PLANTS = {
    lost: "lost", lowered: "wrong", unasked: "foreign", unmarked: "unmarked parted", renamed: "parted",
    unnamed: "parted", parted: "parted", ahead: "wrong lost foreign back", stale: "stale",
    asleep: "parted doubled", output_lost: "lost", output_doubled: "doubled",
    output_lowered: "foreign doubled", torn: "lost", halved: "torn", bare: "bare",
    back: "back wrong", early: "early",
}


def copy(history):
    return history._replace(
        output={i: list(log) for i, log in history.output.items()},
        changelog={i: list(log) for i, log in history.changelog.items()},
        commits=list(history.commits), transactions=list(history.transactions),
        samples=list(history.samples),
    )


def check(name, history, real):
    """(good, line)s of one clean history and of it with each fault; in a real one, which is long, each
    fault at one place."""
    clean = Judge(history)
    yield not clean.judge(), f"{name}: clean: nothing is found {' '.join(clean.said)}"
    for number, (plant, kinds) in enumerate(PLANTS.items()):
        for where, place in (PLACES[number % 3],) if real else PLACES:
            wrong = copy(history)
            plant(wrong, place)
            found = Judge(wrong, keys=clean.keys).judge()
            good = any(found[kind] for kind in kinds.split())
            yield good, f"{name}: {plant.__name__} at the {where}: {dict(found)}"


def histories():
    for seed in range(3):
        yield f"model {seed}", Model(seed).history(), False
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            yield name, pickle.load(file), True


if __name__ == "__main__":
    tell(result for each in histories() for result in check(*each))
