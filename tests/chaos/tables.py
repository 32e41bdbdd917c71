"""tables.py BROKERS GROUP STORE OUTPUT INPUT... [--open] [--save FILE] | --judge FILE: judges what
`kcat-in -g GROUP -t INPUT... | kcount --store STORE | kout -x -t OUTPUT` left behind. As oracle.py,
it knows nothing of the tools, and reads the logs themselves: what any reader could have seen at any
moment is in them.

A task is a partition of that number of each input, and of the changelog. At every commit of a
task's offsets, an independent count of the input before them is taken, and then: the offsets name a
marker in the changelog, in the same producer's transaction, and all inputs' offsets of the task are
there and name the same; the state before that marker is exactly the keys whose counts changed since
the task's last offsets, each with its count; and of each of these there is one record in the
output, all of one barrier in one transaction. Nothing else is in the changelog or the output, and
no epoch of a producer shows anything once a newer one is in the log. So counts, output and offsets
agree at every barrier, and not only at the end; at the end (without --open) all of the input is
committed, and the last record of each key says its count.

Status 0, or 1: what is wrong is said. --save keeps what was read, for --judge."""
import argparse
import time
from collections import Counter, defaultdict, namedtuple

import judge
from broker import COMMITTED_TO
from cluster import reach
from logs import marks, read_commits, read_log, read_transactions, stale, visible

MARKER = b"\0kpipe marker"

# inputs: {topic: {partition: [Record]}}, output and changelog: {partition: [Record]}, whole logs.
# commits, transactions: as in an oracle.History. samples: [({(topic, partition): (offset, note)},
# ends of the changelog, ends of the output)], looked up in this order. names: group and store.
History = namedtuple("History", "inputs output changelog commits transactions samples names")

# What one transaction wrote into a changelog's partition: {key: count}, {key: offset} with the
# marker's.
Segment = namedtuple("Segment", "producer epoch note state offsets end")

# What one transaction committed of a task: {topic: position}, the notes.
Step = namedtuple("Step", "producer epoch positions notes at")


# Reading


def changelog(group, store):
    return f"{group}-{store}-changelog"


def settle(broker, topics, seconds=5):
    """Until the last transactions' marks are there: the coordinator answers before it has written
    them. One that stays open is found in the log."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if all(broker.ends(topic) == broker.ends(topic, COMMITTED_TO) for topic in topics):
            return
        time.sleep(0.02)


def read(broker, group, store, output, inputs, samples=()):
    kept = changelog(group, store)
    settle(broker, [output, kept, "__consumer_offsets"])
    return History(
        {topic: read_log(broker, topic) for topic in inputs}, read_log(broker, output),
        read_log(broker, kept), read_commits(broker, group, inputs),
        read_transactions(broker, [output, kept]), list(samples), (group, store),
    )


def sample(broker, group, store, output, inputs, count):
    """What is committed, and then how far state and output go."""
    committed = broker.noted(group, inputs, count)
    return committed, broker.ends(changelog(group, store)), broker.ends(output)


# Judging


class Judge(judge.Judge):
    def __init__(self, history, unfinished=False, keys=None):
        """`keys`: another Judge's, of the same input."""
        super().__init__(history, unfinished)
        self.tasks = sorted({task for logs in history.inputs.values() for task in logs})
        self.updates = {}  # (key, count): (task, note), as the independent count has them
        self.last = {}  # (task, key): count
        self.keys = keys or self.read_input()
        self.counts["in"] = sum(map(len, self.keys.values()))
        self.segments = {task: self.read_segments(task) for task in self.tasks}
        self.read_steps()

    def read_input(self):
        return {
            (topic, task): [(entry.offset, entry.key) for entry, _ in visible(log)]
            for topic, logs in self.history.inputs.items() for task, log in logs.items()
        }

    # The changelog

    def read_segments(self, task):
        """[Segment], in the order in which they were committed."""
        found = defaultdict(list)
        for entry, segment in visible(self.history.changelog.get(task, [])):
            if segment is None:
                self.fault("foreign", f"changelog/{task}@{entry.offset}: outside of transactions")
            else:
                found[segment].append(entry)
        return [
            self.segment(task, found[which], which[1])
            for which in sorted(found, key=lambda each: each[1])
        ]

    def segment(self, task, entries, end):
        first, *_, last = entries[0], entries[-1]
        state, offsets, note = {}, {}, ""
        for entry in entries[:-1] if last.key == MARKER else entries:
            where = f"changelog/{task}@{entry.offset}"
            if entry.key == MARKER:
                self.fault("unmarked", f"{where}: a marker in the midst of a transaction")
            elif entry.key is None or entry.value is None or len(entry.value) != 8:
                self.fault("foreign", f"{where}: {entry.key!r} {entry.value!r}")
            elif entry.key in state:
                self.fault("doubled", f"{where}: {entry.key!r} twice in a transaction")
            else:
                state[entry.key] = int.from_bytes(entry.value, "big")
                offsets[entry.key] = entry.offset
        if last.key == MARKER:
            note, offsets[MARKER] = self.note(task, last), last.offset
        else:
            self.fault("unmarked", f"changelog/{task}@{last.offset}: no marker behind it")
        if any((entry.producer, entry.epoch) != (first.producer, first.epoch) for entry in entries):
            self.fault("torn", f"changelog/{task}@{first.offset}: of two incarnations")
        return Segment(first.producer, first.epoch, note, state, offsets, end)

    def note(self, task, marker):
        """What the offsets must say."""
        group, store = self.history.names
        words = (marker.value or b"").decode(errors="replace").split(" ")
        if len(words) != 5 or (words[0], words[1], words[4]) != ("kpipe/1", store, group):
            self.fault("foreign", f"changelog/{task}@{marker.offset}: marker {marker.value!r}")
        return " ".join(words[:4])

    # The offsets

    def read_steps(self):
        """{task: [Step]}, in the order in which they took effect."""
        log, ends, found = self.history.commits, marks(self.history.commits), defaultdict(dict)
        for i, commit in enumerate(log):
            if commit.partition is None:
                continue
            end = ends.get(i)
            if end is None:
                what = f"{commit.topic}/{commit.partition}@{commit.position}"
                self.fault("outside", f"{what}: no transaction")
            elif end >= 0 and log[end].mark:
                found[commit.partition, log[end].offset][commit.topic] = commit
        self.steps = defaultdict(list)
        for (task, end), commits in sorted(found.items()):
            one = next(iter(commits.values()))
            self.steps[task].append(Step(
                one.producer, one.epoch, {topic: c.position for topic, c in commits.items()},
                {c.note for c in commits.values()}, end,
            ))

    # Each barrier

    def walk(self, task):
        """The task's barriers, in order: offsets, an independent count, the state."""
        places = {segment.note: i for i, segment in enumerate(self.segments[task])}
        counts, at, taken, note, next_one = Counter(), {}, Counter(), "", 0
        for step in self.steps[task]:
            what = f"task {task}, {step.positions}"
            if set(step.positions) != set(self.history.inputs) or len(step.notes) != 1:
                self.fault("parted", f"{what}: {step.notes}: not all offsets of the task, or not "
                                     "of one barrier")
            changed = self.count(task, step, at, taken, counts)
            before, note = note, min(step.notes)
            if note == before:
                if changed:
                    self.fault("lost", f"{what}: {len(changed)} keys changed, no state was written")
                continue
            i = places.get(note)
            if i != next_one:
                self.fault("parted", f"{what}: names {note!r}, marker {i} of the task, not {next_one}")
            if i is None:
                continue
            next_one = i + 1
            self.compare(what, step, self.segments[task][i], {key: counts[key] for key in changed})
            self.updates.update({(key, counts[key]): (task, note) for key in changed})
        if next_one != len(self.segments[task]):
            self.fault("parted", f"task {task}: state behind marker {next_one} that no offsets name")
        self.last.update({(task, key): count for key, count in counts.items()})

    def count(self, task, step, at, taken, counts):
        """Counts the input up to the step's offsets. The keys that changed."""
        changed = set()
        for topic, position in step.positions.items():
            keys, i = self.keys[topic, task], taken[topic]
            if position < at.get(topic, 0):
                self.fault("back", f"{topic}/{task}: {at[topic]}, then {position}")
            while i < len(keys) and keys[i][0] < position:
                if keys[i][1] is not None:
                    counts[keys[i][1]] += 1
                    changed.add(keys[i][1])
                i += 1
            taken[topic], at[topic] = i, position
        return changed

    def compare(self, what, step, segment, wanted):
        self.counts["barriers"] += 1
        if (segment.producer, segment.epoch) != (step.producer, step.epoch):
            self.fault("torn", f"{what}: state of another producer's transaction")
        for key in wanted.keys() - segment.state.keys():
            self.fault("lost", f"{what}: {key!r} is {wanted[key]}, and not in the changelog")
        for key in segment.state.keys() - wanted.keys():
            self.fault("foreign", f"{what}: {key!r} did not change, and is in the changelog")
        for key in wanted.keys() & segment.state.keys():
            if wanted[key] != segment.state[key]:
                self.fault("wrong", f"{what}: {key!r} is {wanted[key]}, not {segment.state[key]}")

    # The output

    def compare_output(self):
        """As many records as updates, all of one barrier in one transaction, in a key's order."""
        owners = {
            (task, segment.note): (segment.producer, segment.epoch)
            for task, segments in self.segments.items() for segment in segments
        }
        self.seen, of_segment, of_barrier = {}, defaultdict(set), defaultdict(set)
        for into, log in self.history.output.items():
            newest = {}
            for entry, segment in visible(log):
                place = f"output/{into}@{entry.offset}"
                update = self.update(entry)
                if update not in self.updates:
                    self.fault("foreign", f"{place}: {entry.key!r} {entry.value!r}")
                    continue
                if update in self.seen:
                    self.fault("doubled", f"{place}: {update}")
                if update[1] < newest.get(update[0], 0):
                    self.fault("swapped", f"{place}: {update} after {newest[update[0]]}")
                task, note = self.updates[update]
                self.seen[update], newest[update[0]] = (into, entry.offset), update[1]
                if segment is None or owners.get((task, note)) != (entry.producer, entry.epoch):
                    self.fault("torn", f"{place}: {update}: not in its state's transaction")
                of_segment[into, segment].add(note)
                of_barrier[into, note].add(segment)
        for update in self.updates.keys() - self.seen.keys():
            self.fault("lost", f"{update}: not in the output")
        for found in (of_segment, of_barrier):
            for (into, which), others in found.items():
                if len(others) > 1:
                    self.fault("torn", f"output/{into}: {which}: {len(others)} of the other kind")

    @staticmethod
    def update(entry):
        """(key, count), or what is none."""
        digits = entry.value is not None and entry.value.isdigit()
        return entry.key, int(entry.value) if digits else entry.value

    # What was seen under way, and the end

    def looked_at(self):
        """No offsets are committed before their state and output are there."""
        places = {
            (task, segment.note): segment
            for task, segments in self.segments.items() for segment in segments
        }
        output = defaultdict(list)
        for update, (into, offset) in self.seen.items():
            output[self.updates[update]].append((into, offset))
        for number, (committed, kept_ends, ends) in enumerate(self.history.samples):
            for task in self.tasks:
                notes = {committed[topic, task][1] for topic in self.history.inputs}
                what = f"task {task}, look {number}"
                if len(notes) > 1:
                    self.fault("early", f"{what}: offsets of two barriers: {notes}")
                segment = places.get((task, min(notes)))
                if segment is None:
                    if notes != {""}:
                        self.fault("early", f"{what}: {notes}: and no marker")
                    continue
                if any(offset >= kept_ends.get(task, 0) for offset in segment.offsets.values()):
                    self.fault("early", f"{what}: its state is not there")
                if any(at >= ends.get(into, 0) for into, at in output[task, segment.note]):
                    self.fault("early", f"{what}: its output is not there")

    def old(self):
        for name, logs in (("changelog", self.history.changelog), ("output", self.history.output)):
            for partition, log in logs.items():
                for entry in stale(log):
                    self.fault("stale", f"{name}/{partition}@{entry.offset}: epoch {entry.epoch}")

    def finished(self):
        """All is committed and closed; a reader that keeps the last of each key has the counts."""
        for (topic, task), keys in self.keys.items():
            done = self.steps[task][-1].positions.get(topic, 0) if self.steps[task] else 0
            if keys and done <= keys[-1][0]:
                self.fault("lag", f"{topic}/{task}: {done} committed of {keys[-1][0] + 1}")
        table = {}
        for name, logs in (("changelog", self.history.changelog), ("output", self.history.output)):
            for partition, log in logs.items():
                if any(end < 0 for end in marks(log).values()):
                    self.fault("open", f"{name}/{partition}: an open transaction")
                for entry, _ in visible(log):
                    table[name, entry.key] = entry.value
        truth = Counter(key for keys in self.keys.values() for _, key in keys if key is not None)
        for key, count in truth.items():
            if table.get(("changelog", key)) != count.to_bytes(8, "big"):
                self.fault("last", f"{key!r}: is {count}; changelog: {table.get(('changelog', key))}")
            if table.get(("output", key)) != b"%d" % count:
                self.fault("last", f"{key!r}: is {count}; output: {table.get(('output', key))}")
        self.counts["keys"] = len(truth)

    def judge(self):
        for task in self.tasks:
            self.walk(task)
        self.compare_output()
        self.looked_at()
        self.bare(self.counts["barriers"])
        self.old()
        if not self.unfinished:
            self.finished()
        self.counts["out"] = len(self.seen)
        return self.faults


def summary(judge):
    counts, faults = judge.counts, judge.faults
    wrong = ", ".join(f"{count} {kind}" for kind, count in sorted(faults.items())) or "nothing wrong"
    words = f"counts, exactly once: {counts['in']} in, {counts['keys']} keys, {counts['out']} updates"
    words += f" in {counts['barriers']} barriers of {len(judge.tasks)} tasks, {wrong}"
    return f"{words}; {sum(faults.values())} faults, {len(judge.history.samples)} looks"


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("places", nargs="*", metavar="BROKERS GROUP STORE OUTPUT INPUT")
    parser.add_argument("--open", action="store_true")
    parser.add_argument("--save")
    parser.add_argument("--judge")
    words = parser.parse_args()
    if words.places if words.judge else len(words.places) < 5:
        parser.error("BROKERS GROUP STORE OUTPUT INPUT..., or --judge FILE")
    return words


def read_words(words):
    brokers, group, store, output, *inputs = words.places
    return read(reach(brokers), group, store, output, inputs)


if __name__ == "__main__":
    judge.run(options(), read_words, Judge, summary)
