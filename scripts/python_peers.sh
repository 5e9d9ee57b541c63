#!/usr/bin/env bash
# Puts the Python libraries that Seiche is compared with into .venv-peers. Where PyTorch cannot be installed, the others are there all the same.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=.build-peers
mkdir -p "$folder"
[ -x .venv-peers/bin/python ] || python3 -m venv .venv-peers
requirements=benchmarks/peers/requirements.txt
cmp -s "$requirements" "$folder/requirements.installed" && exit 0
echo "Installing the Python peers in .venv-peers (PyTorch is large)."
pip=(.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check)
grep -v '^torch' "$requirements" > "$folder/requirements.small"
"${pip[@]}" -r "$folder/requirements.small"
if "${pip[@]}" -r "$requirements"; then cp "$requirements" "$folder/requirements.installed"; fi
