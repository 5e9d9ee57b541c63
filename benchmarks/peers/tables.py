"""What was measured, as tables of Markdown."""

import statistics

LIMIT = 1.01e-10  # largest relative residual of a right answer
MEAN_LIMIT = 2e-10  # the talk's tolerance holds for the mean of a batch: one sample may be above it


def fastest(row, what=1):
    return min(run[what] for run in row["runs"])


def is_right(row):
    return bool(row["runs"]) and row["residual"] <= (MEAN_LIMIT if row.get("method") == "talk" else LIMIT)


def milliseconds(seconds):
    value = 1e3 * seconds
    return f"{value:.2f}" if value < 1 else f"{value:.1f}" if value < 100 else f"{value:.0f}"


def pick(measurements, kind, system, size, batch):
    return [m for m in measurements if (m["kind"], m["system"], m["size"], m["batch"]) == (kind, system, size, batch)]


def cell(rows):
    """The fastest right answer of some methods: milliseconds (iterations, how), preparation included; or what became of them."""
    right = [r for r in rows if is_right(r)]
    if right:
        best = min(right, key=fastest)
        ranks = ", 2 ranks" if best["library"] == "hypre, 2 ranks" else ""
        return f"{milliseconds(fastest(best))} ({best['iterations']}{ranks})"
    if not rows:
        return "not run"
    for row in rows:
        if "failure" in row:
            return row["failure"]
    return f"wrong: residual {min(r['residual'] for r in rows):.0e}"


SOLVE_COLUMNS = ["PFMG", "SMG", "Krylov, diagonal", "Krylov, PFMG", "PyAMG", "SuperLU"]
SOLVE_HEADER = (
    "| system | cells | batch | Seiche: method | its | preparation, ms | all, ms | "
    + " | ".join(SOLVE_COLUMNS)
    + " | best peer / Seiche |\n"
    + "|" + "---|" * (8 + len(SOLVE_COLUMNS))
)


def column(row):
    method = row["method"]
    if method in ("pfmg", "smg"):
        return method.upper()
    if method.endswith("-pfmg"):
        return "Krylov, PFMG"
    if method.startswith("pyamg"):
        return "PyAMG"
    return "SuperLU" if method == "superlu" else "Krylov, diagonal"


def method_name(note):
    """The method of a solution, and how many were tried."""
    attempts = note.split("; then ")
    short = attempts[-1].replace("conjugate gradients", "CG").replace(" preconditioning", "").replace("Gauss-Seidel", "GS")
    return short + (f", attempt {len(attempts)}" if len(attempts) > 1 else "")


def solve_row(measurements, system, size, batch):
    ours, best = contest(measurements, (system, size, batch))
    peers = [r for r in pick(measurements, "solve", system, size, batch) if r is not ours]
    cells = [cell([r for r in peers if column(r) == name]) for name in SOLVE_COLUMNS]
    if ours and is_right(ours):
        preparation = milliseconds(fastest(ours, 0)) if batch == 1 else ""
        mine = [method_name(ours["note"]), str(ours["iterations"]), preparation, milliseconds(fastest(ours))]
        ratio = f"{fastest(best) / fastest(ours):.2f}" if best else "none solved it"
    else:
        mine, ratio = [cell([ours] if ours else []), "", "", ""], "0"
    return f"| {system} | {size}^2 | {batch} | " + " | ".join(mine + cells + [ratio]) + " |"


LAYER_HEADER = (
    "| system | cells | batch | Seiche, forward | all, ms | PyTorch as in the talk | over-relaxed | conjugate gradients | "
    + "compiled | talk / Seiche | best / Seiche |\n"
    + "|" + "---|" * 11
)


def layer_row(measurements, system, size, batch):
    rows = {r["method"]: r for r in pick(measurements, "layer", system, size, batch)}
    methods = ("talk", "sor", "cg", "cg-compiled")
    ours, peers = rows["Seiche"], [rows[m] for m in methods if m in rows]
    cells = [cell([rows[m]]) if m in rows else "symmetric only" for m in methods]
    right = [fastest(r) for r in peers if is_right(r)]
    if not is_right(ours):
        return f"| {system} | {size}^2 | {batch} | | {cell([ours])} | " + " | ".join(cells) + " | 0 | 0 |"
    ratios = [
        f"{fastest(rows['talk']) / fastest(ours):.1f}" if is_right(rows["talk"]) else "",
        f"{min(right) / fastest(ours):.1f}" if right else "",
    ]
    mine = [milliseconds(fastest(ours, 0)), milliseconds(fastest(ours))]
    return f"| {system} | {size}^2 | {batch} | " + " | ".join(mine + cells + ratios) + " |"


def sweep_lines(measurements):
    lines = []
    for precision in ("Float", "Double"):
        rows = {m["library"]: m for m in measurements if m["kind"] == "sweep" and m["method"] == precision and m["runs"]}
        if len(rows) < 2:
            continue
        ours, torch = fastest(rows["Seiche"]), fastest(rows["torch"])
        lines.append(
            f"One red-black sweep of 100^2 cells in {precision}: Seiche {1e6 * ours:.0f} us on one core, PyTorch's strided indexing "
            f"{1e6 * torch:.0f} us on one thread or two, {torch / ours:.1f} times as much.")
    return lines


def property_tables(measurements):
    factors = [m for m in measurements if m["kind"] == "convergence"]
    costs = [m for m in measurements if m["kind"] == "cost"]
    if not costs:
        return []
    text = ["| problem | cells | residual factor of V(1,1) | cycles of multigrid-CG to 1e-10 |", "|---|---|---|---|"]
    for m in factors:
        cycles = m["cycles"] if m["converged"] else "not converged"
        text.append(f"| {m['problem']} | {m['size']}^2 | {m['factor']:.3f} | {cycles} |")
    text += ["", "| I - 100 lap | iterations | all, ms | ns a cell |", "|---|---|---|---|"]
    for m in costs:
        text.append(f"| {m['size']}^2 | {m['iterations']} | {milliseconds(m['seconds'])} | {1e9 * m['seconds'] / m['size'] ** 2:.0f} |")
    return text


def solved(measurements):
    """(system, size, batch) of all solves, in the order of the systems' first appearance."""
    found = {(m["system"], m["size"], m["batch"]): None for m in measurements if m["kind"] == "solve"}
    names = list(dict.fromkeys(key[0] for key in found))
    return sorted(found, key=lambda key: (names.index(key[0]), key[1:]))


def losses(measurements):
    """A sentence for every kind of system in which a peer is faster, and for every wrong answer of ours."""
    lines = {}
    for key in solved(measurements):
        ours, best = contest(measurements, key)
        if not best:
            continue
        name, size, batch = key
        where = f"{size}^2" + (f" x {batch}" if batch > 1 else "")
        if not is_right(ours):
            lines.setdefault(name, []).append(f"{where} fails, {best['method']} solves it")
        elif fastest(best) < fastest(ours):
            lines.setdefault(name, []).append(f"{where} {fastest(ours) / fastest(best):.1f} times slower than {best['method']}")
    return [f"- {name}: " + "; ".join(parts) + "." for name, parts in lines.items()]


def contest(measurements, key):
    """Our row of a solve, and the best of the peers that are right; either may be None."""
    rows = pick(measurements, "solve", *key)
    ours = next((r for r in rows if r["library"] == "Seiche"), None)
    return ours, min((r for r in rows if r is not ours and is_right(r)), key=fastest, default=None)


def page(measurements):
    solves = [solve_row(measurements, *key) for key in solved(measurements)]
    contests = [contest(measurements, key) for key in solved(measurements)]
    ratios = [fastest(best) / fastest(ours) if is_right(ours) else 0.0 for ours, best in contests if best]
    layers = sorted({(m["system"], m["size"], m["batch"]) for m in measurements if m["kind"] == "layer"})
    text = ["Milliseconds, preparation included, and iterations in brackets; the fastest of all runs.", "", SOLVE_HEADER, *solves, ""]
    if ratios:
        twice, even = sum(r >= 2 for r in ratios), sum(r >= 1 for r in ratios)
        text += [
            f"Of {len(ratios)} rows Seiche is at least twice as fast as the best peer in {twice} and at least as fast in {even}; "
            f"the median ratio is {statistics.median(ratios):.2f}.", ""]
    lost = losses(measurements)
    if lost:
        text += ["Where Seiche loses:", "", *lost, ""]
    if layers:
        text += ["The layer, forward and backward:", "", LAYER_HEADER, *(layer_row(measurements, *key) for key in layers), ""]
    return "\n".join(text + [*sweep_lines(measurements), "", *property_tables(measurements), ""])
