"""Kafka's protocol, as much as a judge needs: what is in a topic's log, batch by batch, with the
producer and the marks of its transactions; where a log ends; what a group has committed.

Shares no code with the toolkit and none with its client library. One connection, one question at a
time, in versions that Kafka 2.1 to 4.3 answer."""
import socket
import struct
import time
from collections import namedtuple

# state: the group's or transaction's word for it. producer: its id, -1 none. mark: None for a
# record, True for a commit's mark, False for an abort's.
Record = namedtuple("Record", "offset key value producer epoch transactional mark timestamp")

FETCH, LIST_OFFSETS, METADATA, OFFSET_FETCH, CREATE_TOPICS, ALTER_CONFIGS = 1, 2, 3, 9, 19, 44
GROUPS, TRANSACTIONS = 0, 1  # what is coordinated
TOPIC, SET = 2, 0
COMMITTED_TO, END = 1, 0  # isolation: up to the last stable offset, or the high watermark
MOST = 16 << 20
SETTLED = 20  # seconds: kout's transaction.timeout.ms, and some


class KafkaError(Exception):
    """A broker's answer that is a refusal; the number is Kafka's."""


def string(text):
    return struct.pack(">h", len(text)) + text.encode()


def array(items):
    return struct.pack(">i", len(items)) + b"".join(items)


class Cursor:
    """Reads an answer from its beginning to its end."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, form):
        (value,) = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(">" + form)
        return value

    def bytes(self, size):
        self.at += max(size, 0)
        return None if size < 0 else bytes(self.data[self.at - size : self.at])

    def string(self):
        text = self.bytes(self.take("h"))
        return None if text is None else text.decode()

    def flexible(self):
        """A count or size as the newer messages have it: one more than it says, 0 for none."""
        value = shift = 0
        while True:
            byte = self.take("B")
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value - 1

    def array(self, read):
        return [read() for _ in range(self.take("i"))]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value >> 1 ^ -(value & 1)


BATCH = struct.Struct(">qiibIhiqqqhii")


def records(data):
    """The whole batches in what a fetch brought, as records; the rest of a last one is left out."""
    at = 0
    while at + BATCH.size <= len(data):
        base, size, _, magic, _, flags, _, first, _, producer, epoch, _, count = BATCH.unpack_from(
            data, at
        )
        if at + 12 + size > len(data):
            return
        if magic != 2 or flags & 7:
            raise KafkaError(f"batch at {base}: magic {magic}, flags {flags}: not readable here")
        cursor = Cursor(data, at + BATCH.size)
        for _ in range(count):
            yield record(cursor, base, first, producer, epoch, flags)
        at += 12 + size


def record(cursor, base, first, producer, epoch, flags):
    end = cursor.varint() + cursor.at
    cursor.at += 1
    timestamp, offset = first + cursor.varint(), base + cursor.varint()
    key = cursor.bytes(cursor.varint())
    value = cursor.bytes(cursor.varint())
    cursor.at = end
    mark = bool(key[3]) if flags & 32 else None
    return Record(offset, key, value, producer, epoch, bool(flags & 16), mark, timestamp)


class Broker:
    """A broker at HOST:PORT that leads and coordinates all; cluster.py has several."""

    replicas = 1

    def __init__(self, brokers, seconds=20):
        host, _, port = brokers.split(",")[0].rpartition(":")
        self.place, self.seconds, self.socket = (host, int(port)), seconds, None

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket = None

    def ask(self, key, version, body):
        """The body of the answer. OSError: there is none; the next question connects anew."""
        try:
            if not self.socket:
                self.socket = socket.create_connection(self.place, self.seconds)
                self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            message = struct.pack(">hhi", key, version, 0) + string("oracle") + body
            self.socket.sendall(struct.pack(">i", len(message)) + message)
            (size,) = struct.unpack(">i", self.read(4))
            return Cursor(self.read(size), 4)
        except OSError:
            self.close()
            raise

    def read(self, size):
        parts = []
        while size > 0:
            part = self.socket.recv(min(size, 1 << 20))
            if not part:
                raise ConnectionError("the broker hung up")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def leaders(self, topic):
        """{who leads: which of its partitions}"""
        return {self: range(self.partitions(topic))}

    def leader(self, topic, partition):
        return self

    def coordinator(self, name, kind=GROUPS):
        return self

    def partitions(self, topic):
        """How many it has, 0: it is not there."""
        answer = self.ask(METADATA, 4, array([string(topic)]) + b"\0")
        answer.take("i")
        answer.array(lambda: (answer.take("i"), answer.string(), answer.take("i"), answer.string()))
        answer.string(), answer.take("i"), answer.take("i")
        answer.take("h"), answer.string(), answer.take("b")
        return answer.take("i")

    def ends(self, topic, isolation=END):
        """By partition, where its log ends."""
        ends = {}
        for leader, partitions in self.leaders(topic).items():
            if partitions:
                ends.update(leader.ends_of(topic, partitions, isolation))
        if not ends:
            raise KafkaError(f"{topic}: is not there")
        return ends

    def settle(self, *topics):
        """Waits until no transaction is open on them, and no longer than one may be: a commit is
        answered before its marks are in the logs, and a killed sink's is ended by its time-out."""
        end = time.monotonic() + SETTLED
        while time.monotonic() < end and any(
            self.ends(topic, COMMITTED_TO) != self.ends(topic) for topic in topics
        ):
            time.sleep(0.01)

    def ends_of(self, topic, partitions, isolation):
        """The same of those that it leads."""
        asked = array([struct.pack(">iq", i, -1) for i in partitions])
        answer = self.ask(
            LIST_OFFSETS, 2, struct.pack(">ib", -1, isolation) + array([string(topic) + asked])
        )
        answer.take("i"), answer.take("i"), answer.string()
        ends = {}
        for _ in range(answer.take("i")):
            partition, error, _, offset = (answer.take(form) for form in "ihqq")
            if error:
                raise KafkaError(f"{topic}/{partition}: its end: error {error}")
            ends[partition] = offset
        return ends

    def noted(self, group, topics, count):
        """{(topic, partition): (the group's offset, its metadata)}, of one moment; -1: none; whether
        or not a transaction is open on it."""
        asked = array([struct.pack(">i", i) for i in range(count)])
        body = string(group) + array([string(topic) + asked for topic in topics])
        answer, offsets = self.coordinator(group).ask(OFFSET_FETCH, 1, body), {}
        for _ in range(answer.take("i")):
            topic = answer.string()
            for _ in range(answer.take("i")):
                partition, offset, note, error = (
                    answer.take("i"), answer.take("q"), answer.string(), answer.take("h"),
                )
                if error:
                    raise KafkaError(f"group {group}: {topic}/{partition}: error {error}")
                offsets[topic, partition] = offset, note
        return offsets

    def committed(self, group, topic, count):
        """By partition, the group's offset."""
        found = self.noted(group, [topic], count)
        return {partition: offset for (_, partition), (offset, _) in found.items()}

    def fetch(self, topic, partition, offset):
        """What is in the log from an offset on, open and aborted transactions too, as it comes."""
        body = struct.pack(">iiiib", -1, 0, 0, MOST, 0)
        body += array([string(topic) + array([struct.pack(">iqi", partition, offset, MOST)])])
        answer = self.leader(topic, partition).ask(FETCH, 4, body)
        answer.take("i"), answer.take("i"), answer.string(), answer.take("i"), answer.take("i")
        error, high = answer.take("h"), answer.take("q")
        if error:
            raise KafkaError(f"{topic}/{partition}@{offset}: error {error}")
        answer.take("q"), answer.array(lambda: (answer.take("q"), answer.take("q")))
        return high, answer.bytes(answer.take("i")) or b""

    def log(self, topic, partition, start=0, end=None):
        """Every record and mark from `start` up to `end`, or the end of the log as it is now."""
        at = start
        while end is None or at < end:
            high, data = self.fetch(topic, partition, at)
            end = high if end is None else end
            before = at
            for got in records(data):
                if at <= got.offset < end:
                    yield got
                at = max(at, got.offset + 1)
            if at == before:
                return

    def create(self, topic, partitions, **properties):
        """Returns when it is led."""
        pairs = array([string(name) + string(str(value)) for name, value in properties.items()])
        asked = string(topic) + struct.pack(">ih", partitions, self.replicas) + array([]) + pairs
        answer = self.ask(CREATE_TOPICS, 2, array([asked]) + struct.pack(">ib", 20000, 0))
        answer.take("i"), answer.take("i"), answer.string()
        error = answer.take("h")
        if error:
            raise KafkaError(f"topic {topic}: error {error}: {answer.string()}")
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            try:
                if len(self.ends(topic)) == partitions:
                    return
            except KafkaError:
                pass
            time.sleep(0.01)
        raise KafkaError(f"topic {topic}: nobody leads it")

    def configure(self, topic, name, value):
        """Sets one of a topic's properties."""
        change = string(name) + struct.pack(">b", SET) + string(value)
        asked = struct.pack(">b", TOPIC) + string(topic) + array([change])
        answer = self.ask(ALTER_CONFIGS, 0, array([asked]) + b"\0")
        answer.take("i"), answer.take("i")
        error = answer.take("h")
        if error:
            raise KafkaError(f"topic {topic}: {name}: error {error}: {answer.string()}")
