# Seiche: everything a newcomer types. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help demo test data train compare bench build fortran clean distclean

EXPERIMENT ?= experiments/north_sea.yaml
# -march=native reaches Swift's code generation too; the package builds and passes without it, only slower.
SWIFT_FLAGS ?= -c release -Xcc -march=native
SEICHE := .build/release/seiche

# SwiftPM finds the Fortran library and its header here.
export PKG_CONFIG_PATH := $(CURDIR)/fortran/build:$(PKG_CONFIG_PATH)

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16
	@echo "  EXPERIMENT=$(EXPERIMENT) names the experiment of demo, data, train and compare."

demo: ## simulate the North Sea, train, compare, check and plot (6 to 10 minutes; installs what is missing)
	@scripts/demo.sh $(EXPERIMENT)

test: ## build and run all tests, Fortran's and Swift's (installs what is missing)
	@scripts/install_dependencies.sh
	$(MAKE) --no-print-directory -C fortran test
	$(MAKE) --no-print-directory build
	@# Without testable imports the tests share the command's build.
	SEICHE_BINARY=$(CURDIR)/$(SEICHE) swift test $(SWIFT_FLAGS) --disable-testable-imports

data: build ## regenerate the training data of EXPERIMENT
	$(SEICHE) simulate $(EXPERIMENT)

train: data ## train the emulators of EXPERIMENT, the explicit one also for as long as the implicit one took
	$(SEICHE) train $(EXPERIMENT) --emulator implicit
	$(SEICHE) train $(EXPERIMENT) --emulator explicit
	$(SEICHE) train $(EXPERIMENT) --emulator explicit --name explicit_equal_time --time-of implicit
	$(SEICHE) train $(EXPERIMENT) --emulator flux_form

compare: build ## errors, derivatives and figures of the trained emulators
	$(SEICHE) compare $(EXPERIMENT)
	$(SEICHE) check $(EXPERIMENT)
	$(SEICHE) plot $(EXPERIMENT)

bench: build ## speed of solver, kernels, one step and its adjoint
	swift build $(SWIFT_FLAGS) --product seiche-benchmarks
	.build/release/seiche-benchmarks

build: ## the `seiche` command, at .build/release/seiche
	@scripts/install_dependencies.sh swift gfortran pkg-config libnetcdf-dev
	@$(MAKE) --no-print-directory fortran
	swift build $(SWIFT_FLAGS) --product seiche

fortran: ## the Fortran library, its header and its pkg-config file
	@scripts/install_dependencies.sh gfortran
	@$(MAKE) --no-print-directory -C fortran all
	@# SwiftPM does not see that a library which it links has changed.
	@for f in .build/release/seiche .build/release/seiche-benchmarks .build/release/*.xctest; do \
	  if [ -e "$$f" ] && [ fortran/build/libseiche_reference.a -nt "$$f" ]; then rm -rf "$$f"; fi; done

clean: ## remove what was built; data stay
	rm -rf .build fortran/build

distclean: clean ## remove what was built and what experiments wrote
	find data -mindepth 1 -maxdepth 1 ! -name README.md ! -name bathymetry -exec rm -rf {} +
