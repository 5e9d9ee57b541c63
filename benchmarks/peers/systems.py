"""The files that all programs of the benchmark share, and what a program prints about a method."""

import json
import time

import numpy as np

# (dy, dx) of the coefficients: center, east, west, north, south.
DIRECTIONS = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0)]


class Systems:
    """Five-point systems: matrices [1 or batch, 5, ny, nx], right-hand sides [batch, ny, nx]."""

    def __init__(self, path):
        with open(path, "rb") as file:
            if file.read(8) != b"SEICHSYS":
                raise ValueError(f"{path} is no file of systems")
            ny, nx, batch, matrices, symmetric = np.fromfile(file, "<i8", 5)
            self.symmetric = bool(symmetric)
            self.matrices = np.fromfile(file, "<f8", matrices * 5 * ny * nx).reshape(matrices, 5, ny, nx)
            self.right = np.fromfile(file, "<f8", batch * ny * nx).reshape(batch, ny, nx)

    def matrix(self, sample):
        return self.matrices[0 if len(self.matrices) == 1 else sample]


def neighbours(y, dy, dx):
    """y of the neighbour in a direction, zero outside the grid; y is [..., ny, nx]."""
    padded = np.pad(y, [(0, 0)] * (y.ndim - 2) + [(1, 1), (1, 1)])
    ny, nx = y.shape[-2:]
    return padded[..., 1 + dy : 1 + dy + ny, 1 + dx : 1 + dx + nx]


def shifted(dy, dx):
    """Slices of a field [ny, nx]: the cells that have a neighbour in a direction, and these neighbours."""
    here = slice(max(0, -dy), -dy if dy > 0 else None), slice(max(0, -dx), -dx if dx > 0 else None)
    there = slice(max(0, dy), dy if dy < 0 else None), slice(max(0, dx), dx if dx < 0 else None)
    return here, there


def apply(matrix, y):
    """A y for one sample."""
    result = matrix[0] * y
    for d in range(1, 5):
        here, there = shifted(*DIRECTIONS[d])
        result[here] += matrix[d][here] * y[there]
    return result


def transpose(matrix):
    """The transposed stencil: what a cell says of its neighbour becomes what the neighbour says of it."""
    opposite = [0, 2, 1, 4, 3]
    return np.stack([neighbours(matrix[opposite[d]], *direction) for d, direction in enumerate(DIRECTIONS)])


def relative_residual(matrix, y, b):
    return float(np.linalg.norm(b - apply(matrix, y)) / np.linalg.norm(b))


def measure(work, seconds, most_runs):
    """Runs of `work`, which gives the time of its preparation: [preparation, all of it].

    One run before them warms up, and counts where it took ten times `seconds`.
    """
    begin = time.perf_counter()
    runs = [[work(), time.perf_counter() - begin]]
    if runs[0][1] < 10 * seconds:
        runs = []
    while not runs or (len(runs) < most_runs and time.perf_counter() - begin < seconds):
        start = time.perf_counter()
        preparation = work()
        runs.append([preparation, time.perf_counter() - start])
    return runs


def print_result(method, iterations, runs, note=""):
    print(json.dumps({"method": method, "iterations": iterations, "note": note, "runs": runs}), flush=True)


def print_failure(method, failure):
    print(json.dumps({"method": method, "iterations": 0, "note": "", "runs": [], "failure": failure}), flush=True)


def compiler_failure(error):
    """Why torch.compile did not work, in a few words."""
    text = str(error)
    if "No working C++ compiler" in text or "CppCompileError" in text or "C++ compile error" in text:
        return "no C++ compiler"
    return f"torch.compile failed: {text.strip().splitlines()[0][:80] if text.strip() else type(error).__name__}"
