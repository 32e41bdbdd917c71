"""plant.py [FILE]...: does the oracle see what it is there for? Plants faults, one at a time, at
the head, in the middle and at the tail of histories that are clean: made up here (a model of
pipelines that share a group, die and come back), and those in FILE, which oracle.py --save has
kept. Each must be found, by its name; and in what is clean nothing may be. TAP."""
import pickle
import random
import sys
import zlib

import load
from broker import Record
from logs import Commit, Transaction, marks, visible
from oracle import History, Judge

PLACES = {"head": 0.0, "middle": 0.5, "tail": 1.0}
INPUTS, OUTPUTS, ROUNDS, PRODUCERS = 3, 2, 40, 2
GROUP = -1  # the log of the group's offsets, in a model


# Clean histories


class Model:
    """Writes the logs as brokers would: a round is a barrier of one of the pipelines."""

    def __init__(self, seed, exactly_once):
        self.dice, self.seed, self.exactly_once = random.Random(seed), seed, exactly_once
        self.logs = {i: [] for i in [*range(OUTPUTS), GROUP]}
        self.input = {i: [] for i in range(INPUTS)}
        self.committed, self.samples, self.transactions = [0] * INPUTS, [], []
        self.epochs = [0] * PRODUCERS
        for _ in range(ROUNDS):
            self.round()

    def append(self, into, **words):
        log = self.logs[into]
        base = {"offset": len(log), "key": None, "value": None, "timestamp": 0, "mark": None}
        make = Commit._make if into == GROUP else Record._make
        fields = Commit._fields if into == GROUP else Record._fields
        base.update(partition=None, position=None, topic=None, note=None)
        base.update(transactional=self.exactly_once)
        log.append(make({**base, **words}[name] for name in fields))

    def round(self):
        producer = self.dice.randrange(PRODUCERS)
        ours = self.dice.sample(range(INPUTS), self.dice.randint(1, INPUTS))
        for partition in ours:
            for _ in range(self.dice.randint(5, 15)):
                key, value = load.record(self.seed, partition, len(self.input[partition]))
                self.input[partition].append(
                    Record(len(self.input[partition]), key.encode(), value.encode(), 9, 0, False,
                           None, 0)
                )
        while self.dice.random() < 0.3:  # a kill, and the same again by the next epoch
            self.attempt(producer, ours, False)
            self.epochs[producer] += 1
        self.attempt(producer, ours, True)
        self.samples.append((dict(enumerate(self.committed)), self.ends()))

    def ends(self):
        return {i: len(self.logs[i]) for i in range(OUTPUTS)}

    def attempt(self, producer, ours, whole):
        """One barrier's output and offsets; not whole: it dies under way, and is aborted."""
        who = {"producer": producer, "epoch": self.epochs[producer]}
        touched = set()
        for partition in ours:
            for entry in self.input[partition][self.committed[partition] :]:
                if b"ksql" in entry.value and (whole or self.dice.random() < 0.9):
                    into = zlib.crc32(entry.key) % OUTPUTS
                    touched.add(into)
                    self.append(into, key=entry.key, value=entry.value.upper(), **who)
                elif not whole and b"ksql" in entry.value:
                    break
        if whole or self.exactly_once and self.dice.random() < 0.5:  # it dies before its EndTxn
            touched.add(GROUP)
            for partition in ours:
                self.append(GROUP, partition=partition, position=len(self.input[partition]), **who)
        if whole:
            for partition in ours:
                self.committed[partition] = len(self.input[partition])
            topics = ["__consumer_offsets"] + ["output"] * bool(touched - {GROUP})
            self.transactions.append(
                Transaction(len(self.transactions), producer, who["epoch"], topics)
            )
        for into in sorted(touched) if self.exactly_once else ():
            self.append(into, mark=whole, **who)

    def history(self):
        output = {i: self.logs[i] for i in range(OUTPUTS)}
        ends = {i: len(log) for i, log in self.input.items()}
        return History(
            self.input, output, self.logs[GROUP], self.transactions if self.exactly_once else [],
            self.samples, ends, self.exactly_once,
        )


# Faults: each changes a copy of the logs and says where, or None: nothing to change


def shown(history):
    """[(output partition, index in its log)] of what a reader gets, in the input's order."""
    places = []
    for into, log in history.output.items():
        index = {entry.offset: i for i, entry in enumerate(log)}
        places += [(into, index[entry.offset]) for entry, _ in visible(log)]
    of = {}
    for source, log in history.input.items():
        for entry in log:
            if entry.mark is None:
                of[entry.key, entry.value.upper()] = entry.offset, source
    known = {}
    for into, i in places:
        entry = history.output[into][i]
        known[into, i] = of[entry.key, entry.value]
    return sorted(known, key=lambda place: known[place]), known


def pick(found, place):
    return found[round(place * (len(found) - 1))] if found else None


def last_of_each(history):
    """Those that come once, so that changing one changes what is there."""
    found, known = shown(history)
    times = {}
    for place in found:
        times[known[place]] = times.get(known[place], 0) + 1
    return [place for place in found if times[known[place]] == 1]


def lost(history, place):
    into, i = pick(last_of_each(history), place)
    del history.output[into][i]


def doubled(history, place):
    """In another record's stead, so that no offset moves: its neighbour in the log comes twice."""
    found = last_of_each(history)
    into, i = pick([each for each in found if (each[0], each[1] + 1) in set(found)], place)
    log = history.output[into]
    log.insert(i + 1, log[i]._replace(offset=log[i].offset + 0.5))


def late(history, place):
    """Once more at the log's end, when its offset had been committed for long."""
    into, i = pick(last_of_each(history), place)
    log = history.output[into]
    log.append(log[i]._replace(offset=log[-1].offset + 1, transactional=False, epoch=99))


def swapped(history, place):
    found, known = shown(history)
    once = set(last_of_each(history))
    pairs = [
        (one, two) for one, two in zip(found, found[1:])
        if one in once and two in once and one[0] == two[0] and known[one][1] == known[two][1]
    ] or neighbours(found, known, once)
    (into, i), (_, j) = pick(pairs, place)
    log = history.output[into]
    log[i], log[j] = (
        log[i]._replace(key=log[j].key, value=log[j].value),
        log[j]._replace(key=log[i].key, value=log[i].value),
    )


def neighbours(found, known, once):
    """Pairs that follow each other in one output partition, of one input partition."""
    last, pairs = {}, []
    for place in found:
        lane = place[0], known[place][1]
        if lane in last and place in once and last[lane] in once:
            pairs.append((last[lane], place))
        last[lane] = place
    return pairs


def altered(history, place):
    into, i = pick(last_of_each(history), place)
    entry = history.output[into][i]
    history.output[into][i] = entry._replace(value=entry.value[:-1] + b"!")


def stale(history, place):
    """A record of an older incarnation, in the log behind the newer one's."""
    found = []
    for into, log in history.output.items():
        begun = {}
        for i, entry in enumerate(log):
            begun.setdefault((entry.producer, entry.epoch), i)
        found += [
            (into, i) for at, i in shown(history)[0]
            if at == into and begun[log[i].producer, log[i].epoch] < i
        ]
    into, i = pick(found, place)
    entry = history.output[into][i]
    history.output[into][i] = entry._replace(epoch=entry.epoch - 1)


def barriers(history):
    """[(barrier, {output partition: index of its mark})] of what was committed and has records, in
    its order."""
    of_mark, judge = {}, Judge(history)
    for (partition, offset), places in judge.seen.items():
        barrier = judge.barrier(partition, offset)[0]
        for into, _, segment in places:
            of_mark.setdefault(barrier, {})[into] = segment
    index = {
        into: {(entry.producer, entry.offset): i for i, entry in enumerate(log)}
        for into, log in history.output.items()
    }
    return [
        (barrier, {into: index[into][segment] for into, segment in of_mark[barrier].items()})
        for barrier in sorted(of_mark, key=lambda each: each[1])
    ]


def torn(history, place):
    """In one of its partitions a barrier is aborted, in the others it is there."""
    ends = pick([ends for _, ends in barriers(history) if len(ends) > 1], place)
    into, i = sorted(ends.items())[0]
    history.output[into][i] = history.output[into][i]._replace(mark=False)


def halved(history, place):
    """Nothing is lost: but a mark too many, in the midst of a barrier, showed a half of it."""
    found = []
    for _, ends in barriers(history):
        for into, end in ends.items():
            log = history.output[into]
            of_it = [i for i, to in marks(log).items() if to == end]
            if len(of_it) > 1:
                found.append((into, max(of_it), end))
    into, i, end = pick(found, place)
    log = history.output[into]
    log.insert(i, log[end]._replace(offset=log[i].offset - 0.5))


def unnoted(history, place):
    """A barrier's records are there, its offsets were aborted; the next one's cover them."""
    known = barriers(history)
    found = [
        barrier for (barrier, ends), (_, following) in zip(known, [*known[1:], known[-1]])
        if ends.keys() & following.keys()
    ]
    _, at = pick(found, place)
    i = next(i for i, commit in enumerate(history.commits) if commit.offset == at)
    history.commits[i] = history.commits[i]._replace(mark=False)


def bare(history, place):
    """A transaction was committed before its offsets were in it."""
    i = pick(range(len(history.transactions)), place)
    history.transactions[i] = history.transactions[i]._replace(topics=["output"])


def back(history, place):
    """An offset lower than the one before it; both took effect."""
    ends, took_effect = marks(history.commits), []
    for i, commit in enumerate(history.commits):
        if commit.partition is not None:
            mark = history.commits[ends[i]] if ends.get(i, -1) >= 0 else None
            if i not in ends or mark and mark.mark:
                took_effect.append((mark.offset if mark else commit.offset, i))
    last, good = {}, []
    for _, i in sorted(took_effect):
        commit = history.commits[i]
        if last.get(commit.partition, 0) > 0:
            good.append((i, last[commit.partition]))
        last[commit.partition] = commit.position
    i, low = pick(good[1:] or good, place)
    history.commits[i] = history.commits[i]._replace(position=low - 1)


def early(history, place):
    """An offset was there for all to see before its output was."""
    found, before = [], {}
    for i, (committed, _) in enumerate(history.samples):
        if any(
            b"ksql" in entry.value
            for source, log in history.input.items()
            for entry in log[max(before.get(source, 0), 0) : max(committed.get(source, 0), 0)]
        ):
            found.append(i)
        before = committed
    i = pick(found, place)
    history.samples[i] = history.samples[i][0], {}


BOTH = {lost: "lost", swapped: "swapped", altered: "foreign", back: "back", early: "early"}
ONCE = {doubled: "doubled", bare: "bare", torn: "torn", halved: "torn", stale: "stale", unnoted: "torn"}
LEAST = {late: "late"}


def copy(history):
    return history._replace(
        output={into: list(log) for into, log in history.output.items()},
        commits=list(history.commits), transactions=list(history.transactions),
        samples=list(history.samples),
    )


def check(name, history, real):
    """(good, line)s of one clean history and of it with each fault. In a real one the next barrier
    may be another pipeline's, and then nothing tells that offsets are missing."""
    yield not Judge(history).judge(), f"{name}: clean: nothing is found"
    plants = {**BOTH, **(ONCE if history.exactly_once else LEAST)}
    if real:
        plants.pop(unnoted, None)
    for plant, kind in plants.items():
        for where, place in PLACES.items():
            wrong = copy(history)
            plant(wrong, place)
            found = Judge(wrong).judge()
            yield bool(found[kind]), f"{name}: {plant.__name__} at the {where}: {dict(found)}"


def histories():
    for seed in range(3):
        for exactly_once in (False, True):
            mode = "once" if exactly_once else "at least once"
            yield f"model {seed}, {mode}", Model(seed, exactly_once).history(), False
    for name in sys.argv[1:]:
        with open(name, "rb") as file:
            yield name, pickle.load(file), True


def tell(results):
    """(good, line)s as TAP; ends the program."""
    number = failed = 0
    for number, (good, line) in enumerate(results, 1):
        failed += not good
        print("ok" if good else "not ok", number, "-", line)
    print(f"1..{number}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    tell(result for each in histories() for result in check(*each))
