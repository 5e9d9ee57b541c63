#!/usr/bin/env bash
# The whole idea on real input, from nothing to figures: every stage is a command that a user can type too.
set -euo pipefail
cd "$(dirname "$0")/.."
experiment=${1:-experiments/north_sea.yaml}
seiche=.build/release/seiche
began=$SECONDS
times=()

notes=$(mktemp -d)
trap 'rm -rf "$notes"' EXIT

# stage NAME TITLE COMMAND ...: runs and times a command; what it prints is kept under NAME for the end.
stage() {
  local name=$1 title=$2 start=$SECONDS
  shift 2
  printf '\n== %s\n   %s\n' "$title" "$*"
  "$@" | tee "$notes/$name"
  times+=("$(printf '%5d s  %s' $((SECONDS - start)) "$title")")
}

stage install "install what is missing" scripts/install_dependencies.sh swift gfortran pkg-config libnetcdf-dev gnuplot-nox
stage build "build the Fortran model and the Swift package" make --no-print-directory build
stage simulate "simulate with the Fortran model" $seiche simulate "$experiment"
stage implicit "train the implicit emulator" $seiche train "$experiment" --emulator implicit
stage explicit "train the explicit emulator" $seiche train "$experiment" --emulator explicit
stage equal_time "train the explicit emulator for as long" \
  $seiche train "$experiment" --emulator explicit --name explicit_equal_time --time-of implicit
stage flux_form "train the implicit emulator without its solve: what does the layer bring?" \
  $seiche train "$experiment" --emulator flux_form
stage compare "compare forecasts on unseen simulations" $seiche compare "$experiment"
stage check "check derivatives against the Fortran model" $seiche check "$experiment"
stage forecast "write a forecast" $seiche forecast "$experiment" --emulator implicit
stage plot "draw the figures" $seiche plot "$experiment"

printf '\n== time of each stage\n'
printf '%s\n' "${times[@]}"
printf '%5d s  all\n' $((SECONDS - began))
printf '\n== results\n'
cat "$notes/compare"
printf '\n== look at\n'
cat "$notes/plot" "$notes/forecast"
