"""What pace wrote, read back: for table and picture."""
import statistics


def rows(raw):
    """By label, in the order of first appearance, the figures of its runs."""
    found = {}
    with open(raw) as lines:
        for line in lines:
            if line.startswith("#"):
                continue
            label, number, *figures = line.rstrip("\n").split("\t")
            figures = [None if figure == "-" else float(figure) for figure in figures]
            found.setdefault(label, {})[int(number)] = figures
    return found


def middle(runs, column):
    """The median of a column over the timed rounds."""
    values = [figures[column] for number, figures in runs.items() if number > 0]
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def summary(runs):
    """Of a label's runs the medians by name, and the spread of the wall time."""
    records, wall, cpu, broker = (middle(runs, column) for column in range(4))
    peak, start = runs.get(0, [None] * 5)[4], middle(runs, 5)
    walls = [figures[1] for number, figures in runs.items() if number > 0]
    rate = records / (wall - (start or 0)) if records else None
    return {"wall": wall, "spread": (min(walls), max(walls)), "rate": rate, "start": start,
            "cpu": cpu, "broker": broker, "peak": peak, "rounds": len(walls)}
