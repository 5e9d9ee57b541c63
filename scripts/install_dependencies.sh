#!/usr/bin/env bash
# Installs the system packages that Seiche needs and this machine lacks, saying which and why. Does nothing where all are there.
set -euo pipefail

if ! command -v swift > /dev/null; then
  echo "Seiche needs a Swift 6.3 toolchain, and there is no 'swift' on the PATH." >&2
  echo "Get one from https://www.swift.org/install/linux, put its usr/bin on the PATH, and run this again." >&2
  exit 1
fi

# What is needed: a test that succeeds where it is there, the package, and the reason.
needs=(
  "command -v gfortran|gfortran|compiles the reference model"
  "command -v pkg-config|pkg-config|tells the Swift build where libraries are"
  "pkg-config --exists netcdf|libnetcdf-dev|reads and writes NetCDF files"
  "command -v gnuplot|gnuplot-nox|draws the figures"
)

missing=()
for need in "${needs[@]}"; do
  IFS='|' read -r probe package reason <<< "$need"
  if ! eval "$probe" > /dev/null 2>&1; then
    echo "missing: $package ($reason)"
    missing+=("$package")
  fi
done
[ ${#missing[@]} -eq 0 ] && exit 0

if ! command -v apt-get > /dev/null; then
  echo "There is no apt-get here. Install these with your system's package manager and run this again: ${missing[*]}" >&2
  exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
  as_root=()
elif command -v sudo > /dev/null; then
  as_root=(sudo)
  echo "sudo is used to install them."
else
  echo "Installing needs root, and there is no sudo. Ask an administrator for: apt-get install ${missing[*]}" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
echo "installed: ${missing[*]}"
