"""What every judge of a run has: what is wrong, by kinds, said for the first of each; and how it is run
by itself: the logs are read, or were kept, and it says what it found."""
import pickle
import sys
from collections import Counter
from pathlib import Path

from broker import KafkaError

SHOWN = 5  # of a kind


class Judge:
    def __init__(self, history, unfinished):
        """`unfinished`: what was not committed may be missing."""
        self.history, self.unfinished = history, unfinished
        self.faults, self.counts, self.said = Counter(), Counter(), []

    def fault(self, kind, what):
        self.faults[kind] += 1
        if self.faults[kind] <= SHOWN:
            self.said.append(f"{kind}: {what}")

    def bare(self, any_seen):
        """No transaction is committed without offsets. By the marks alone this cannot be told where
        the offsets came in the same producer's next one."""
        for done in self.history.transactions:
            if "__consumer_offsets" not in done.topics:
                self.fault("bare", f"producer {done.producer}: {done.topics}: and no offsets")
        if any_seen and not self.history.transactions:
            self.fault("bare", "nothing in __transaction_state speaks of what there is")


def run(words, read, judging, summary):
    """Ends the program with status 0, or 1: what is wrong is said. `words`: --judge, --save, --open."""
    try:
        if words.judge:
            with open(words.judge, "rb") as file:
                history = pickle.load(file)
        else:
            history = read(words)
        if words.save:
            with open(words.save, "wb") as file:
                pickle.dump(history, file)
    except (OSError, KafkaError) as error:
        sys.exit(f"{Path(sys.argv[0]).stem}: {error}")
    judge = judging(history, words.open)
    judge.judge()
    print(*judge.said, summary(judge), sep="\n")
    sys.exit(bool(judge.faults))
