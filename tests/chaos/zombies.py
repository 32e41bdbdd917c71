"""Scenes of stages that are too late: they sleep while others go on, or hold a transaction open for
longer than it may be."""
import signal
import time

from scene import KOUT, KTR, SOURCE, STOP_MS, ends_with, goes_on, must, scene


@scene
def zombie_pipeline(place):
    """F09: a whole pipeline sleeps in the midst of a commit; its successor has its ids; it wakes."""
    for point in ("begin-done", "prepare", "offsets-done", "commit"):
        place.new()
        line = place.begin(points=f"kout/{point}=stop@3")
        must(line.hit(f"kout/{point}"), f"{point}: never reached")
        line.signal(signal.SIGSTOP)
        wrong = place.finish()
        must(not wrong, f"{point}: the successor: {wrong}")
        line.signal(signal.SIGCONT)
        ends_with(place, line, 75, 78)
        wrong = place.judged()
        must(not wrong, f"{point}: after it woke: {wrong}")


@scene
def zombie_source(place):
    """F10: a source sleeps with its GRANT in hand; another pipeline goes on; the grant is late."""
    place.new()
    line = place.begin(place.stages(instance="first"), "kcat-in/grant=stop@3")
    must(line.hit("kcat-in/grant"), "never reached")
    wrong = place.run_through()
    must(not wrong, f"the successor: {wrong}")
    line.signal(signal.SIGCONT)
    ends_with(place, line, 75)
    wrong = place.judged()
    must(not wrong, f"after it woke: {wrong}")


@scene
def lost_in_transaction(place):
    """The source is expelled while its records are in an open transaction."""
    place.new()
    line = place.begin(points="kcat-in/grant=stop@3")
    must(line.hit("kcat-in/grant"), "never reached")
    time.sleep(STOP_MS / 1000)
    line.signal(signal.SIGCONT, SOURCE)
    ends_with(place, line, 75)
    goes_on(place)


@scene
def twins(place):
    """F11: two with the same ids at once: one lives, the other says why."""
    for _ in range(3):
        place.new()
        lines = [place.begin() for _ in range(2)]
        statuses = [place.ended(line) for line in lines]
        must(any(each[-1] == 0 for each in statuses), f"nobody lived: {statuses}")
        must(all(each[-1] in (0, 69, 75, 78) for each in statuses), f"statuses {statuses}")
        goes_on(place)


@scene
def transaction_timeout(place):
    """F33: a transaction is open for longer than it may: never success."""
    for point in ("prepare", "offsets", "commit"):
        place.new()
        stages = place.stages(at_end=["-X", "transaction.timeout.ms=1000"])
        line = place.begin(stages, f"kout/{point}=4000@3")
        statuses = ends_with(place, line, 75)
        must(place.reached, f"{point}: never reached: {statuses}")
        goes_on(place)


@scene
def sleep(place):
    """F08: a stage is stopped, for less and for more than a session."""
    for stage in (SOURCE, KTR, KOUT):
        for ms in (300, STOP_MS):
            place.new()
            line = place.begin()
            line.acked(2)
            line.signal(signal.SIGSTOP, stage)
            time.sleep(ms / 1000)
            line.signal(signal.SIGCONT, stage)
            ends_with(place, line, 0, 75)
            goes_on(place)
