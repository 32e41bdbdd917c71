"""Scenes of signals that ask for an end."""
import signal
import time

from scene import KGREP, KOUT, KTR, SOURCE, ends_with, goes_on, must, scene


@scene
def signals(place):
    """F06: SIGTERM, SIGHUP, SIGINT to the source, to all, twice."""
    for number, wanted in ((signal.SIGTERM, 0), (signal.SIGHUP, 0), (signal.SIGINT, 130)):
        for to_all in (False, True):
            place.new()
            line = place.begin(place.stages([]))
            must(line.acked(2), "no acks")
            line.signal(number, *(() if to_all else (SOURCE,)))
            statuses = ends_with(place, line, wanted)
            must(set(statuses) <= {0, wanted}, f"{number.name}, all {to_all}: {statuses}")
            goes_on(place)
    place.new()
    line = place.begin(place.stages([]), "kout/commit=2000@3" if place.exactly_once else "kout/ack=2000@3")
    must(line.acked(2), "no acks")
    line.signal(signal.SIGTERM, SOURCE)
    time.sleep(0.3)  # between the two: the first must have been taken
    line.signal(signal.SIGTERM, SOURCE)
    statuses = place.ended(line)
    must(statuses[-1] in (75, 143), f"twice: {statuses}")
    goes_on(place)


@scene
def not_the_source(place):
    """F07: SIGTERM to a filter or the sink alone: a clean end, or none; never a half."""
    for stage in (KGREP, KTR, KOUT):
        place.new()
        line = place.begin(place.stages([]))
        must(line.acked(2), "no acks")
        line.signal(signal.SIGTERM, stage)
        if stage != KOUT:
            line.signal(signal.SIGTERM, stage)
        line.wait(5)
        line.again = False
        if line.thread.is_alive():
            line.end()
        goes_on(place)
