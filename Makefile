# hpweb's commands. Everything they install lies in .venv, everything they keep lies in var.
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
# The index to take torch from, where PyPI's build (with CUDA on Linux) is not wanted:
# make run TORCH_INDEX=https://download.pytorch.org/whl/cpu
TORCH_INDEX ?=
# More arguments for the command behind a target: make demo ARGS=--both, make test ARGS="-k ingest"
ARGS ?=
# make chaos: rounds of each target; one target instead of all; where the random moments come from.
ROUNDS ?= 50
TARGET ?=
SEED ?= 1

export TORCH_INDEX
BOOTSTRAP = @$(PYTHON) scripts/bootstrap.py
VENV = .venv/bin

.PHONY: help run demo test full check format bench chaos screenshots clean

help: ## Say what each command does
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## Start hpweb with its demo: http://127.0.0.1:8000 (PORT=N for another port)
	$(BOOTSTRAP)
	@exec $(VENV)/python manage.py up --demo --port $(PORT) $(ARGS)

demo: ## Run the demo sweep to its end without a browser (ARGS=--both: both demo sweeps)
	$(BOOTSTRAP)
	@exec $(VENV)/python scripts/demo.py $(ARGS)

test: ## Run the tests
	$(BOOTSTRAP) dev
	@$(VENV)/python scripts/tools.py chromium postgresql redis node
	@$(VENV)/python scripts/run_tests.py -m "not full" $(ARGS)

full: ## Run the tests, the slow further cases included
	$(BOOTSTRAP) dev
	@$(VENV)/python scripts/tools.py chromium postgresql redis node
	@$(VENV)/python scripts/run_tests.py $(ARGS)

check: ## Lint, types, import walls, migrations, templates, JavaScript
	$(BOOTSTRAP) dev
	@$(VENV)/python scripts/check.py $(ARGS)

format: ## Format the code as `make check` wants it
	$(BOOTSTRAP) dev
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format --quiet .

bench: ## Measure: start to first step, metric to page, overhead, ingest
	$(BOOTSTRAP) dev
	@$(VENV)/python -m bench $(ARGS)

chaos: ## Kill, cut and fill at random moments, for hours (ROUNDS=50 TARGET="child" SEED=1)
	$(BOOTSTRAP) dev
	@$(VENV)/python scripts/tools.py postgresql redis
	@$(VENV)/python -m tests.chaos --rounds $(ROUNDS) --seed $(SEED) $(if $(TARGET),--target "$(TARGET)") $(ARGS)

screenshots: ## Make docs/screenshots anew from a running demo
	$(BOOTSTRAP) dev
	@$(VENV)/python scripts/tools.py chromium
	@$(VENV)/python scripts/screenshots.py $(ARGS)

clean: ## Remove what was installed and cached; var, with all data, stays
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
