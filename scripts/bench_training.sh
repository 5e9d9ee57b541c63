#!/usr/bin/env bash
# `make bench-training`: training steps and forward passes of Seiche's networks beside PyTorch's (docs/benchmarks.md).
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/python_peers.sh
if ! .venv-peers/bin/python -c 'import torch' 2> /dev/null; then
  echo "Without PyTorch there is nothing to compare with." >&2
  exit 1
fi
seiche=.build/release/seiche-peers
# Agreement first: a comparison of times says nothing where the results differ.
if "$seiche" agreement .build-peers/agreement 2> .build-peers/agreement.log; then
  .venv-peers/bin/python benchmarks/peers/agreement.py .build-peers/agreement
elif grep -q 'not understood' .build-peers/agreement.log; then
  echo "Agreement with PyTorch: not built yet."
else
  cat .build-peers/agreement.log >&2
  exit 1
fi
.venv-peers/bin/python benchmarks/peers/compare_training.py .build-peers/runs "$seiche" .build-peers/training.md
