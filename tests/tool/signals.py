"""signals.py CASE ARG...: processes that are hit by a signal, or lose their reader, at a moment
that is known: every wait here is for something seen, with a deadline."""
import fcntl
import os
import select
import signal
import subprocess
import sys
import time

import records
from serve import shell_status

SECONDS_MOST = 20
DEFAULT = (signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM)
PIPE_SIZE = 262144  # what the tools make of theirs


def until(true, what):
    end = time.monotonic() + SECONDS_MOST
    while not (seen := true()):
        if time.monotonic() > end:
            sys.exit(f"waited {SECONDS_MOST} s for {what}")
        time.sleep(0.002)
    return seen


def read(fd, text):
    got = b""
    while got != text:
        ready, _, _ = select.select([fd], [], [], SECONDS_MOST)
        more = os.read(fd, len(text) - len(got)) if ready else b""
        if not more:
            sys.exit(f"want {text!r}, got {got!r}")
        got += more


def default_signals():
    for number in DEFAULT:
        signal.signal(number, signal.SIG_DFL)


def start(argv, **files):
    return subprocess.Popen(argv, preexec_fn=default_signals, **files)


def status_of(process):
    try:
        return shell_status(process.wait(SECONDS_MOST))
    except subprocess.TimeoutExpired:
        process.kill()
        sys.exit(f"{process.args} did not end")


def proc(pid, name):
    try:
        with open(f"/proc/{pid}/{name}", encoding="latin-1") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):  # it has ended
        return ""


def state(pid):
    return proc(pid, "stat").rpartition(")")[2][1:2]


def child_of(parent, name):
    """The pid of the parent's child that runs the program `name`."""

    def found():
        for pid in filter(str.isdigit, os.listdir("/proc")):
            head, _, rest = proc(pid, "stat").rpartition(")")
            if head.endswith(f"({name}") and rest.split()[1] == str(parent):
                return int(pid)

    return until(found, f"a process {name}")


def hit(shell, signal_name, stage, line, survives=""):
    """LINE under SHELL, its input open: when "a" has gone in and "b" come out, STAGE gets the
    signal. Ends with the status of the line."""
    process = start([shell, "-c", line], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    os.write(process.stdin.fileno(), b"a\n")
    read(process.stdout.fileno(), b"b\n")
    os.kill(child_of(process.pid, stage), signal.Signals["SIG" + signal_name])
    if survives:
        os.write(process.stdin.fileno(), b"a\n")
        read(process.stdout.fileno(), b"b\n")
        process.stdin.close()
    sys.exit(status_of(process))


def full_pipe(room):
    """A pipe that takes `room` more bytes, in its last page. Returns both its ends."""
    ends = os.pipe()
    fcntl.fcntl(ends[1], fcntl.F_SETPIPE_SZ, PIPE_SIZE)
    os.set_blocking(ends[1], False)
    try:
        while True:
            os.write(ends[1], bytes(4096))
    except BlockingIOError:
        os.read(ends[0], 4096)
        os.write(ends[1], bytes(4096 - room))
        os.set_blocking(ends[1], True)
    return ends


def blocked(argv, data):
    """A process that has read all of `data` and waits for room in its output. And the output, which
    took a filter's magic, that is written before anything is read."""
    out, into = full_pipe(0 if argv[0] == "kout" else len(records.MAGIC))
    file = os.memfd_create("in")
    os.pwrite(file, data, 0)
    process = start(argv, stdin=file, stdout=into)
    os.close(into)
    here = f"pos:\t{len(data)}\n"
    until(lambda: here in proc(process.pid, f"fdinfo/0") and state(process.pid) == "S", "the write")
    return process, out


def has_handler(process, number):
    mask = 1 << number - 1
    caught = next(w for w in proc(process.pid, "status").splitlines() if w.startswith("SigCgt"))
    return int(caught.split()[1], 16) & mask


def handled(process, number):
    """The handler has run: the signal is not pending any more."""
    words = proc(process.pid, "status").splitlines()
    masks = [int(w.split()[1], 16) for w in words if w.startswith(("SigPnd", "ShdPnd"))]
    return not any(mask & 1 << number - 1 for mask in masks)


def twice(signal_name, *argv):
    """The first signal is noted by a process that waits to write, the second kills it."""
    number = signal.Signals["SIG" + signal_name]
    process, _ = blocked(argv, records.sample())
    process.send_signal(number)
    until(lambda: handled(process, number), "the handler")
    if process.poll() is not None:
        sys.exit("the first signal killed it")
    time.sleep(0.15)  # within 0.1 s it would be the same one
    process.send_signal(number)
    sys.exit(status_of(process))


def doubled(signal_name, *argv):
    """Two in a row, as timeout(1) sends them, are one: the process goes on to its end."""
    number = signal.Signals["SIG" + signal_name]
    process, out = blocked(argv, records.sample())
    for _ in range(2):
        process.send_signal(number)
        until(lambda: handled(process, number), "the handler")
    if process.poll() is not None:
        sys.exit("the second signal killed it")
    while os.read(out, PIPE_SIZE):
        pass
    sys.exit(status_of(process))


def late(signal_name, *argv):
    """A signal that comes when all is read, even END, and only the last write waits."""
    number = signal.Signals["SIG" + signal_name]
    process, out = blocked(argv, records.sample())
    process.send_signal(number)
    until(lambda: handled(process, number), "the handler")
    while os.read(out, PIPE_SIZE):
        pass
    sys.exit(status_of(process))


def asleep(signal_name, *argv):
    """A process that has nothing to read yet, and nothing to write, is hit."""
    number = signal.Signals["SIG" + signal_name]
    file = os.memfd_create("in")
    os.pwrite(file, records.sample(), 0)  # kout opens its FILE when it knows what comes
    process = start(argv, stdin=file, stdout=subprocess.DEVNULL)
    until(lambda: has_handler(process, number) and state(process.pid) == "S", "its sleep")
    process.send_signal(number)
    sys.exit(status_of(process))


def gone(*argv):
    """The reader leaves while the stream is quiet."""
    process = start(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    begun = records.sample()[:-112]
    os.write(process.stdin.fileno(), b"text\n" if argv[0] == "kcat-in" else begun)
    until(lambda: state(process.pid) == "S", "the quiet")
    if not os.read(process.stdout.fileno(), 9999):
        sys.exit("nothing was written before")
    process.stdout.close()
    sys.exit(status_of(process))


{f.__name__: f for f in (hit, twice, doubled, late, asleep, gone)}[sys.argv[1]](*sys.argv[2:])
