"""terminal.py CASE ARG...: a shell command at a real terminal, a pty of its own.

run COMMAND [TYPED]...   Each TYPED is "AWAITED>KEYS": when the terminal has shown AWAITED, KEYS are
                         typed (escapes as in Python). What was shown goes to stdout, raw; ends with
                         COMMAND's status.
clean                    Reads stdin: status 1 if anything in it could steer a terminal."""
import os
import pty
import select
import signal
import sys
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


def clean():
    text = sys.stdin.buffer.read().decode("utf-8")
    bad = {c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c < "\xa0"}
    sys.exit(f"raw control characters: {bad!r}" if bad else 0)


{"run": run, "clean": clean}[sys.argv[1]](*sys.argv[2:])
