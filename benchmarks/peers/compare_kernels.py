"""Single operations of Seiche and of PyTorch in turn, on one thread and on two; prints a table in Markdown.

    python compare_kernels.py SEICHE_BENCHMARKS [WORD ...]

Of the operations those whose names contain one of the words, or all. Each number is the least time of a call, of as many as go into a quarter
of a second, and of ROUNDS (2) such turns: other work only ever adds time. Both sides are in single precision; our operations are in
benchmarks/Seiche/Kernels.swift. PyTorch makes gradients only where its own autograd would.
"""

import json
import os
import subprocess
import sys
import time

import torch
from torch.nn import functional

aten = torch.ops.aten


def wave(*shape):
    count = torch.Size(shape).numel()
    return ((torch.arange(count) * 7919 % 1009).float() / 1009 - 0.5).reshape(shape)


def operations():
    for channels, batch, n in [(16, 1, 100), (32, 1, 100), (64, 1, 100), (64, 8, 100), (128, 1, 100), (128, 16, 13)]:
        yield from convolution(f"3x3, {channels} channels, batch {batch}, {n} x {n}", channels, batch, n)
    field = wave(8, 32, 100, 100)
    kernel, bias, half = wave(32, 32, 3, 3), wave(32), functional.avg_pool2d(field, 2)
    yield from both("3x3 of stride 2, 32 channels", lambda x, w, b: functional.conv2d(x, w, b, stride=2, padding=1), field, kernel, bias)
    yield from both(
        "transposed 3x3 of stride 2, 32 channels",
        lambda x, w, b: functional.conv_transpose2d(x, w, b, stride=2, padding=1, output_padding=1), half, kernel, bias)
    for name, function in [("rectifier", torch.relu), ("gelu", functional.gelu), ("tanh", torch.tanh), ("softplus", functional.softplus)]:
        yield from both(name, function, field)
    scale = wave(32)
    yield from both("group norm, 4 groups", lambda x, s, t: functional.group_norm(x, 4, s, t), field, scale, scale)
    weights = wave(256)
    yield from both("layer norm of 256 features", lambda x, s, t: functional.layer_norm(x, (256,), s, t), wave(4096, 256), weights, weights)
    yield "maximum pooling: forward", lambda: functional.max_pool2d(field, 2)
    yield "average pooling: forward", lambda: functional.avg_pool2d(field, 2)
    coarse = functional.avg_pool2d(field, 2)
    yield from both("refinement, nearest", lambda x: functional.interpolate(x, scale_factor=2, mode="nearest"), coarse)
    yield from both(
        "refinement, bilinear", lambda x: functional.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False), coarse)


def convolution(name, channels, batch, n):
    x, w, b = wave(batch, channels, n, n), wave(channels, channels, 3, 3), wave(channels)
    g = functional.conv2d(x, w, b, padding=1)

    def gradient(*mask):
        return aten.convolution_backward(g, x, w, [channels], [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask)

    yield f"{name}: forward", lambda: functional.conv2d(x, w, b, padding=1)
    yield f"{name}: by input", lambda: gradient(True, False, False)
    yield f"{name}: by weights", lambda: gradient(False, True, False)


def both(name, function, *inputs):
    """Forward without gradients; forward and backward by all inputs."""
    leaves = [x.clone().requires_grad_() for x in inputs]
    g = function(*inputs)
    yield f"{name}: forward", lambda: function(*inputs)
    yield f"{name}: forward and backward", lambda: torch.autograd.grad(function(*leaves), leaves, g)


def least(body):
    for _ in range(3):
        body()
    best, end = float("inf"), time.perf_counter() + 0.25
    while (start := time.perf_counter()) < end:
        body()
        best = min(best, time.perf_counter() - start)
    return best


def is_wanted(name):
    return len(sys.argv) < 3 or any(word in name for word in sys.argv[2:])


def main():
    times = {}

    def keep(name, threads, side, seconds):
        cell = times.setdefault(name, {})
        cell[threads, side] = min(cell.get((threads, side), float("inf")), seconds)

    for _ in range(int(os.environ.get("ROUNDS", "2"))):
        for threads in (1, 2):
            said = subprocess.run(
                [sys.argv[1], "kernels", str(threads), *sys.argv[2:]], capture_output=True, text=True, check=True).stdout
            for line in said.splitlines():
                row = json.loads(line)
                keep(row["operation"], threads, "ours", row["seconds"])
            torch.set_num_threads(threads)
            for name, body in operations():
                if is_wanted(name):
                    keep(name, threads, "torch", least(body))
    print("| operation | ours, 1 thread, ms | PyTorch | ratio | ours, 2 threads, ms | PyTorch | ratio |\n|---|---|---|---|---|---|---|")
    for name, cell in times.items():
        if len(cell) < 4:
            continue
        cells = [name]
        for threads in (1, 2):
            ours, theirs = cell[threads, "ours"], cell[threads, "torch"]
            cells += [f"{1e3 * ours:.3f}", f"{1e3 * theirs:.3f}", f"{theirs / ours:.2f}"]
        print("| " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
