"""Seiche beside hypre, PyAMG, SciPy and PyTorch on the same systems; prints the tables and writes them as Markdown.

    python compare.py FOLDER SEICHE_PEERS HYPRE_STRUCT TABLE.md

FOLDER takes the systems (0.8 GB at a time, as much for every solution) and what was measured (measurements.json); with RESUME=yes, what is
there is not measured again. Other environment: SYSTEMS, SIZES, BATCHES, HARD_SIZES, HARD_BATCHES, LAYER_SYSTEMS, LAYER_SIZES (lists with
spaces), ROUNDS, EFFORT (seconds that a program may spend on one system beyond its first run), and EXHAUSTIVE=yes, which runs slow methods
everywhere.

The plan keeps long runs few: a method whose runs last longer than LONG is not run in further rounds, where it would also repeat best, and a
layer that would take longer than LAYER_LIMIT, judged by a smaller one, is left out.

Every program is started anew in every round, one after the other, so that what else the machine does hits all alike. A cell of the
table is the fastest run of all rounds: other work only ever adds time. Every solution's residual is computed here, by NumPy.
"""

import json
import os
import pathlib
import subprocess
import sys

import numpy as np

import systems
import tables
from running import run, words, write

TOLERANCE = 1e-10
TIMEOUT = 60  # seconds that one program may take for one system and method
SLOW = 4  # a method this many times slower than the fastest peer is not run again, with a batch or with more cells
LONG = 1.0  # seconds
LAYER_LIMIT = 10.0  # seconds, forward and backward
HARD = ["jump", "islands", "land", "wind", "learned"]


class Comparison:
    def __init__(self, folder, ours, hypre, target):
        self.folder, self.ours, self.hypre = pathlib.Path(folder), ours, hypre
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rounds = int(os.environ.get("ROUNDS", "2"))
        self.effort = [os.environ.get("EFFORT", "0.25"), "15", str(TOLERANCE)]
        self.is_exhaustive = bool(os.environ.get("EXHAUSTIVE"))
        self.target = target
        self.store = self.folder / "measurements.json"
        self.measurements = json.loads(self.store.read_text()) if os.environ.get("RESUME") and self.store.exists() else []

    def has(self, kind, name="", size=None, batch=0):
        """Whether something was measured; `size` counts where it is given."""
        alike = [m for m in self.measurements if m["kind"] == kind and m["system"] == name and m["batch"] == batch]
        return any(size in (None, m["size"]) for m in alike)

    def keep(self, measurements):
        """Adds what was measured, and writes it and the tables."""
        self.measurements += measurements
        write(self.store, json.dumps(self.measurements))
        write(self.target, tables.page(self.measurements))

    def system(self, name, size, batch):
        path = self.folder / "systems"
        subprocess.run([self.ours, "write", name, str(size), str(batch), str(path)], check=True)
        return path, systems.Systems(path)

    def run(self, command, threads=2, timeout=TIMEOUT):
        """What a program says of its methods, line by line; the last line is a failure where it fails or takes too long."""
        return run(command, threads, timeout, self.folder / "compiled")

    def properties(self):
        """Lines of our own: residual factors, and the cost of a solve against cells."""
        for kind in ("convergence", "cost"):
            if self.has(kind):
                continue
            lines = subprocess.run([self.ours, kind], check=True, capture_output=True, text=True).stdout.splitlines()
            self.keep([dict(kind=kind, system="", batch=0, **json.loads(line)) for line in lines])

    def commands(self, path, symmetric, batch):
        """(library, method, command, where the solution will be) of all participants."""
        effort, output = self.effort, str(self.folder / "solution")
        yield "Seiche", "automatic", [self.ours, "solve", str(path), f"{output}.Seiche", *effort], f"{output}.Seiche"
        krylov = "pcg" if symmetric else "bicgstab"
        mpirun = ["mpirun", "--bind-to", "none", *(["--allow-run-as-root"] if os.getuid() == 0 else [])]
        for method in ["pfmg", "smg", krylov, f"{krylov}-pfmg"]:
            for ranks in (1, 2):
                command = [*mpirun, "-np", str(ranks), self.hypre, str(path), output, *effort, method]
                yield f"hypre, {ranks} rank" + "s" * (ranks > 1), method, command, f"{output}.{method}"
        python = [sys.executable, str(pathlib.Path(__file__).with_name("python_solvers.py"))]
        for method in ["pyamg-rs", "pyamg-sa", "superlu"]:
            yield method, method, [*python, str(path), output, *effort, method], f"{output}.{method}"

    def solves(self, name, size, batch, excluded):
        """Measures one system with all participants that are not excluded; excludes those that turn out slow."""
        path, given = self.system(name, size, batch)
        rows = {}
        for turn in range(self.rounds):
            for library, method, command, output in self.commands(path, given.symmetric, batch):
                key = (library, method)
                if method in excluded:
                    continue
                pathlib.Path(output).unlink(missing_ok=True)
                row = rows.setdefault(key, {"runs": [], "residual": 0.0})
                if row["runs"] and tables.fastest(row) > LONG:
                    continue
                said = self.run(command, threads=2 if batch == 1 else 1)[-1]
                if "failure" in said:
                    row["failure"] = said["failure"]
                    continue
                row["runs"] += said["runs"]
                row.update(iterations=said["iterations"], note=said["note"])
                if turn > 0:
                    continue
                y = np.fromfile(output, "<f8").reshape(given.right.shape)
                residuals = [systems.relative_residual(given.matrix(k), y[k], given.right[k]) for k in range(batch)]
                row["residual"] = max(row["residual"], *residuals) if np.isfinite(residuals).all() else float("inf")
            excluded |= self.slow_methods(rows)
        where = dict(kind="solve", system=name, size=size, batch=batch)
        self.keep([dict(**where, library=library, method=method, **row) for (library, method), row in rows.items()])
        print(tables.solve_row(self.measurements, name, size, batch), flush=True)

    def slow_methods(self, rows):
        """Methods that were too slow, on one rank and on two, or that failed on both."""
        times = {}
        if self.is_exhaustive:
            return set()
        for (library, method), row in rows.items():
            if library != "Seiche":
                time = tables.fastest(row) if row["runs"] and "failure" not in row else float("inf")
                times[method] = min(time, times.get(method, float("inf")))
        right = [tables.fastest(r) for (library, _), r in rows.items() if library != "Seiche" and tables.is_right(r)]
        return {method for method, time in times.items() if right and time > SLOW * min(right)}

    def layers(self, name, size, batch):
        path, given = self.system(name, size, batch)
        effort, output = self.effort, str(self.folder / "layer")
        script = str(pathlib.Path(__file__).with_name("torch_layer.py"))
        rows = {"Seiche": {"runs": [], "residual": 0.0}}
        for method in ["talk", "sor"] + ["cg", "cg-compiled"] * given.symmetric:
            rows[method] = {"runs": [], "residual": 0.0}
            expected = self.expected_layer_time(name, size, batch, method)
            if expected > LAYER_LIMIT and not self.is_exhaustive:
                rows[method]["failure"] = "not run: " + (f"some {expected:.0f} s" if np.isfinite(expected) else f"more than {TIMEOUT} s")
        for turn in range(self.rounds):
            wanted = [m for m, row in rows.items() if "failure" not in row and not (row["runs"] and tables.fastest(row) > LONG)]
            if "Seiche" in wanted:
                self.take("Seiche", rows, [self.ours, "layer", str(path), f"{output}.Seiche", *effort])
            peers = [m for m in wanted if m != "Seiche"]
            # All methods in one process, on one thread and on two: the faster counts.
            if peers:
                self.take("", rows, [sys.executable, script, str(path), output, *effort, *peers], timeout=TIMEOUT * len(peers))
            for method in wanted if turn == 0 else []:
                if rows[method]["runs"]:
                    rows[method]["residual"] = self.layer_residual(given, f"{output}.{method}")
                pathlib.Path(f"{output}.{method}").unlink(missing_ok=True)
        where = dict(kind="layer", system=name, size=size, batch=batch)
        self.keep([dict(**where, library=method, method=method, **row) for method, row in rows.items()])
        print(tables.layer_row(self.measurements, name, size, batch), flush=True)

    def take(self, method, rows, command, timeout=TIMEOUT):
        """Runs a program and adds what it says to the rows of its methods; a failure counts for the first that said nothing."""
        for said in self.run(command, 2, timeout):
            silent = [m for m in command if m in rows and not rows[m]["runs"]]
            row = rows[method or said.get("method") or (silent[0] if silent else command[-1])]
            if "failure" in said:
                row["failure"] = said["failure"]
            else:
                row["runs"] += said["runs"]
                row.update(iterations=said["iterations"])

    def expected_layer_time(self, name, size, batch, method):
        """From the largest smaller case of the system, by the number of cells; zero where there is none."""
        smaller = [
            (m["size"] ** 2 * m["batch"], tables.fastest(m) if m["runs"] else float("inf"))
            for m in self.measurements
            if m["kind"] == "layer" and m["system"] == name and m["method"] == method
            and m["size"] ** 2 * m["batch"] < size**2 * batch and (m["runs"] or m.get("failure", "").startswith("more than"))
        ]
        return max(smaller)[1] * size**2 * batch / max(smaller)[0] if smaller else 0.0

    @staticmethod
    def layer_residual(given, output):
        """The largest of the relative residuals of y and of z; infinite where the gradient by the matrix is not -z y^T on the stencil."""
        batch, (ny, nx) = len(given.right), given.right.shape[1:]
        fields = np.fromfile(output, "<f8").reshape(-1, ny, nx)
        y, z, by_a = fields[:batch], fields[batch : 2 * batch], fields[2 * batch :].reshape(batch, 5, ny, nx)
        largest = 0.0
        for k in range(batch):
            matrix, b = given.matrix(k), given.right[k]
            if not gradient_is_right(by_a[k], y[k], z[k]):
                return float("inf")
            forward = systems.relative_residual(matrix, y[k], b)
            backward = systems.relative_residual(systems.transpose(matrix), z[k], b[::-1, ::-1])
            largest = max(largest, *(r if np.isfinite(r) else float("inf") for r in (forward, backward)))
        return largest

    def sweeps(self):
        path, _ = self.system("c0.83", 100, 1)
        script = str(pathlib.Path(__file__).with_name("torch_layer.py"))
        for library, command in [("Seiche", [self.ours, "sweep", str(path)]), ("torch", [sys.executable, script, str(path), "sweep"])]:
            said = [line for _ in range(self.rounds) for line in self.run(command) if line.get("runs")]
            for precision in ("Float", "Double"):
                runs = [run for line in said if line["note"] == precision for run in line["runs"]]
                where = dict(kind="sweep", system="c0.83", size=100, batch=1, library=library, method=precision)
                self.keep([dict(**where, runs=runs)] if runs else [])


def gradient_is_right(by_a, y, z):
    """Whether the gradient by the coefficients is -z y(neighbour), zero where there is no neighbour."""
    limit = 1e-12 * np.abs(z).max() * np.abs(y).max()
    for part, direction in zip(by_a, systems.DIRECTIONS):
        here, there = systems.shifted(*direction)
        error = part.copy()
        error[here] += z[here] * y[there]
        if not np.abs(error).max() <= limit:
            return False
    return True


def plan():
    """(system, sizes, batches) of the solves."""
    names = words("SYSTEMS", "c0.033 c0.83 c100 depth " + " ".join(HARD))
    sizes, batches = words("SIZES", "100 256 512 1024"), words("BATCHES", "1 16")
    hard_sizes, hard_batches = words("HARD_SIZES", " ".join(sizes)), words("HARD_BATCHES", " ".join(batches))
    for name in names:
        of_name = (hard_sizes, hard_batches) if name in HARD else (sizes, batches)
        yield name, *([int(n) for n in numbers] for numbers in of_name)


def main():
    folder, ours, hypre, target = sys.argv[1:]
    comparison = Comparison(folder, ours, hypre, target)
    print(tables.SOLVE_HEADER, flush=True)
    for name, sizes, batches in plan():
        excluded = set()
        for size in sizes:
            for batch in batches:
                if comparison.has("solve", name, size, batch):
                    rows = tables.pick(comparison.measurements, "solve", name, size, batch)
                    excluded |= comparison.slow_methods({(m["library"], m["method"]): m for m in rows})
                else:
                    comparison.solves(name, size, batch, excluded)
    print("\n" + tables.LAYER_HEADER, flush=True)
    for name in words("LAYER_SYSTEMS", "c0.033 c0.83 c100"):
        for size in [int(n) for n in words("LAYER_SIZES", os.environ.get("SIZES", "100 256 512 1024"))]:
            for batch in [int(n) for n in words("BATCHES", "1 16")]:
                if not comparison.has("layer", name, size, batch):
                    comparison.layers(name, size, batch)
    if words("LAYER_SYSTEMS", "all") and not comparison.has("sweep", "c0.83", 100, 1):
        comparison.sweeps()
    comparison.properties()
    (comparison.folder / "systems").unlink(missing_ok=True)
    for path in [*comparison.folder.glob("solution.*"), *comparison.folder.glob("layer.*")]:
        path.unlink()
    print("\n" + "\n".join(tables.sweep_lines(comparison.measurements)) + f"\nwritten to {target}")


if __name__ == "__main__":
    main()
