#!/usr/bin/env bash
# Installs what Seiche needs and this machine lacks, saying what and why. Does nothing where all is there.
#   install_dependencies.sh [NEED ...]     without names, everything that `make demo` and `make test` need
set -euo pipefail

wanted=("$@")
[ ${#wanted[@]} -gt 0 ] || wanted=(swift gfortran pkg-config libnetcdf-dev libnetcdff-dev libopenblas-dev gnuplot-nox)
is_wanted() { local w; for w in "${wanted[@]}"; do [ "$w" = "$1" ] && return 0; done; return 1; }

if is_wanted swift; then
  found=$(swift --version 2> /dev/null | sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' | head -1) || true
  if [ -z "$found" ] || [ "$(printf '%s\n6.3\n' "$found" | sort -V | head -1)" != 6.3 ]; then
    echo "Seiche needs a Swift 6.3 toolchain or a later one; found: ${found:-none on the PATH}." >&2
    echo "Get one from https://www.swift.org/install/linux, put its usr/bin on the PATH, and run this again." >&2
    exit 1
  fi
fi

# A test that succeeds where it is there, the package, and the reason.
needs=(
  "command -v gfortran|gfortran|compiles the reference model"
  "command -v pkg-config|pkg-config|tells the Swift build where libraries are"
  "pkg-config --exists netcdf|libnetcdf-dev|reads and writes NetCDF files"
  "command -v nf-config|libnetcdff-dev|reads and writes NetCDF files from Fortran"
  "pkg-config --exists openblas|libopenblas-dev|solves banded systems (LAPACK)"
  "command -v gnuplot|gnuplot-nox|draws the figures"
  "command -v nccopy|netcdf-bin|copies NetCDF files, for \`make bench\` to compare with"
  "python3 -m venv --help && python3 -c 'import ensurepip'|python3-venv|holds the Python tools of \`make interop\` and \`make bench-peers\`"
  "test -e /usr/include/hypre/HYPRE.h|libhypre-dev|is compared with by \`make bench-peers\`"
  "command -v mpicc|libopenmpi-dev|compiles programs that call hypre"
  "command -v mpirun|openmpi-bin|runs them on two cores"
  "command -v cdo|cdo|reads the files in \`make interop\`"
  "command -v ncks|nco|reads the files in \`make interop\`"
)

missing=()
for need in "${needs[@]}"; do
  IFS='|' read -r probe package reason <<< "$need"
  if is_wanted "$package" && ! eval "$probe" > /dev/null 2>&1; then
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
