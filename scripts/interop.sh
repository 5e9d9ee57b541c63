#!/usr/bin/env bash
# Makes a small file of every kind and lets other tools read them: scripts/interop.py says what is checked.
#   interop.sh [FOLDER]     keeps the files in FOLDER; without it they go when all is done
set -euo pipefail
cd "$(dirname "$0")/.."
seiche=$PWD/.build/release/seiche
tools=$PWD/.venv-interop

if ! cmp -s scripts/interop_requirements.txt "$tools/installed.txt"; then
  echo "installing compliance-checker, netCDF4, xarray and xgcm into .venv-interop"
  python3 -m venv --clear "$tools"
  "$tools/bin/python" -m pip install --quiet --disable-pip-version-check -r scripts/interop_requirements.txt
  cp scripts/interop_requirements.txt "$tools/installed.txt"
fi

if [ $# -gt 0 ]; then
  folder=$1
  mkdir -p "$folder"
else
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
fi

# simulate NAME EXPERIMENT [KEY=VALUE ...]: one short run of each split, in double precision and with velocities at cell centres
simulate() {
  local name=$1 experiment=$2 key
  local options=(--set "simulations.directory=$folder/$name" --set simulations.precision=double)
  for split in training validation test; do options+=(--set "simulations.$split.count=1" --set "simulations.$split.steps=8"); done
  shift 2
  for key in "$@"; do options+=(--set "$key"); done
  "$seiche" simulate "$experiment" "${options[@]}" > /dev/null
}
simulate projected experiments/data/basin_dt300.yaml simulations.centre_velocities=true comparison.lead_steps=4
simulate geographic experiments/data/north_sea_dt900.yaml simulations.centre_velocities=true comparison.lead_steps=4
simulate forced experiments/north_sea_tides.yaml simulations.centre_velocities=true simulations.spin_up_steps=3
simulate lorenz96_one_level experiments/data/lorenz96_one_level.yaml
simulate lorenz96_two_levels experiments/data/lorenz96_two_levels.yaml

# The stand-alone program writes files of its own.
mkdir -p "$folder/fortran_program/test"
cat > "$folder/settings.nml" << SETTINGS
&grid file = 'data/bathymetry/north_sea_etopo5.nc', minimum_depth = 10.0 /
&model dt = 300.0, coriolis = 1.2e-4 /
&run steps = 8 /
&open_boundary edges = 'north', constituent = 'M2', amplitude = 0.8, phase = 0.0 /
&output file = '$folder/fortran_program/test/simulation_0000.nc' /
SETTINGS
fortran/build/run_shallow_water "$folder/settings.nml" > /dev/null

"$tools/bin/python" scripts/interop.py "$folder"
