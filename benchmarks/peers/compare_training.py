"""Training steps and forward passes of Seiche and of PyTorch in turn; prints the tables and writes them as Markdown.

    python compare_training.py FOLDER SEICHE_PEERS TABLE.md

FOLDER takes what was measured (training.json). Environment: CASES and VARIANTS (lists with spaces, see torch_training.py), ROUNDS, and
EFFORT (seconds that a program may spend on one case beyond its first run).

Our side is `seiche-peers train CASE WHAT BATCH THREADS SECONDS RUNS`, which prints what torch_training.py prints. Where it does not know the
command or the case, the table says "not built yet".

Every program is started anew in every round, one after the other, so that what else the machine does hits all alike. A cell of the
table is the fastest run of all rounds: other work only ever adds time.
"""

import json
import os
import pathlib
import subprocess
import sys

import torch_nets
import training_tables
from running import run, words, write

TIMEOUT = 300  # seconds; compiling is slow


class Comparison:
    def __init__(self, folder, ours, target):
        self.folder, self.ours, self.target = pathlib.Path(folder), ours, target
        self.folder.mkdir(parents=True, exist_ok=True)
        self.rounds = int(os.environ.get("ROUNDS", "2"))
        self.effort = [os.environ.get("EFFORT", "2"), "15"]
        self.rows = []

    def measure(self, case, what, batch, variants):
        """All participants in turn; what is quick on one thread runs on one and on two, and the faster counts."""
        rows = {variant: dict(case=case, what=what, batch=batch, variant=variant, runs=[]) for variant in ["Seiche", *variants]}
        threads = (1, 2) if case in torch_nets.LORENZ or batch == 1 else (2,)
        for _ in range(self.rounds):
            for variant, row in rows.items():
                for number in threads:
                    if "failure" not in row:
                        self.take(row, number)
        self.rows += rows.values()
        write(self.folder / "training.json", json.dumps(self.rows))
        write(self.target, training_tables.page(self.rows))
        print(training_tables.row(list(rows.values())), flush=True)

    def take(self, row, threads):
        case, variant, what, batch = row["case"], row["variant"], row["what"], str(row["batch"])
        if variant == "Seiche":
            if not self.knows(case):
                row["failure"] = "not built yet"
                return
            command = [self.ours, "train", case, what, batch, str(threads), *self.effort]
        else:
            script = str(pathlib.Path(__file__).with_name("torch_training.py"))
            command = [sys.executable, script, case, variant, what, batch, str(threads), *self.effort]
        said = (run(command, threads, TIMEOUT, self.folder / "compiled", SEICHE_THREADS=str(threads)) or [{"failure": "said nothing"}])[-1]
        if "failure" in said:
            row["failure"] = said["failure"]
            return
        is_faster = not row["runs"] or min(said["runs"]) < min(row["runs"])
        row["runs"] += said["runs"]
        if is_faster:
            row.update({key: said[key] for key in ("threads", "peak", "rise", "loss", "weights", "sweeps") if key in said})

    def knows(self, case):
        """Whether our program has this case: `train` alone lists those that it has."""
        said = subprocess.run([self.ours, "train"], capture_output=True, text=True)
        return said.returncode == 0 and case in said.stdout.split()


def main():
    comparison = Comparison(*sys.argv[1:])
    variants = words("VARIANTS", "eager channels-last compiled compiled-channels-last")
    cases = words("CASES", " ".join(torch_nets.CASES))
    print(training_tables.HEADER, flush=True)
    for case in cases:
        of_case = [v for v in variants if not (case in torch_nets.LORENZ and v.endswith("channels-last"))]
        for what, batch in [("step", 32 if case in torch_nets.LORENZ else 16), ("forward", 1)]:
            comparison.measure(case, what, batch, of_case)
    print(f"\nwritten to {comparison.target}")


if __name__ == "__main__":
    main()
