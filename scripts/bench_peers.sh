#!/usr/bin/env bash
# `make bench-peers`: Seiche's solvers and its implicit layer beside hypre, PyAMG, SciPy and PyTorch on the same systems (docs/benchmarks.md).
# The Python peers go into .venv-peers. Where PyTorch cannot be installed, the layer is left out and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build-peers
mkdir -p "$folder"
[ -x .venv-peers/bin/python ] || python3 -m venv .venv-peers
requirements=benchmarks/peers/requirements.txt
if ! cmp -s "$requirements" "$folder/requirements.installed"; then
  echo "Installing the Python peers in .venv-peers (PyTorch is large)."
  pip=(.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check)
  grep -v '^torch' "$requirements" > "$folder/requirements.small"
  "${pip[@]}" -r "$folder/requirements.small"
  if "${pip[@]}" -r "$requirements"; then cp "$requirements" "$folder/requirements.installed"; fi
fi
if ! .venv-peers/bin/python -c 'import torch' 2> "$folder/torch.log"; then
  echo "PyTorch is not there ($(tail -1 "$folder/torch.log")): the table of the layer is left out."
  export LAYER_SYSTEMS=" "
fi

mpicc -O3 -march=native -Wall -Wextra -I/usr/include/hypre benchmarks/peers/hypre_struct.c -o "$folder/hypre_struct" -lHYPRE -lm
.venv-peers/bin/python benchmarks/peers/compare.py \
  "$folder/runs" .build/release/seiche-peers "$folder/hypre_struct" "$folder/peers.md"
