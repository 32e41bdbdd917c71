"""live.py PIPELINE [SEND WANT]...: a shell pipeline that must answer while its input stays open.

Each SEND is written to it, then exactly WANT must come out (escapes as in a Python string); then
the input ends, and the pipeline must end with nothing more and status 0. There is a deadline and no
other clock."""
import os
import select
import subprocess
import sys

SECONDS_MOST = 20


def read(fd, size):
    ready, _, _ = select.select([fd], [], [], SECONDS_MOST)
    if not ready:
        sys.exit(f"nothing more came in {SECONDS_MOST} s")
    return os.read(fd, size)


def want(fd, text):
    got = b""
    while len(got) < len(text) and (more := read(fd, len(text) - len(got))):
        got += more
    if got != text:
        sys.exit(f"want {text!r}\ngot  {got!r}")


def literal(word):
    return word.encode().decode("unicode_escape").encode("latin-1")


line = subprocess.Popen(["sh", "-c", sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
steps = [literal(word) for word in sys.argv[2:]]
for send, answer in zip(steps[::2], steps[1::2]):
    os.write(line.stdin.fileno(), send)
    want(line.stdout.fileno(), answer)
line.stdin.close()
if rest := read(line.stdout.fileno(), 1000):
    sys.exit(f"too much: {rest!r}")
sys.exit(line.wait(SECONDS_MOST))
