#!/usr/bin/env bash
# Learning curves of the Lorenz '96 emulators: each trained on the first 10, 30, 100, 300 and 1000 trajectories (docs/lorenz96.md).
# Arguments go to every call of seiche, for example: scripts/learning_curve.sh --set emulators.relu_rk4.steps=1000
set -euo pipefail
seiche=.build/release/seiche
experiment=experiments/lorenz96.yaml
folder=data/lorenz96/learning_curve

"$seiche" simulate "$experiment" --size full
for count in 10 30 100 300 1000; do
  for emulator in bilinear_rk4 relu_rk4 relu_resolvent; do
    "$seiche" train "$experiment" --size full --emulator "$emulator" --name "${emulator}_$count" \
      --set training.trajectories=$count --set training.directory="$folder" "$@"
  done
done
"$seiche" compare "$experiment" --size full --set training.directory="$folder" "$@"
"$seiche" check "$experiment" --size full --set training.directory="$folder" "$@"
"$seiche" plot "$experiment" --size full --set training.directory="$folder" "$@"
