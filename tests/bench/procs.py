"""Processes as /proc shows them: what a pipeline and the broker take."""
import os
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def broker_seconds():
    """CPU seconds that the broker, process PACE_BROKER, took until now; None without one."""
    pid = os.environ.get("PACE_BROKER")
    if not pid:
        return None
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def children():
    """Of each process, those that it started."""
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
                found.setdefault(parent, []).append(int(name))
            except OSError:
                pass
    return found


def family(root):
    """A process and all below it."""
    found, all_children = [root], children()
    for pid in found:
        found += all_children.get(pid, [])
    return found


def pss(root):
    """Bytes that a process and all below it have, shared ones counted by share."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            pass
    return total * 1024


def usage(root):
    """CPU seconds and wake-ups (switches of their own will) of all threads below a process."""
    seconds = switches = 0
    for pid in family(root):
        for task in os.listdir(f"/proc/{pid}/task"):
            place = f"/proc/{pid}/task/{task}"
            with open(place + "/schedstat") as stat:
                seconds += int(stat.read().split()[0]) / 1e9
            with open(place + "/status") as status:
                switches += sum(int(line.split()[1]) for line in status
                                if line.startswith("voluntary_ctxt_switches"))
    return seconds, switches


def prepare():
    """An environment where RUN is a number that no other has; in it PACE_BEFORE was run."""
    environment = dict(os.environ, RUN=str(time.time_ns() // 1000000))
    environment.pop("PACE_START", None)
    if environment.get("PACE_BEFORE"):
        subprocess.run(["sh", "-c", environment["PACE_BEFORE"]], check=True, env=environment)
    return environment


def begin(command, environment, **more):
    """A shell command in a process group of its own."""
    return subprocess.Popen(["sh", "-c", command], env=environment, start_new_session=True, **more)


def end(shell, sign=signal.SIGKILL):
    """Ends all of it."""
    try:
        os.killpg(shell.pid, sign)
    except ProcessLookupError:
        pass
    shell.wait()
