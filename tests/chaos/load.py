"""load.py BROKERS TOPIC [--seed N] [--partitions N] [--rate N] [--count N]: records whose
every byte follows from the seed, the partition and the number in it, RATE a second in all (0: as
fast as it goes), until SIGTERM or COUNT. kcat puts them. Says how many, by partition, when all are
in the topic."""
import argparse
import hashlib
import signal
import subprocess
import sys
import time

KEYS = 50
WORDS = ["ksql", "stream", "table", "pipe"]
TURN = 0.02  # seconds
SETTINGS = [
    "enable.idempotence=true", "message.timeout.ms=120000", "queue.buffering.max.ms=5",
    "log_level=3",
]


def record(seed, partition, number):
    """(key, value); a value names its place, and about half of them have "ksql" in them. A key is of
    one partition only."""
    dice = hashlib.blake2b(b"%d %d %d" % (seed, partition, number), digest_size=16).digest()
    words = WORDS[dice[0] % 2 * (1 + dice[1] % 3)], dice[2:].hex()
    return "k%d.%d" % (partition, dice[1] % KEYS), "p%d n%d %s %s" % (partition, number, *words)


def line(seed, partition, number):
    return ("%s\t%s\n" % record(seed, partition, number)).encode()


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("brokers")
    parser.add_argument("topic")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--rate", type=int, default=2000)
    parser.add_argument("--count", type=int, default=0)
    return parser.parse_args()


def put_into(brokers, topic, partition):
    words = ["kcat", "-P", "-b", brokers, "-t", topic, "-p", str(partition), "-K", "\t"]
    for setting in SETTINGS:
        words += ["-X", setting]
    if "," in brokers:
        words.append("-E")  # goes on where kcat takes all for gone
    return subprocess.Popen(words, stdin=subprocess.PIPE, start_new_session=True)


def main():
    load, ending = options(), []
    signal.signal(signal.SIGTERM, lambda *_: ending.append(True))
    ends = [put_into(load.brokers, load.topic, i) for i in range(load.partitions)]
    counts, start = [0] * load.partitions, time.monotonic()
    while not ending and (not load.count or sum(counts) < load.count):
        due = load.rate * (time.monotonic() - start) if load.rate else sum(counts) + 10000
        due = min(due, load.count) if load.count else due
        while sum(counts) < due:
            partition = sum(counts) % load.partitions
            ends[partition].stdin.write(line(load.seed, partition, counts[partition]))
            counts[partition] += 1
        for end in ends:
            end.stdin.flush()
        if load.rate:
            time.sleep(TURN)
    for end in ends:
        end.stdin.close()
    if any(end.wait() for end in ends):
        sys.exit("load: kcat could not put all")
    print(*counts)


if __name__ == "__main__":
    main()
