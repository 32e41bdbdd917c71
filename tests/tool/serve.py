"""Runs a program many times over: forked per run by tests/fault/serve.c, so that a run costs half a
millisecond. Under a sanitizer, which bears no preloading, each run is a process of its own."""
import os
import signal
import struct
import subprocess
from collections import namedtuple

BUILD = os.environ.get("KPIPE_BUILD", "build/cc")
REPORT, ORDERS, ANSWERS = 197, 198, 199
SECONDS_MOST = 10

# status as a shell has it: 128 + n for signal n; report: what the other shim says of the run
Run = namedtuple("Run", "status out err report", defaults=[b""])


def can_preload():
    return not os.environ.get("KPIPE_SAN")


def shim(*names):
    return " ".join(f"{os.path.abspath(BUILD)}/fault/{name}.so" for name in names)


def shell_status(code):
    return 128 - code if code < 0 else code


class Plain:
    def __init__(self, argv):
        self.argv = argv

    def run(self, data):
        done = subprocess.run(self.argv, input=data, capture_output=True, timeout=SECONDS_MOST)
        return Run(shell_status(done.returncode), done.stdout, done.stderr)

    def close(self):
        pass


class Served:
    def __init__(self, argv, shims=()):
        self.files = [os.memfd_create(name) for name in ("in", "out", "err", "report")]
        orders, self.orders = os.pipe()
        self.answers, answers = os.pipe()
        places = zip([*self.files, orders, answers], [0, 1, 2, REPORT, ORDERS, ANSWERS])
        env = {"LD_PRELOAD": shim(*shims, "serve"), "FAULT_SERVE": "1", "FAULT_REPORT": str(REPORT)}
        self.pid = os.posix_spawnp(
            argv[0], argv, {**os.environ, **env}, setsigdef=[signal.SIGPIPE],
            file_actions=[(os.POSIX_SPAWN_DUP2, fd, place) for fd, place in places],
        )
        os.close(orders)
        os.close(answers)

    def run(self, data, seed=0):
        for fd in self.files:
            os.ftruncate(fd, 0)
        os.pwrite(self.files[0], data, 0)
        os.write(self.orders, struct.pack("q", seed))
        answer = os.read(self.answers, 4)
        if len(answer) != 4:
            raise RuntimeError("the fork server died")
        code = os.waitstatus_to_exitcode(struct.unpack("i", answer)[0])
        said = [os.pread(fd, os.fstat(fd).st_size, 0) for fd in self.files[1:]]
        return Run(shell_status(code), *said)

    def close(self):
        for fd in [*self.files, self.orders, self.answers]:
            os.close(fd)
        os.waitpid(self.pid, 0)


def server(argv, shims=()):
    return Served(argv, shims) if can_preload() else Plain(argv)
