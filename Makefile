# Seiche: everything a newcomer types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test data train compare reproduce bench bench-peers bench-training interop build fortran run-shallow-water clean distclean

EXPERIMENT ?= experiments/north_sea.yaml
# Of the data: small (minutes, half a gigabyte) or full (the published numbers; see data/README.md).
SIZE ?= small
# Without an EXPERIMENT, `make data` makes all training sets.
DATA = $(if $(filter command environment,$(firstword $(origin EXPERIMENT))),$(EXPERIMENT),$(wildcard experiments/data/*.yaml))
# -march=native reaches Swift's code generation too; the package builds and passes without it, only slower.
SWIFT_FLAGS ?= -c release -Xcc -march=native
SEICHE := .build/release/seiche

# SwiftPM finds the Fortran library and its header here.
export PKG_CONFIG_PATH := $(CURDIR)/fortran/build:$(PKG_CONFIG_PATH)

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26
	@echo "  EXPERIMENT=$(EXPERIMENT) names the experiment of demo, train and compare, and of data where it is given."

demo: ## simulate the North Sea, train, compare, check and plot (4 to 10 minutes; installs what is missing)
	@scripts/demo.sh $(EXPERIMENT)

test: ## build and run all tests, Fortran's and Swift's (installs what is missing)
	@scripts/install_dependencies.sh
	$(MAKE) --no-print-directory -C fortran test
	$(MAKE) --no-print-directory -C fortran test_run_shallow_water
	$(MAKE) --no-print-directory build
	@# Without testable imports the tests share the command's build.
	SEICHE_BINARY=$(CURDIR)/$(SEICHE) swift test $(SWIFT_FLAGS) --disable-testable-imports

data: build ## regenerate all training sets, or the one of EXPERIMENT; SIZE=full for the published size
	$(SEICHE) simulate $(DATA) --size $(SIZE)

# Of the model that EXPERIMENT is of.
is_lorenz96 = $(shell grep -sE '^ +kind: lorenz96' $(EXPERIMENT))
emulators = $(if $(is_lorenz96),bilinear_rk4 relu_rk4 relu_resolvent,implicit explicit flux_form)

define train_emulator
	$(SEICHE) train $(EXPERIMENT) --size $(SIZE) --emulator $(1)

endef

train: build ## train the emulators of EXPERIMENT, of shallow water the explicit one also for as long as the implicit one took
	$(SEICHE) simulate $(EXPERIMENT) --size $(SIZE)
	$(foreach emulator,$(emulators),$(call train_emulator,$(emulator)))
	$(if $(is_lorenz96),,$(SEICHE) train $(EXPERIMENT) --size $(SIZE) --emulator explicit --name explicit_equal_time --time-of implicit)

compare: build ## errors, derivatives and figures of the trained emulators
	$(SEICHE) compare $(EXPERIMENT) --size $(SIZE)
	$(SEICHE) check $(EXPERIMENT) --size $(SIZE)
	$(SEICHE) plot $(EXPERIMENT) --size $(SIZE)

reproduce: ## train and measure all emulators of docs/emulators.md, report as one page: 2 to 3 hours; QUICK=1 small, 10 minutes; TRAINED=1 data/emulators as they are, 40 minutes (installs what is missing)
	@scripts/install_dependencies.sh swift gfortran pkg-config libnetcdf-dev gnuplot-nox
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory -f scripts/reproduce.mk $(if $(QUICK),QUICK=$(QUICK)) $(if $(TRAINED),TRAINED=$(TRAINED))

interop: build run-shallow-water ## check files of every kind with compliance-checker, xarray, xgcm, CDO and NCO (installs what is missing)
	@scripts/install_dependencies.sh python3-venv cdo nco
	@scripts/interop.sh

bench: build ## speed of solver, kernels, one step and its adjoint, of making and writing data
	@scripts/install_dependencies.sh netcdf-bin
	swift build $(SWIFT_FLAGS) --product seiche-benchmarks
	.build/release/seiche-benchmarks

bench-peers: build ## solvers and layer beside hypre, PyAMG, SciPy and PyTorch on the same systems, half an hour (installs what is missing)
	@scripts/install_dependencies.sh libhypre-dev libopenmpi-dev openmpi-bin python3-venv
	swift build $(SWIFT_FLAGS) --product seiche-peers
	@scripts/bench_peers.sh

bench-training: build ## layers, training steps and forward passes beside PyTorch's (installs what is missing)
	@scripts/install_dependencies.sh python3-venv
	swift build $(SWIFT_FLAGS) --product seiche-peers
	@scripts/bench_training.sh

build: ## the `seiche` command, at .build/release/seiche
	@scripts/install_dependencies.sh swift gfortran pkg-config libnetcdf-dev libopenblas-dev
	@$(MAKE) --no-print-directory fortran
	swift build $(SWIFT_FLAGS) --product seiche

fortran: ## the Fortran library, its header and its pkg-config file
	@scripts/install_dependencies.sh gfortran
	@$(MAKE) --no-print-directory -C fortran all
	@# SwiftPM does not see that a library which it links has changed.
	@for f in .build/release/seiche .build/release/seiche-benchmarks .build/release/seiche-peers .build/release/*.xctest; do \
	  if [ -e "$$f" ] && [ fortran/build/libseiche_reference.a -nt "$$f" ]; then rm -rf "$$f"; fi; done

run-shallow-water: ## the model as a program without Swift, at fortran/build/run_shallow_water
	@scripts/install_dependencies.sh gfortran libnetcdff-dev
	@$(MAKE) --no-print-directory -C fortran run_shallow_water

clean: ## remove what was built; data stay
	rm -rf .build .build-peers fortran/build

distclean: clean ## remove what was built, what experiments wrote and the tools of interop and bench-peers
	rm -rf .venv-interop .venv-peers
	find data -mindepth 1 -maxdepth 1 ! -name README.md ! -name bathymetry -exec rm -rf {} +
