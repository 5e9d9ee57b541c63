"""Measured training steps and forward passes as tables of Markdown."""

from tables import milliseconds

VARIANTS = ["eager", "channels-last", "compiled", "compiled-channels-last"]
# Losses of the first step agree to this, or one of the PyTorch programs does not compute what the others do.
LOSS_TOLERANCE = 1e-4

MEMORY_TITLE = "Peak memory above what the process had before the network was made, and in brackets of the whole process:"
NAMES = [f"PyTorch {variant.replace('-channels', ', channels')}" for variant in VARIANTS]
HEADER = (
    "| net | what | batch | weights | Seiche, ms | " + ", ms | ".join(NAMES) + ", ms | eager / Seiche | best / Seiche |\n"
    + "|" + "---|" * (7 + len(NAMES))
)
MEMORY_HEADER = "| net | what | batch | Seiche, MB | " + ", MB | ".join(NAMES) + ", MB |\n|" + "---|" * (4 + len(NAMES))


def best_time(row):
    return min(row["runs"]) if row and row["runs"] and "failure" not in row else None


def time_cell(row):
    if row is None:
        return "not run"
    if "failure" in row:
        return row["failure"]
    sweeps = f" ({row['sweeps']} sweeps)" if row.get("sweeps") else ""
    return milliseconds(min(row["runs"])) + sweeps


def memory_cell(row):
    """What the step takes, and in brackets the whole process."""
    if row is None or "peak" not in row:
        return time_cell(row) if row is None or "failure" in row else ""
    return f"{row['rise'] / 1e6:.0f} ({row['peak'] / 1e6:.0f})"


def named(rows):
    return {row["variant"]: row for row in rows}


def label(rows):
    first = rows[0]
    return [first["case"], first["what"], str(first["batch"])]


def row(rows):
    """One line of the table for all participants of a case."""
    by_name = named(rows)
    ours = best_time(by_name.get("Seiche"))
    peers = [t for v in VARIANTS if (t := best_time(by_name.get(v))) is not None]
    weights = next((str(r["weights"]) for r in rows if "weights" in r), "")
    eager = best_time(by_name.get("eager"))
    ratios = [f"{time / ours:.1f}" if ours and time else "" for time in (eager, min(peers, default=None))]
    cells = [time_cell(by_name.get(name)) for name in ["Seiche", *VARIANTS]]
    return "| " + " | ".join([*label(rows), weights, *cells, *ratios]) + " |"


def memory_row(rows):
    by_name = named(rows)
    return "| " + " | ".join([*label(rows), *(memory_cell(by_name.get(name)) for name in ["Seiche", *VARIANTS])]) + " |"


def disagreements(groups):
    """A line for every case in which the losses of PyTorch's variants differ."""
    lines = []
    for rows in groups:
        losses = [r["loss"] for r in rows if r["variant"] != "Seiche" and "loss" in r]
        if losses and max(losses) - min(losses) > LOSS_TOLERANCE * abs(min(losses)):
            lines.append(f"- {' '.join(label(rows))}: the variants do not compute the same, their losses are {losses}.")
    return lines


def page(measured):
    groups = {}
    for r in measured:
        groups.setdefault((r["case"], r["what"], r["batch"]), []).append(r)
    text = ["Milliseconds, the fastest of all runs; sweeps of the last forward solve in brackets.", "", HEADER]
    text += [row(rows) for rows in groups.values()]
    text += ["", MEMORY_TITLE, "", MEMORY_HEADER]
    text += [memory_row(rows) for rows in groups.values()]
    wrong = disagreements(groups.values())
    return "\n".join(text + ([""] + wrong if wrong else []) + [""])
