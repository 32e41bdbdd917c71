"""What the logs of Kafka say: of topics, of a group's offsets, of transactions; and what a reader of
committed records gets of them. Written from Kafka's own format, without its client library."""
from collections import defaultdict, namedtuple

from broker import Cursor, KafkaError

# One commit of an offset (position) of a topic by a group, and its metadata (note), or with partition
# None a transaction's mark.
Commit = namedtuple(
    "Commit", "offset partition position producer epoch transactional mark topic note"
)

Transaction = namedtuple("Transaction", "offset producer epoch topics")
PREPARE_COMMIT = 2


# Reading


def commit_of(record, group, topics):
    """The Commit that a record of __consumer_offsets is, or None: it is something else."""
    who = record.producer, record.epoch
    if record.mark is not None:
        return Commit(record.offset, None, None, *who, True, record.mark, None, None)
    key = Cursor(record.key)
    if key.take("h") > 1 or record.value is None or key.string() != group:
        return None
    topic, partition, value = key.string(), key.take("i"), Cursor(record.value)
    if topic not in topics:
        return None
    version, position = value.take("h"), value.take("q")
    if version >= 3:
        value.take("i")
    note = value.bytes(value.flexible()).decode() if version >= 4 else value.string()
    return Commit(
        record.offset, partition, position, *who, record.transactional, None, topic, note
    )


def read_commits(broker, group, topics):
    """Those of the one partition of __consumer_offsets that has the group."""
    for partition in range(broker.partitions("__consumer_offsets")):
        log = broker.log("__consumer_offsets", partition)
        found = [commit for got in log if (commit := commit_of(got, group, topics))]
        if any(commit.partition is not None for commit in found):
            return found
    return []


def transaction_of(record):
    """What a record of __transaction_state says is to be committed, or None."""
    if record.mark is not None or record.value is None:
        return None
    value = Cursor(record.value)
    flexible = value.take("h") >= 1
    producer, epoch, _, status = (value.take(form) for form in "qhib")
    if status != PREPARE_COMMIT:
        return None
    topics = []
    for _ in range(value.flexible() if flexible else value.take("i")):
        size = value.flexible() if flexible else value.take("h")
        topics.append(value.bytes(size).decode())
        value.bytes(4 * (value.flexible() if flexible else value.take("i")))
        if flexible and value.take("B"):
            raise KafkaError("__transaction_state: a record with tags")
    return Transaction(record.offset, producer, epoch, topics)


def read_transactions(broker, outputs):
    """Those that were committed to one of the outputs."""
    found = []
    for log in read_log(broker, "__transaction_state").values():
        found += [
            done for got in log if (done := transaction_of(got)) and set(outputs) & set(done.topics)
        ]
    return found


def read_log(broker, topic):
    return {i: list(broker.log(topic, i)) for i in range(broker.partitions(topic))}


# What is seen of a log


def marks(log):
    """{index in log: index of its transaction's mark}, -1 where it has none yet."""
    found, pending = {}, defaultdict(list)
    for i, entry in enumerate(log):
        if entry.mark is not None:
            for index in pending.pop(entry.producer, ()):
                found[index] = i
        elif entry.transactional:
            pending[entry.producer].append(i)
            found[i] = -1
    return found


def visible(log):
    """[(entry, segment)] as a reader of committed records gets them; a segment is what one mark
    commits: (producer, place of the mark), None outside of transactions."""
    ends, shown = marks(log), []
    for i, entry in enumerate(log):
        if entry.mark is not None:
            continue
        if i not in ends:
            shown.append((entry, None))
        elif ends[i] >= 0 and log[ends[i]].mark:
            shown.append((entry, (entry.producer, log[ends[i]].offset)))
    return shown


def stale(log):
    """Visible entries of an epoch whose successor was in the log before them."""
    newest, older = {}, set()
    for entry in log:
        if entry.producer >= 0:
            newest[entry.producer] = max(newest.get(entry.producer, -1), entry.epoch)
            if entry.mark is None and entry.epoch < newest[entry.producer]:
                older.add(entry.offset)
    return [entry for entry, _ in visible(log) if entry.offset in older]
