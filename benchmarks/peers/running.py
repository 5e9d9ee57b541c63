"""How the drivers start programs, and read and write what is measured."""

import json
import os
import pathlib
import subprocess
import sys


def words(name, default):
    return os.environ.get(name, default).split()


def run(command, threads, timeout, compiled, **variables):
    """The lines of JSON that a program prints; `compiled` keeps what torch.compile makes, `variables` are more of the environment."""
    names = ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]
    environment = dict(os.environ, TORCHINDUCTOR_CACHE_DIR=str(compiled.absolute()), **dict.fromkeys(names, str(threads)), **variables)
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)
        said, failure = done.stdout, "failed" if done.returncode != 0 else ""
        if failure:
            print(done.stderr[-2000:], file=sys.stderr)
    except subprocess.TimeoutExpired as late:
        # subprocess gives bytes here, whatever it was asked for.
        said, failure = (late.stdout or b"").decode(), f"more than {timeout} s"
    lines = [json.loads(line) for line in said.splitlines() if line.endswith("}")]
    return lines + ([{"failure": failure}] if failure else [])


def write(path, text):
    part = pathlib.Path(f"{path}.part")
    part.write_text(text)
    part.rename(path)
