"""PyAMG and SciPy on the systems of a file.

    python python_solvers.py FILE OUTPUT SECONDS RUNS TOLERANCE METHOD ...

METHOD is one of pyamg-rs, pyamg-sa, superlu. One line of JSON a method; solutions go to OUTPUT.METHOD, doubles [batch, ny, nx].
The matrix is in compressed rows before the clock starts. The samples of a batch are dealt out to two processes.
"""

import multiprocessing
import sys
import time

import numpy as np
import pyamg
import scipy.sparse
import scipy.sparse.linalg

import systems


def compressed_rows(stencil):
    ny, nx = stencil.shape[1:]
    cells = np.arange(ny * nx).reshape(ny, nx)
    rows, columns, values = [], [], []
    for d, (dy, dx) in enumerate(systems.DIRECTIONS):
        here = (slice(max(0, -dy), ny - max(0, dy)), slice(max(0, -dx), nx - max(0, dx)))
        there = (slice(max(0, dy), ny + min(0, dy)), slice(max(0, dx), nx + min(0, dx)))
        rows.append(cells[here].ravel())
        columns.append(cells[there].ravel())
        values.append(stencil[d][here].ravel())
    matrix = scipy.sparse.coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))))
    matrix = matrix.tocsr()
    matrix.eliminate_zeros()
    # SuperLU and PyAMG work with 32-bit indices.
    return scipy.sparse.csr_matrix((matrix.data, matrix.indices.astype(np.int32), matrix.indptr.astype(np.int32)))


def solve(method, matrix, b, symmetric, tolerance):
    """The solution, the iterations and the time of the preparation."""
    start = time.perf_counter()
    if method == "superlu":
        # Minimum degree on A + A^T without pivoting off the diagonal is what suits these matrices best.
        options = dict(SymmetricMode=True) if symmetric else {}
        ordering = "MMD_AT_PLUS_A" if symmetric else "COLAMD"
        factors = scipy.sparse.linalg.splu(matrix.tocsc(), permc_spec=ordering, options=options)
        preparation = time.perf_counter() - start
        return factors.solve(b), 1, preparation
    symmetry = "symmetric" if symmetric else "nonsymmetric"
    if method == "pyamg-rs":
        hierarchy = pyamg.ruge_stuben_solver(matrix)
    else:
        hierarchy = pyamg.smoothed_aggregation_solver(matrix, symmetry=symmetry)
    preparation = time.perf_counter() - start
    residuals = []
    y = hierarchy.solve(b, tol=tolerance, maxiter=200, accel="cg" if symmetric else "bicgstab", residuals=residuals)
    return y, len(residuals) - 1, preparation


def solve_all(method, matrices, right, symmetric, tolerance):
    solved = [solve(method, matrix, b.ravel(), symmetric, tolerance) for matrix, b in zip(matrices, right)]
    y = np.stack([s[0] for s in solved])
    return y, max(s[1] for s in solved), sum(s[2] for s in solved)


def worker(connection, matrices, right, symmetric, tolerance):
    """Solves its samples when told to; says when it started and ended, on the clock that all processes share."""
    while (method := connection.recv()) is not None:
        start = time.perf_counter()
        y, iterations, preparation = solve_all(method, matrices, right, symmetric, tolerance)
        end = time.perf_counter()
        connection.send((start, end, preparation, iterations))
        if connection.recv():
            connection.send(y)


def run_batch(given, matrices, method, output, seconds, most_runs, tolerance):
    context = multiprocessing.get_context("fork")
    halves = [range(k, len(given.right), 2) for k in range(2)]
    pipes, processes = [], []
    for half in halves:
        ours, theirs = context.Pipe()
        arguments = (theirs, [matrices[k] for k in half], given.right[list(half)], given.symmetric, tolerance)
        processes.append(context.Process(target=worker, args=arguments, daemon=True))
        processes[-1].start()
        pipes.append(ours)
    runs, begin = [], time.perf_counter()
    for run in range(-1, most_runs):
        for pipe in pipes:
            pipe.send(method)
        said = [pipe.recv() for pipe in pipes]
        took = max(s[1] for s in said) - min(s[0] for s in said)
        if run >= 0 or took > 10 * seconds:
            runs.append([max(s[2] for s in said), took])
        is_last = run == most_runs - 1 or (len(runs) > 0 and time.perf_counter() - begin > seconds)
        for pipe in pipes:
            pipe.send(is_last)
        if is_last:
            break
    y = np.empty((len(given.right), given.right[0].size))
    for half, pipe in zip(halves, pipes):
        y[list(half)] = pipe.recv()
        pipe.send(None)
    for process in processes:
        process.join()
    y.tofile(f"{output}.{method}")
    systems.print_result(method, max(s[3] for s in said), runs)


def main():
    path, output, seconds, most_runs, tolerance = sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    given = systems.Systems(path)
    distinct = [compressed_rows(stencil) for stencil in given.matrices]
    matrices = [distinct[0 if len(distinct) == 1 else k] for k in range(len(given.right))]
    for method in sys.argv[6:]:
        if len(given.right) > 1:
            run_batch(given, matrices, method, output, seconds, most_runs, tolerance)
            continue
        kept = {}

        def work():
            kept["y"], kept["iterations"], preparation = solve_all(method, matrices, given.right, given.symmetric, tolerance)
            return preparation

        runs = systems.measure(work, seconds, most_runs)
        kept["y"].tofile(f"{output}.{method}")
        systems.print_result(method, kept["iterations"], runs)


if __name__ == "__main__":
    main()
