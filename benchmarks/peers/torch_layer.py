"""A linear implicit layer in PyTorch, forward and backward, on the systems of a file.

    python torch_layer.py FILE OUTPUT SECONDS RUNS TOLERANCE METHOD ...
    python torch_layer.py FILE sweep

METHOD is one of torch_solvers.py's. One line of JSON for every method on one thread and on two. The absolute tolerance of `talk` is set so
that right-hand sides of unit variance are solved to TOLERANCE. The cotangent is the right-hand side in reverse order. y, the gradient by
b and that by the matrix go to OUTPUT.METHOD.
"""

import sys
import time

import torch

import systems
from torch_solvers import SOLVERS, LinearSolve, Sweeper, padded_zero


def time_sweeps(a, b):
    """Red-black sweeps in both precisions."""
    for precision, scalar in [("Float", torch.float32), ("Double", torch.float64)]:
        y, sweeper = padded_zero(b.to(scalar)), Sweeper(a.to(scalar), b.to(scalar))

        def many():
            for _ in range(100):
                sweeper.sweep(y)
            return 0

        for threads in (1, 2):
            torch.set_num_threads(threads)
            runs = systems.measure(many, 2, 20)
            systems.print_result("sweep", 1, [[0, run[1] / 100] for run in runs], precision)


def main():
    given = systems.Systems(sys.argv[1])
    a = torch.from_numpy(given.matrices).expand(len(given.right), -1, -1, -1).contiguous()
    b = torch.from_numpy(given.right)
    if sys.argv[2] == "sweep":
        time_sweeps(a, b)
        return
    output, seconds, most_runs, tolerance = sys.argv[2], float(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5])
    cotangent = b.flip(1, 2).contiguous()
    for method in sys.argv[6:]:
        kept = {}

        def work():
            kept.clear()
            leaves = b.detach().requires_grad_(), a.detach().requires_grad_()
            start = time.perf_counter()
            y = LinearSolve.apply(*leaves, SOLVERS[method], tolerance, given.symmetric)
            forward = time.perf_counter() - start
            y.backward(cotangent)
            kept["fields"] = [y.detach(), leaves[0].grad, leaves[1].grad]
            return forward

        for threads in (1, 2):
            torch.set_num_threads(threads)
            try:
                if method.endswith("compiled"):
                    work()  # compiles, which is not to count
                runs = systems.measure(work, seconds, most_runs)
            except Exception as error:  # whatever the compiler says where it cannot work
                if not method.endswith("compiled"):
                    raise
                systems.print_failure(method, systems.compiler_failure(error))
                break
            systems.print_result(method, LinearSolve.iterations, runs, f"{threads} thread" + "s" * (threads > 1))
        if kept:
            with open(f"{output}.{method}", "wb") as file:
                for field in kept["fields"]:
                    field.numpy().tofile(file)


if __name__ == "__main__":
    main()
