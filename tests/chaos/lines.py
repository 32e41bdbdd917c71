"""The lines that are tried under fire: what is between their ends, of how many topics they read, and
who judges what they leave behind. Of a place these know: sources (topics), output, group."""
import oracle
import tables

STORE = "counts"
OFFSETS = "__consumer_offsets"


class Selects:
    """kgrep and ktr: every record by itself. The oracle is chaos/oracle.py."""

    filters, topics = [["kgrep", "ksql"], ["ktr", "a-z", "A-Z"]], 1
    Judge, summary = oracle.Judge, staticmethod(oracle.summary)

    def __init__(self, exactly_once):
        self.exactly_once = exactly_once

    def read(self, broker, place, samples=()):
        broker.settle(place.output, OFFSETS)
        return oracle.read(
            broker, place.sources[0], place.output, place.group, self.exactly_once, samples
        )

    def sample(self, broker, place, partitions):
        return oracle.sample(broker, place.sources[0], place.output, place.group, partitions)


class Counts:
    """kcount with a store, always exactly once; of two topics. The oracle is chaos/tables.py."""

    filters, topics = [["kcount", "--store", STORE]], 2
    Judge, summary = tables.Judge, staticmethod(tables.summary)
    exactly_once = True

    def __init__(self, topics=2):
        self.topics = topics

    def read(self, broker, place, samples=()):
        broker.settle(place.output, f"{place.group}-{STORE}-changelog", OFFSETS)
        return tables.read(broker, place.group, STORE, place.output, place.sources, samples)

    def sample(self, broker, place, partitions):
        return tables.sample(broker, place.group, STORE, place.output, place.sources, partitions)
