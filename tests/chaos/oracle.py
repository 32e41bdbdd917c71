"""oracle.py BROKERS INPUT OUTPUT GROUP [--exactly-once] [--open] [--save FILE] | --judge FILE:
judges what `kcat-in -g GROUP -t INPUT | kgrep ksql | ktr a-z A-Z | kout -t OUTPUT` left behind. It
knows nothing of the tools: it reads the logs of the topics and of the group's offsets, where every
record, every transaction's mark and every commit still stand in the order in which they came about,
and so what any reader could ever have seen.

In both modes nothing may be lost, foreign or out of its input partition's order, and no offset may
be committed before its output is there, or go back, or (without --open) be missing at the end. In
at-least-once mode a record may come twice only while its offset was not committed: that is counted.
Exactly once, none comes twice; a barrier (one transaction's offsets, and the records between these
and the ones before) is whole or absent: its records are in one transaction, and nobody else's with
them; no transaction is committed without offsets; and a producer's older epoch shows nothing once a
newer one is in the log.

Status 0, or 1: what is wrong is said. --save keeps what was read, for --judge."""
import argparse
import bisect
from collections import Counter, defaultdict, namedtuple

import judge
from cluster import reach
from logs import marks, read_commits, read_log, read_transactions, stale, visible

# input, output: {partition: [Record]}, whole logs. commits: [Commit], the group's, of the input.
# transactions: [Transaction], those that were committed to output, from __transaction_state.
# samples: [({partition: committed}, {partition: end of output's log})], the first looked up first.
History = namedtuple("History", "input output commits transactions samples ends exactly_once")


# Reading


def read(broker, source, output, group, exactly_once, samples=()):
    return History(
        read_log(broker, source), read_log(broker, output), read_commits(broker, group, [source]),
        read_transactions(broker, [output]) if exactly_once else [], list(samples),
        broker.ends(source), exactly_once,
    )


def sample(broker, source, output, group, count):
    """What is committed, and then how far the output goes."""
    committed = broker.committed(group, source, count)
    return committed, broker.ends(output)


# Judging


class Judge(judge.Judge):
    def __init__(self, history, unfinished=False):
        super().__init__(history, unfinished)
        self.expect()
        self.see()
        self.effective_commits()

    def expect(self):
        """What must be in the output: {(key, value): (partition, offset)}."""
        self.expected, self.wanted = {}, defaultdict(list)
        for partition, log in self.history.input.items():
            for entry, _ in visible(log):
                self.counts["in"] += 1
                if b"ksql" in entry.value:
                    self.expected[entry.key, entry.value.upper()] = partition, entry.offset
                    self.wanted[partition].append(entry.offset)
        self.counts["wanted"] = sum(map(len, self.wanted.values()))

    def see(self):
        """What is in it: {(partition, offset) of the input: [(partition, offset, segment)]}."""
        self.seen = defaultdict(list)
        for partition, log in sorted(self.history.output.items()):
            shown = visible(log)
            self.counts["out"] += len(shown)
            self.counts["hidden"] += sum(entry.mark is None for entry in log) - len(shown)
            for entry, segment in shown:
                place = self.expected.get((entry.key, entry.value))
                if place is None:
                    self.fault("foreign", f"output/{partition}@{entry.offset}: {entry.value!r}")
                else:
                    self.seen[place].append((partition, entry.offset, segment))
            for entry in stale(log) if self.history.exactly_once else ():
                self.fault("stale", f"output/{partition}@{entry.offset}: epoch {entry.epoch}")

    def effective_commits(self):
        """Per partition, in the order in which they took effect."""
        log = self.history.commits
        self.steps, self.barriers, ends = defaultdict(list), Counter(), marks(log)
        effective = []
        for i, commit in enumerate(log):
            if commit.partition is None:
                continue
            end = ends.get(i)
            if end is None:
                effective.append((commit.offset, commit, None))
            elif end >= 0 and log[end].mark:
                effective.append((log[end].offset, commit, (commit.producer, log[end].offset)))
        for _, commit, barrier in sorted(effective, key=lambda each: each[0]):
            steps = self.steps[commit.partition]
            if steps and commit.position < steps[-1][0]:
                place = f"input/{commit.partition}"
                self.fault("back", f"{place}: {steps[-1][0]}, then {commit.position}")
            if self.history.exactly_once and barrier is None:
                self.fault("outside", f"input/{commit.partition}@{commit.position}: no transaction")
            self.barriers[barrier] += 1
            steps.append((commit.position, barrier, commit.producer))

    def committed(self, partition):
        return self.steps[partition][-1][0] if self.steps[partition] else 0

    def lost(self):
        for partition, offsets in self.wanted.items():
            end = self.committed(partition) if self.unfinished else None
            for offset in offsets:
                if (end is None or offset < end) and (partition, offset) not in self.seen:
                    self.fault("lost", f"input/{partition}@{offset}")

    def barrier(self, partition, offset):
        """(what committed an input record's offset, the producer), or None: nothing did."""
        steps = self.steps.get(partition, [])
        at = bisect.bisect_right(steps, offset, key=lambda step: step[0])
        return steps[at][1:] if at < len(steps) else None

    def doubled(self):
        for (partition, offset), places in self.seen.items():
            self.counts["again"] += len(places) - 1
            if len(places) > 1 and self.history.exactly_once:
                self.fault("doubled", f"input/{partition}@{offset}: {len(places)} times")

    def order(self):
        """The first time each comes, per input partition, in an output partition."""
        arrived = defaultdict(list)
        for (partition, offset), places in self.seen.items():
            first = {}
            for into, at, _ in places:
                first[into] = min(at, first.get(into, at))
            for into, at in first.items():
                arrived[partition, into].append((at, offset))
        for (partition, into), found in arrived.items():
            found.sort()
            for (_, before), (at, offset) in zip(found, found[1:]):
                if offset < before:
                    place = f"output/{into}@{at}"
                    self.fault("swapped", f"{place}: input/{partition}@{offset} after {before}")

    def looked_at(self):
        """No offset is committed before its output is there; what comes again, comes before."""
        covered = {partition: 0 for partition in self.wanted}
        for number, (committed, ends) in enumerate(self.history.samples):
            for partition, offsets in self.wanted.items():
                while covered[partition] < len(offsets):
                    offset = offsets[covered[partition]]
                    if offset >= committed.get(partition, -1):
                        break
                    covered[partition] += 1
                    self.covered(partition, offset, ends, number)
        for before, after in zip(self.history.samples, self.history.samples[1:]):
            for partition, offset in before[0].items():
                if after[0].get(partition, -1) < offset:
                    self.fault("back", f"input/{partition}: seen at {offset}, then {after[0]}")

    def covered(self, partition, offset, ends, number):
        places = self.seen.get((partition, offset), ())
        here = [at < ends.get(into, 0) for into, at, _ in places]
        what = f"input/{partition}@{offset}: committed by look {number}"
        if not any(here):
            self.fault("early", f"{what}, and not there")
        elif not all(here):
            self.fault("late", f"{what}, and again after it")

    def torn(self):
        """Every transaction is one barrier, and every barrier one transaction."""
        of_segment, of_barrier, missing = defaultdict(set), defaultdict(set), set()
        for partition, offset in self.expected.values():
            places, owner = self.seen.get((partition, offset), ()), self.barrier(partition, offset)
            what = f"input/{partition}@{offset}"
            if owner is None:
                if places:
                    self.fault("torn", f"{what}: there, its offset not committed")
                continue
            barrier, producer = owner
            if not places:
                missing.add(barrier)
            for into, _, segment in places:
                if segment is None or segment[0] != producer:
                    self.fault("torn", f"{what}: not in its barrier's transaction")
                of_segment[into, segment].add(barrier)
                of_barrier[into, barrier].add(segment)
        for (into, segment), found in of_segment.items():
            if len(found) > 1:
                self.fault("torn", f"output/{into}: {segment} has of {len(found)} barriers")
        for (into, barrier), found in of_barrier.items():
            if barrier in missing:
                self.fault("torn", f"output/{into}: barrier {barrier} is here and not whole")
            if len(found) > 1:
                self.fault("torn", f"output/{into}: barrier {barrier} in {len(found)} transactions")

    def finished(self):
        for partition, end in self.history.ends.items():
            if self.committed(partition) != end:
                done = self.committed(partition)
                self.fault("lag", f"input/{partition}: {done} committed of {end}")
        for partition, log in self.history.output.items():
            for index, end in marks(log).items():
                if end < 0:
                    self.fault("open", f"output/{partition}@{log[index].offset}: no mark")
                    break

    def judge(self):
        self.lost()
        self.doubled()
        self.order()
        self.looked_at()
        if self.history.exactly_once:
            self.torn()
            shown = {which for log in self.history.output.values() for _, which in visible(log)}
            self.bare(shown)
        if not self.unfinished:
            self.finished()
        self.counts["barriers"] = len(self.barriers)
        self.counts["looks"] = len(self.history.samples)
        return self.faults


def summary(judge):
    counts, faults = judge.counts, judge.faults
    mode = "exactly once" if judge.history.exactly_once else "at least once"
    words = f"{mode}: {counts['in']} in, {counts['wanted']} wanted, {counts['out']} out, "
    words += f"{faults['lost']} lost, "
    words += f"{faults['doubled'] if judge.history.exactly_once else counts['again']} again, "
    words += f"{faults['swapped']} out of order, {faults['torn'] + faults['bare']} torn, "
    words += f"{counts['hidden']} aborted"
    if judge.history.exactly_once:
        words += f", {counts['barriers']} barriers"
    return f"{words}; {sum(faults.values())} faults, {counts['looks']} looks"


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("places", nargs="*", metavar="BROKERS INPUT OUTPUT GROUP")
    parser.add_argument("--exactly-once", action="store_true")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--save")
    parser.add_argument("--judge")
    words = parser.parse_args()
    if len(words.places) != (0 if words.judge else 4):
        parser.error("BROKERS INPUT OUTPUT GROUP, or --judge FILE")
    return words


def read_words(words):
    brokers, *places = words.places
    return read(reach(brokers), *places, words.exactly_once)


if __name__ == "__main__":
    judge.run(options(), read_words, Judge, summary)
