"""Does kproxy do to frames what it is told? A server that answers each request with its number and
body stands in for the broker. TAP."""
import os
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 10
SOON = 0.3  # what is held does not come in this time


def frame(key, number, body=b"", version=0, client="test"):
    data = struct.pack(">hhih", key, version, number, len(client)) + client.encode() + body
    return struct.pack(">i", len(data)) + data


def read_frame(file):
    size = file.read(4)
    return file.read(struct.unpack(">i", size)[0]) if len(size) == 4 else None


class Echo(socketserver.StreamRequestHandler):
    """Notes each request's number; answers with number and body."""

    got, news = [], threading.Condition()

    def handle(self):
        while data := read_frame(self.rfile):
            number, size = struct.unpack_from(">ih", data, 4)
            with self.news:
                self.got.append(number)
                self.news.notify_all()
            answer = struct.pack(">i", number) + data[10 + size :]
            self.wfile.write(struct.pack(">i", len(answer)) + answer)

    @classmethod
    def has(cls, number, seconds=SECONDS):
        with cls.news:
            return cls.news.wait_for(lambda: number in cls.got, seconds)


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), SECONDS)
        self.file = self.socket.makefile("rb")

    def ask(self, *words, **more):
        self.socket.sendall(frame(*words, **more))

    def answer(self, seconds=SECONDS):
        """Its number and body; "": the end; None: nothing in that time."""
        self.socket.settimeout(seconds)
        try:
            data = read_frame(self.file)
        except TimeoutError:
            self.file = self.socket.makefile("rb")
            return None
        return "" if data is None else (struct.unpack(">i", data[:4])[0], data[4:])

    def close(self):
        self.file.close()
        self.socket.close()


class Bench:
    def __init__(self, folder):
        self.path = f"{folder}/order"
        self.broker = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo)
        self.broker.daemon_threads = True
        threading.Thread(target=self.broker.serve_forever, daemon=True).start()
        self.process = subprocess.Popen(
            [f"{HERE}/kproxy", "serve", self.path], stdout=subprocess.PIPE, text=True
        )
        self.port = int(self.process.stdout.readline().rpartition(":")[2])
        self.order("target", "127.0.0.1:%d" % self.broker.server_address[1])

    def order(self, *words):
        with socket.socket(socket.AF_UNIX) as end:
            end.connect(self.path)
            end.sendall("\0".join(words).encode())
            end.shutdown(socket.SHUT_WR)
            return end.makefile().read()

    def command(self, *words):
        done = subprocess.run([f"{HERE}/kproxy", self.path, *words], capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def client(self):
        return Client(self.port)

    def close(self):
        self.order("end")
        self.process.wait(SECONDS)
        self.broker.shutdown()


def passes(bench):
    client = bench.client()
    client.ask(3, 1, b"one")
    client.ask(3, 2, b"two", client="other")
    assert (client.answer(), client.answer()) == ((1, b"one"), (2, b"two"))
    assert bench.order("seen", "3") == "2"
    assert bench.order("seen", "3", "client=oth") == "1"
    client.close()


def holds_a_request(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "request", "hold")
    client.ask(26, 11)
    client.ask(3, 12)
    assert bench.order("wait", "r", "1") == "" and bench.order("hits", "r") == "1"
    assert client.answer(SOON) is None and 11 not in Echo.got
    bench.order("release", "r")
    assert (client.answer(), client.answer()) == ((11, b""), (12, b""))
    client.close()


def holds_an_answer(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "answer", "hold")
    client.ask(26, 21)
    assert Echo.has(21) and client.answer(SOON) is None
    bench.order("release", "r")
    assert client.answer() == (21, b"")
    client.close()


def passes_on_what_it_held_for_one_that_left(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "request", "hold", "times=1")
    client.ask(26, 31)
    bench.order("wait", "r", "1")
    client.close()
    other = bench.client()
    other.ask(26, 32)
    assert other.answer() == (32, b"") and 31 not in Echo.got
    bench.order("release", "r")
    assert Echo.has(31)
    other.close()


def holds_for_a_time(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "request", "hold", "ms=200")
    client.ask(26, 41)
    assert client.answer() == (41, b"")
    client.close()


def drops_an_answer(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "answer", "drop", "skip=1", "times=1")
    for number in (51, 52, 53):
        client.ask(26, number)
    assert (client.answer(), client.answer()) == ((51, b""), (53, b"")) and Echo.has(52)
    client.close()


def drops_a_request(bench):
    client = bench.client()
    bench.order("rule", "r", "any", "request", "drop", "client=mute")
    client.ask(26, 61, client="mute")
    client.ask(26, 62)
    assert client.answer() == (62, b"") and 61 not in Echo.got
    client.close()


def cuts(bench):
    client = bench.client()
    bench.order("rule", "r", "26", "answer", "cut")
    client.ask(26, 71)
    assert client.answer() == "" and Echo.has(71)
    client.close()
    client = bench.client()
    bench.order("rule", "r", "26", "request", "cut")
    client.ask(26, 72)
    assert client.answer() == "" and 72 not in Echo.got
    client.close()


def cuts_all_and_refuses(bench):
    client = bench.client()
    client.ask(3, 81)
    assert client.answer() == (81, b"")
    bench.order("refuse", "on")
    bench.order("cut")
    assert client.answer() == ""
    client.close()
    client = bench.client()
    assert client.answer() == ""
    client.close()
    bench.order("refuse", "off")
    passes_again = bench.client()
    passes_again.ask(3, 82)
    assert passes_again.answer() == (82, b"")
    passes_again.close()


def trickles(bench):
    client = bench.client()
    bench.order("rule", "r", "1", "answer", "trickle", "ms=1")
    client.ask(1, 91, b"x" * 100)
    assert client.answer() == (91, b"x" * 100)
    client.close()


def rewrites_offsets(bench):
    """The answers as the protocol has them, for one topic with two partitions."""
    client = bench.client()
    for word, error in (("none", 0), ("unstable", 88)):
        bench.order("rule", "r", "9", "answer", word)
        for version in (1, 2, 5, 7, 8):
            client.ask(9, 95, offsets(version, 77, 0), version=version)
            assert client.answer() == (95, offsets(version, -1, error)), (word, version)
    client.close()


def offsets(version, offset, error):
    compact, tags = version >= 6, b"\0" if version >= 6 else b""

    def string(text):
        return (bytes([len(text) + 1]) if compact else struct.pack(">h", len(text))) + text

    def array(items):
        size = bytes([len(items) + 1]) if compact else struct.pack(">i", len(items))
        return size + b"".join(items)

    epoch = struct.pack(">i", 5) if version >= 5 else b""
    rows = [
        struct.pack(">iq", i, offset) + epoch + string(b"meta") + struct.pack(">h", error) + tags
        for i in range(2)
    ]
    topics = array([string(b"topic") + array(rows) + tags])
    code = struct.pack(">h", 0) if version >= 2 else b""
    head = tags + (struct.pack(">i", 0) if version >= 3 else b"")
    if version >= 8:
        return head + array([string(b"group") + topics + code + tags]) + tags
    return head + topics + code + tags


def answers_nonsense(bench):
    status, said = bench.command("rule", "r", "1", "answer", "explode")
    assert status == 1 and "no action explode" in said
    assert bench.command("hits", "nobody") == (1, "kproxy: hits nobody: 'nobody'\n")
    assert bench.order("dance").startswith("!dance")
    assert bench.command("seen", "99") == (0, "0\n")


CASES = [
    passes, holds_a_request, holds_an_answer, passes_on_what_it_held_for_one_that_left,
    holds_for_a_time, drops_an_answer, drops_a_request, cuts, cuts_all_and_refuses, trickles,
    rewrites_offsets, answers_nonsense,
]


def main():
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(folder)
        for number, case in enumerate(CASES, 1):
            try:
                case(bench)
                print("ok", number, case.__name__)
            except (AssertionError, OSError) as error:
                failed += 1
                print(f"not ok {number} {case.__name__}: {error!r}")
            bench.order("release", "r")
        bench.close()
    print(f"1..{len(CASES)}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
