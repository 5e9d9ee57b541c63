"""Holds Seiche's layers, forward and backward, against PyTorch's on the same random numbers.

    python agreement.py FOLDER

`seiche-peers agreement FOLDER` writes the folder: one line of JSON for every case in cases.jsonl,

    {"name": "conv-3x3-zero-Double", "operation": "convolution", "inputs": ["x", "weights", "bias"], "padding": "zero", "dilation": 1}

and NAME.ARRAY.npy for every array: the inputs; `y`, the result; `cotangent`, of its shape; and `by_INPUT`, the gradient of the sum of
y times cotangent by each input. All arrays of a case have one precision. The operations and their options:

    convolution      x [b, i, ny, nx] or [b, i, n], weights [o, i, ky, kx] or [o, i, k], bias [o]; padding zero, circular or replicate,
                     the output as large as the input, or every stride-th cell of it; dilation; activation, or none
    transposed_convolution   its adjoint by x, from every stride-th cell to `extents`; weights [i, o, ky, kx] or [i, o, k], bias [o]
    dense            x [b, i], weights [o, i], bias [o]; activation, or none
    average_pooling, maximum_pooling   windows of 2, cut off at odd edges
    upsampling       method nearest or bilinear, to `extents`; edges replicate, circular or zero
    activation       activation rectifier, gelu, softplus or tanh
    layer_norm       x [b, c], scale [c], shift [c]
    group_norm       x [b, c, ...], scale [c], shift [c]; groups

PyTorch computes in double precision whatever the case has, so that the difference is ours. It is divided by the largest element of
PyTorch's array. Ends with status 1 where it is above the tolerance, where an expected operation is missing, or where no case was found.
"""

import json
import pathlib
import sys

import numpy as np
import torch
from torch.nn import functional

# Of sums of some hundred products, in units of the largest result: ten times the errors that are seen.
TOLERANCES = {"float32": 5e-6, "float64": 1e-14}


def softplus(x):
    # Beyond 20 PyTorch takes x itself, which is not exact in double precision.
    return functional.softplus(x, threshold=700)


ACTIVATIONS = {
    "none": lambda x: x, "rectifier": functional.relu, "gelu": functional.gelu, "softplus": softplus, "tanh": torch.tanh}
PADDINGS = {"zero": "constant", "circular": "circular", "replicate": "replicate"}


def convolution(case, x, weights, bias):
    dilation, axes = case.get("dilation", 1), x.dim() - 2
    # From the last axis to the first, both ends of each, as `pad` wants them.
    borders = [dilation * taps for extent in reversed(weights.shape[2:]) for taps in ((extent - 1) // 2, extent // 2)]
    padded = functional.pad(x, borders, mode=PADDINGS[case.get("padding", "zero")])
    return (functional.conv1d if axes == 1 else functional.conv2d)(
        padded, weights, bias, stride=case.get("stride", 1), dilation=dilation)


def transposed_convolution(case, x, weights, bias):
    axes, extents, kernel = x.dim() - 2, case["extents"], weights.shape[2:]
    if case["padding"] == "zero":
        # PyTorch's own: cut off before the first cell and extended or cut off after the last.
        before = [case["dilation"] * ((k - 1) // 2) for k in kernel]
        full = (functional.conv_transpose1d if axes == 1 else functional.conv_transpose2d)(
            x, weights, None, stride=case["stride"], dilation=case["dilation"])
        missing = [max(0, b + n - size) for b, n, size in zip(before, extents, full.shape[2:])]
        full = functional.pad(full, [m for end in reversed(missing) for m in (0, end)])
        value = full[(..., *(slice(b, b + n) for b, n in zip(before, extents)))]
    else:
        # Elsewhere PyTorch has none, but the adjoint of its convolution.
        fine = torch.zeros(x.shape[0], weights.shape[1], *extents, dtype=x.dtype, requires_grad=True)
        (value,) = torch.autograd.grad(convolution(case, fine, weights, None), fine, x, create_graph=True)
    return value + bias.reshape(-1, *[1] * axes)


def pooling(case, x):
    axes = x.dim() - 2
    if case["operation"] == "maximum_pooling":
        return (functional.max_pool1d if axes == 1 else functional.max_pool2d)(x, 2, ceil_mode=True)
    return (functional.avg_pool1d if axes == 1 else functional.avg_pool2d)(x, 2, ceil_mode=True, count_include_pad=False)


def upsampling(case, x):
    linear = {1: "linear", 2: "bilinear"}[x.dim() - 2]
    method = dict(mode="nearest") if case["method"] == "nearest" else dict(mode=linear, align_corners=False)
    # PyTorch knows only edges that go on: a ring, or zeros, are a cell more on either side, whose finer cells are cut off again.
    border = 0 if case.get("edges", "replicate") == "replicate" else 1
    if border:
        x = functional.pad(x, [border] * 2 * (x.dim() - 2), mode=PADDINGS[case["edges"]])
    fine = functional.interpolate(x, scale_factor=2, **method)
    return fine[(..., *(slice(2 * border, 2 * border + extent) for extent in case["extents"]))]


OPERATIONS = {
    "convolution": convolution,
    "transposed_convolution": transposed_convolution,
    "dense": lambda case, x, weights, bias: functional.linear(x, weights, bias),
    "average_pooling": pooling,
    "maximum_pooling": pooling,
    "upsampling": upsampling,
    "activation": lambda case, x: x,
    "layer_norm": lambda case, x, scale, shift: functional.layer_norm(x, x.shape[1:], scale, shift, eps=1e-5),
    "group_norm": lambda case, x, scale, shift: functional.group_norm(x, case["groups"], scale, shift, eps=1e-5),
}


def relative_difference(ours, reference):
    if ours.shape != tuple(reference.shape):
        return float("inf")
    reference = reference.detach().numpy()
    difference = np.abs(ours.astype(np.float64) - reference).max() / max(np.abs(reference).max(), 1e-300)
    return float(difference) if np.isfinite(difference) else float("inf")


def compare(folder, case):
    """The precision, and the relative difference of every array of a case."""

    def load(array):
        return np.load(folder / f"{case['name']}.{array}.npy")

    given = {name: load(name) for name in case["inputs"]}
    leaves = {name: torch.from_numpy(array.astype(np.float64)).requires_grad_() for name, array in given.items()}
    value = OPERATIONS[case["operation"]](case, *leaves.values())
    value = ACTIVATIONS[case.get("activation", "none")](value)
    differences = {"y": relative_difference(load("y"), value)}
    value.backward(torch.from_numpy(load("cotangent").astype(np.float64)))
    for name, leaf in leaves.items():
        differences[f"by_{name}"] = relative_difference(load(f"by_{name}"), leaf.grad)
    return next(iter(given.values())).dtype.name, differences


def main():
    folder = pathlib.Path(sys.argv[1])
    cases = [json.loads(line) for line in (folder / "cases.jsonl").read_text().splitlines()]
    failures, largest, count = [], {}, {}
    for case in cases:
        precision, differences = compare(folder, case)
        key = case["operation"], precision
        count[key] = count.get(key, 0) + 1
        worst = max(differences, key=differences.get)
        largest[key] = max(largest.get(key, (0.0, "")), (differences[worst], f"{case['name']}, {worst}"))
        if differences[worst] > TOLERANCES[precision]:
            failures.append(f"{case['name']}: {worst} differs by {differences[worst]:.1e}, more than {TOLERANCES[precision]:.0e}")
    failures += [f"no case of {name} in {precision}" for name in OPERATIONS for precision in TOLERANCES if (name, precision) not in count]
    print("| operation | precision | cases | largest difference | where |\n|---|---|---|---|---|")
    for (operation, precision), (difference, where) in sorted(largest.items()):
        print(f"| {operation} | {precision} | {count[operation, precision]} | {difference:.1e} | {where} |")
    print("\n".join(failures) or f"{len(cases)} cases agree with PyTorch.")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
