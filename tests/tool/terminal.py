"""terminal.py CASE ARG...: a shell command at a real terminal, a pty of its own.

run COMMAND [TYPED]...   Each TYPED is "AWAITED>KEYS": when the terminal has shown AWAITED, KEYS are
                         typed (escapes as in Python). What was shown goes to stdout, raw; ends with
                         COMMAND's status.
screen                   Reads what was shown; prints what is to be seen in the end, newline, return and
                         "clear to the end of the line" done, colours kept.
clean                    Reads stdin: status 1 if anything in it could steer a terminal."""
import os
import pty
import re
import select
import signal
import sys
import unicodedata
import termios

SECONDS_MOST = 20


def raw_output(fd):
    mode = termios.tcgetattr(fd)
    mode[1] &= ~termios.OPOST
    mode[3] &= ~termios.ECHO
    termios.tcsetattr(fd, termios.TCSANOW, mode)


def child(command):
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    raw_output(0)
    os.execvp("sh", ["sh", "-c", "exec " + command])


def show(fd):
    """What the terminal shows next; b"" at its end."""
    ready, _, _ = select.select([fd], [], [], SECONDS_MOST)
    if not ready:
        return None
    try:
        return os.read(fd, 65536)
    except OSError:  # EIO: nobody has the terminal open any more
        return b""


def literal(word):
    return word.encode().decode("unicode_escape").encode("latin-1")


def run(command, *typed):
    pid, fd = pty.fork()
    if pid == 0:
        child(command)
    shown, seen, steps = b"", 0, [literal(word).split(b">", 1) for word in typed]
    while more := show(fd):
        shown += more
        while steps and (at := shown.find(steps[0][0], seen)) >= 0:
            seen = at + len(steps[0][0])
            os.write(fd, steps.pop(0)[1])
    sys.stdout.buffer.write(shown)
    sys.stdout.flush()
    if more is None:
        os.kill(pid, signal.SIGKILL)
        sys.exit(f"nothing more was shown in {SECONDS_MOST} s")
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    sys.exit(128 - code if code < 0 else code)


def screen():
    text = sys.stdin.buffer.read().decode("utf-8")
    for line in re.sub(r"\n$", "", text).split("\n"):
        seen = ""
        for piece in line.split("\r"):
            clears = piece.startswith("\33[K")
            piece = piece.removeprefix("\33[K")
            seen = piece if clears else piece + seen[len(piece):]
        print(seen)


def clean():
    text = sys.stdin.buffer.read().decode("utf-8")
    unseen = ("Cc", "Cf", "Zl", "Zp")
    bad = {c for c in text if c not in "\n\t" and unicodedata.category(c) in unseen}
    sys.exit(f"raw control characters: {ascii(bad)}" if bad else 0)


{"run": run, "screen": screen, "clean": clean}[sys.argv[1]](*sys.argv[2:])
