"""One training step, or one forward pass, of a network in PyTorch.

    python torch_training.py CASE VARIANT WHAT BATCH THREADS SECONDS RUNS

CASE     explicit, implicit-300, implicit-900, implicit-1500, unet, lorenz96, lorenz96-bilinear
         (torch_nets.py)
VARIANT  eager          as one writes it first; the implicit net with the talk's solver
         channels-last  the same in the other order of memory (not for a ring)
         compiled       compiled, Adam fused, over-relaxed sweeps with a relative tolerance that is looked at now and then
         compiled-channels-last  both (not for a ring)
WHAT     step           forward, mean square error, backward, Adam 1e-4
         forward        without gradients

Single precision. One line of JSON: the runs in seconds, the loss of the first step (from the same seed in all variants), the weights, the
sweeps of the last forward solve, the peak of the process's memory while it is measured, and how far that is above what it was before
the network was made.
"""

import contextlib
import json
import pathlib
import sys
import time

import torch

import systems
import torch_nets
from torch_solvers import LinearSolve


def memory(what):
    """VmRSS, or VmHWM, its peak, in bytes."""
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith(what):
            return 1024 * int(line.split()[1])
    raise RuntimeError(f"{what} is not in /proc/self/status")


def compiled(network):
    """Compiles what is between solves: loops whose end depends on a residual stay outside."""
    if isinstance(network, torch_nets.ImplicitNet):
        network.system = torch.compile(network.system, dynamic=False)
        network.finish = torch.compile(network.finish, dynamic=False)
        return network
    return torch.compile(network, dynamic=False)


def build(case, variant, batch):
    """What makes one training step and one forward pass."""
    is_compiled = variant.startswith("compiled")
    torch.manual_seed(1)
    network = torch_nets.make(case, is_compiled)
    x, target = torch_nets.sample(case, batch)
    if variant.endswith("channels-last"):
        network = network.to(memory_format=torch.channels_last)
        x, target = (t.contiguous(memory_format=torch.channels_last) for t in (x, target))
    weights = list(network.parameters())
    optimiser = torch.optim.Adam(weights, lr=1e-4, fused=is_compiled)
    run = compiled(network) if is_compiled else network

    def step():
        loss = torch.nn.functional.mse_loss(run(x), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss

    def forward():
        with torch.no_grad():
            return torch.nn.functional.mse_loss(run(x), target)

    return {"step": step, "forward": forward}, sum(w.numel() for w in weights)


def main():
    case, variant, what, batch, threads, seconds, most_runs = sys.argv[1:]
    said = dict(case=case, variant=variant, what=what, batch=int(batch), threads=int(threads))
    torch.set_num_threads(int(threads))
    before = memory("VmRSS")
    try:
        works, weights = build(case, variant, int(batch))
        loss = works[what]().item()
    except Exception as error:  # whatever the compiler says where it cannot work
        if not variant.startswith("compiled"):
            raise
        print(json.dumps(dict(**said, runs=[], failure=systems.compiler_failure(error))))
        return
    # Forgets the peak of compiling, where the system allows it.
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/clear_refs").write_text("5")

    def work():
        start = time.perf_counter()
        works[what]().item()
        return time.perf_counter() - start

    runs = [run[1] for run in systems.measure(work, float(seconds), int(most_runs))]
    peak = memory("VmHWM")
    said.update(runs=runs, loss=loss, weights=weights, sweeps=getattr(LinearSolve, "iterations", 0), peak=peak, rise=peak - before)
    print(json.dumps(said))


if __name__ == "__main__":
    main()
