# The emulators of the talk's basin and of Lorenz '96, from nothing to a report: `make reproduce`, docs/reproduce.md.
#
# Every step is one call of seiche and leaves a stamp in $(ROOT)/done, so that what is done is not done again: an interrupted run goes on when the
# same command is given again, within a training too. To do a step anew, remove its stamp.
#
#   QUICK=1            small: a smaller basin, fewer simulations, steps and seeds; to see that all of it works
#   TRAINED=1          the checkpoints of data/emulators, as they are, instead of trainings in the basin; networks without one are left out
#   TIME_STEPS="900"   only these of 300, 600, 900 and 1500 s
MAKEFLAGS += --no-builtin-rules
SHELL := /bin/bash
.DELETE_ON_ERROR:
.NOTPARALLEL:
.DEFAULT_GOAL := report
.PHONY: report

SEICHE ?= .build/release/seiche
ROOT ?= data/reproduction$(if $(QUICK),_quick)$(if $(TRAINED),_trained)
TIME_STEPS ?= 300 600 900 1500
SEEDS ?= $(if $(QUICK),1,1 2 3)
# Steps that take a simulation from the end of its spin-up, 10 steps, to 25 hours; at 600 s, for which nothing is published, to 25.8.
LEAD_300 := 290
LEAD_600 := 140
LEAD_900 := 90
LEAD_1500 := 50
size := $(if $(QUICK),--size quick)
PUBLISHED := experiments/published_nets.yaml

# $(call basin,DT): the experiment at a time step. $(call net,DT): its folder of emulators.
net = $(ROOT)/emulators_$(1)
basin = experiments/reproduction.yaml $(size) --set model.time_step=$(1) --set simulations.test.steps=$(LEAD_$(1)) \
  --set comparison.lead_steps=$(LEAD_$(1)) --set simulations.directory=$(ROOT)/basin_$(1) --set training.directory=$(net)
lorenz = experiments/lorenz96.yaml $(size) --set simulations.directory=$(ROOT)/lorenz96 --set training.directory=$(ROOT)/emulators_lorenz96

# $(call step,NAME,STEPS IT NEEDS,TITLE,TIME IN FULL,TIME IF QUICK,COMMAND)
define step
names += $(1)
number_$(1) := $$(words $$(names))
$(ROOT)/done/$(1): $(addprefix $(ROOT)/done/,$(2))
	@printf '\n[%d/%d] %s: about %s\n' $$(number_$(1)) $$(words $$(names)) "$(3)" '$(if $(QUICK),$(5),$(4))'
	$(6)
	@mkdir -p $$(@D) && touch $$@

endef
# $(call training,DT,RUN,EMULATOR,TIME IN FULL,TIME IF QUICK,MORE ARGUMENTS)
training = $(if $(TRAINED),$(if $(wildcard $(call trained,$(1),$(2))),$(taking)),$(training_anew))
training_anew = $(eval trainings_$(1) += train_$(2)_$(1))$(call step,train_$(2)_$(1),simulate_$(1),train $(2) at $(1) s,$(4),$(5),$(SEICHE) train \
  $(basin) --emulator $(3) --name $(2) $(6))
trained = data/emulators/basin_$(1)/$(2).nc
taking = $(eval trainings_$(1) += take_$(2)_$(1))$(call step,take_$(2)_$(1),simulate_$(1),take $(2) at $(1) s,1 s,1 s,mkdir -p \
  $(net)/$(2) && cp $(trained) $(net)/$(2)/best.nc)

# The talk's net with some steps more, in which its loss looks further: without them it loses or makes water in long forecasts.
far = --from $(call net,$(1))/bilinear_implicit/best.nc --set emulators.bilinear_implicit.training.steps=$(if $(QUICK),20,1500) \
  --set emulators.bilinear_implicit.learning_rate=1e-3 --set training.loss.final_steps=4

define time_step
$(call step,simulate_$(1),,simulate the basin at $(1) s,1 min,5 s,$(SEICHE) simulate $(basin))
$(foreach seed,$(SEEDS),$(call training,$(1),implicit$(if $(filter-out 1,$(seed)),_seed$(seed)),implicit,4 min,30 s,--set training.seed=$(seed)))
$(call training,$(1),bilinear_implicit,bilinear_implicit,7 min,5 s)
$(call training,$(1),bilinear_implicit_far,bilinear_implicit,4 min,5 s,$(call far,$(1)))
$(if $(TRAINED),,$(ROOT)/done/train_bilinear_implicit_far_$(1): $(ROOT)/done/train_bilinear_implicit_$(1))
$(call training,$(1),bilinear_explicit,bilinear_explicit,6 min,5 s)
endef

# Baselines at one time step alone, the middle one unless it is left out.
BASE := $(or $(filter 900,$(TIME_STEPS)),$(firstword $(TIME_STEPS)))
CELLS := $(if $(QUICK),12,24)
STABLE_STEPS := $(if $(QUICK),1000,10000)

$(foreach dt,$(TIME_STEPS),$(eval $(call time_step,$(dt))))
$(foreach kind,unet non_local implicit_residual,$(eval $(call training,$(BASE),$(kind),$(kind),1 to 10 min,10 s)))
stability = $(if $(filter $(BASE),$(1)),--stability $(STABLE_STEPS))
$(foreach dt,$(TIME_STEPS),$(eval $(call step,compare_$(dt),$(trainings_$(dt)),compare forecasts at $(dt) s$(if $(call stability,$(dt)), and take \
  $(STABLE_STEPS) steps),1 to 5 min,10 s,$(SEICHE) compare $(call basin,$(dt)) --precision single $(call stability,$(dt)))))
$(eval $(call step,jacobian_$(BASE),$(trainings_$(BASE)),full Jacobians at $(BASE) s,30 s,5 s,$(SEICHE) check $(call basin,$(BASE)) --jacobian $(CELLS)))
$(eval $(call step,transfer_$(BASE),$(trainings_$(BASE)),cases that nothing was trained on,15 min,20 s,$(SEICHE) transfer $(call basin,$(BASE))))
$(eval $(call step,cost_$(BASE),$(trainings_$(BASE)),time and memory of a step and its derivatives,2 to 5 min,4 min,$(SEICHE) cost $(call basin,$(BASE))))
$(eval $(call step,simulate_lorenz96,,simulate Lorenz '96,10 s,2 s,$(SEICHE) simulate $(lorenz)))
$(foreach kind,bilinear_rk4 relu_rk4 relu_resolvent,$(eval trainings_lorenz96 += train_$(kind))$(eval \
  $(call step,train_$(kind),simulate_lorenz96,train $(kind) on Lorenz '96,1 to 3 min,10 s,$(SEICHE) train $(lorenz) --emulator $(kind))))
$(eval $(call step,compare_lorenz96,$(trainings_lorenz96),compare forecasts of Lorenz '96,5 min,20 s,$(SEICHE) compare $(lorenz)))
$(eval $(call step,check_lorenz96,$(trainings_lorenz96),Jacobians of Lorenz '96,5 s,2 s,$(SEICHE) check $(lorenz)))
$(foreach dt,$(TIME_STEPS),$(eval $(call step,plot_$(dt),compare_$(dt),draw the figures of $(dt) s,10 s,5 s,\
  $(SEICHE) plot $(call basin,$(dt)) --published $(PUBLISHED) --hours 0 --hours 10 --hours 20)))
$(eval $(call step,plot_lorenz96,compare_lorenz96,draw the figures of Lorenz '96,10 s,10 s,$(SEICHE) plot $(lorenz)))

# Learning curves take hours and are made by scripts/learning_curve.sh; the report shows them where they are.
curves := $(if $(QUICK),,$(wildcard data/lorenz96/learning_curve))
report: $(addprefix $(ROOT)/done/,$(names))
	@printf '\n[%d/%d] done; the report\n' $(words $(names)) $(words $(names))
	$(SEICHE) report $(foreach dt,$(TIME_STEPS),$(call net,$(dt))) $(ROOT)/emulators_lorenz96 $(curves) --published $(PUBLISHED) --output $(ROOT)/report.html
