#!/usr/bin/env bash
# `make bench-peers`: Seiche's solvers and its implicit layer beside hypre, PyAMG, SciPy and PyTorch on the same systems (docs/benchmarks.md).
# Where PyTorch cannot be installed, the layer is left out and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build-peers
scripts/python_peers.sh
if ! .venv-peers/bin/python -c 'import torch' 2> "$folder/torch.log"; then
  echo "PyTorch is not there ($(tail -1 "$folder/torch.log")): the table of the layer is left out."
  export LAYER_SYSTEMS=" "
fi

mpicc -O3 -march=native -Wall -Wextra -I/usr/include/hypre benchmarks/peers/hypre_struct.c -o "$folder/hypre_struct" -lHYPRE -lm
.venv-peers/bin/python benchmarks/peers/compare.py \
  "$folder/runs" .build/release/seiche-peers "$folder/hypre_struct" "$folder/peers.md"
