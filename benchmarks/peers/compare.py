"""Seiche beside hypre, PyAMG, SciPy and PyTorch on the same systems; prints the tables and writes them as Markdown.

    python compare.py FOLDER SEICHE_PEERS HYPRE_STRUCT TABLE.md

FOLDER takes the systems (1 GB at a time) and what was measured (measurements.json); with RESUME=yes, what is there is not measured again.
Other environment: SYSTEMS, SIZES, BATCHES, LAYER_SYSTEMS, LAYER_SIZES (lists with spaces), ROUNDS, EFFORT (seconds that a program
may spend on one system beyond its first run), and EXHAUSTIVE=yes, which runs slow methods everywhere.

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

TOLERANCE = 1e-10
TIMEOUT = 60  # seconds that one program may take for one system and method
SLOW = 4  # a method this many times slower than the fastest peer is not run again, with a batch or with more cells


def words(name, default):
    return os.environ.get(name, default).split()


class Comparison:
    def __init__(self, folder, ours, hypre, target):
        self.folder, self.ours, self.hypre = pathlib.Path(folder), ours, hypre
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rounds = int(os.environ.get("ROUNDS", "3"))
        self.effort = [os.environ.get("EFFORT", "0.5"), "15", str(TOLERANCE)]
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

    def run(self, command, threads=2):
        """What a program says of its method; nothing where it fails or takes too long."""
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads), OPENBLAS_NUM_THREADS=str(threads), MKL_NUM_THREADS=str(threads))
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT)
        except subprocess.TimeoutExpired:
            return {"failure": f"more than {TIMEOUT} s"}
        if done.returncode != 0:
            print(done.stderr[-2000:], file=sys.stderr)
            return {"failure": "failed"}
        return json.loads(done.stdout)

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
                said = self.run(command, threads=2 if batch == 1 else 1)
                row = rows.setdefault(key, {"runs": [], "residual": 0.0})
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
        participants = {"Seiche": [self.ours, "layer", str(path), f"{output}.Seiche", *effort]}
        for method in ["talk", "sor"] + ["cg"] * given.symmetric:
            participants[method] = [sys.executable, script, str(path), output, *effort, method]
        rows = {}
        for turn in range(self.rounds):
            # PyTorch may be faster on one thread than on two where tensors are small or the machine is busy: the faster counts.
            for method, threads in [(m, t) for m in participants for t in ((2,) if m == "Seiche" else (1, 2))]:
                row = rows.setdefault(method, {"runs": [], "residual": 0.0})
                if "failure" in row:
                    continue
                said = self.run(participants[method], threads)
                if "failure" in said:
                    row["failure"] = said["failure"]
                    continue
                row["runs"] += said["runs"]
                row.update(iterations=said["iterations"])
                if turn == 0:
                    row["residual"] = self.layer_residual(given, f"{output}.{method}")
        where = dict(kind="layer", system=name, size=size, batch=batch)
        self.keep([dict(**where, library=method, method=method, **row) for method, row in rows.items()])
        print(tables.layer_row(self.measurements, name, size, batch), flush=True)

    @staticmethod
    def layer_residual(given, output):
        """The largest of the relative residuals of y and of z; infinite where the gradient by the matrix is not -z y^T on the stencil."""
        batch, (ny, nx) = len(given.right), given.right.shape[1:]
        fields = np.fromfile(output, "<f8").reshape(-1, ny, nx)
        y, z, by_a = fields[:batch], fields[batch : 2 * batch], fields[2 * batch :].reshape(batch, 5, ny, nx)
        largest = 0.0
        for k in range(batch):
            matrix, b = given.matrix(k), given.right[k]
            expected = np.stack([-z[k] * systems.neighbours(y[k], *d) for d in systems.DIRECTIONS])
            if not np.abs(by_a[k] - expected).max() <= 1e-12 * np.abs(expected).max():
                return float("inf")
            forward = systems.relative_residual(matrix, y[k], b)
            backward = systems.relative_residual(systems.transpose(matrix), z[k], b[::-1, ::-1])
            largest = max(largest, *(r if np.isfinite(r) else float("inf") for r in (forward, backward)))
        return largest

    def sweeps(self):
        path, _ = self.system("c0.83", 100, 1)
        script = str(pathlib.Path(__file__).with_name("torch_layer.py"))
        for library, command in [("Seiche", [self.ours, "sweep", str(path)]), ("torch", [sys.executable, script, str(path), "sweep"])]:
            turns = [1, 2] * self.rounds
            runs = [run for threads in turns for run in self.run(command, threads).get("runs", [])]
            self.keep([dict(kind="sweep", system="c0.83", size=100, batch=1, library=library, method="sweep", runs=runs)])


def write(path, text):
    part = pathlib.Path(f"{path}.part")
    part.write_text(text)
    part.rename(path)


def main():
    folder, ours, hypre, target = sys.argv[1:]
    comparison = Comparison(folder, ours, hypre, target)
    names = words("SYSTEMS", "c0.033 c0.83 c100 depth jump islands land wind learned")
    sizes = [int(n) for n in words("SIZES", "100 256 512 1024")]
    batches = [int(n) for n in words("BATCHES", "1 16")]
    print(tables.SOLVE_HEADER, flush=True)
    for name in names:
        excluded = set()
        for size in sizes:
            for batch in batches:
                if comparison.has("solve", name, size, batch):
                    rows = tables.pick(comparison.measurements, "solve", name, size, batch)
                    excluded |= comparison.slow_methods({(m["library"], m["method"]): m for m in rows})
                else:
                    comparison.solves(name, size, batch, excluded)
    print("\n" + tables.LAYER_HEADER, flush=True)
    for name in words("LAYER_SYSTEMS", "c0.033 c0.83 c100 depth"):
        for size in [int(n) for n in words("LAYER_SIZES", "100 256 512 1024")]:
            for batch in batches:
                if not comparison.has("layer", name, size, batch):
                    comparison.layers(name, size, batch)
    if words("LAYER_SYSTEMS", "all") and not comparison.has("sweep", "c0.83", 100, 1):
        comparison.sweeps()
    comparison.properties()
    (comparison.folder / "systems").unlink(missing_ok=True)
    for path in [*comparison.folder.glob("solution.*"), *comparison.folder.glob("layer.*")]:
        path.unlink()
    print(f"\n{tables.sweep_line(comparison.measurements)}\nwritten to {target}")


if __name__ == "__main__":
    main()
