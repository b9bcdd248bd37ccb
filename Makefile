# Everything a newcomer needs. `make help` lists the targets. Needs Python 3.11–3.13, pip and make; nothing else.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# One demo, small enough to wait for: three clinics, half a year.
DEMO := --clinics 3 --months 6 --seed 7
ifndef TRIUNE_HOME
-include .env
endif
TRIUNE_HOME ?= var
export TRIUNE_HOME
export DAGSTER_HOME := $(abspath $(TRIUNE_HOME))/dagster

.DEFAULT_GOAL := help

.PHONY: help
help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: run
run: $(VENV)/.installed $(TRIUNE_HOME)/landing/demo_mis/truth.json ## Demo clinics, end to end: exports in, marts and payouts out
	@$(BIN)/triune run --source demo_mis

.PHONY: test
test: $(VENV)/.installed-dev ## All tests
	@$(BIN)/pytest

.PHONY: lint
lint: $(VENV)/.installed-dev ## Style, types, SQL, YAML, Dagster definitions
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/yamllint -s .
	@$(BIN)/sqlfluff lint --processes 2 dbt_project/models
	@mkdir -p $(DAGSTER_HOME) && cp orchestration/dagster.yaml $(DAGSTER_HOME)/
	@source $(BIN)/activate && dg check defs

.PHONY: dev
dev: $(VENV)/.installed ## Dagster's web UI on http://localhost:3000
	@mkdir -p $(DAGSTER_HOME) && cp orchestration/dagster.yaml $(DAGSTER_HOME)/
	@source $(BIN)/activate && dg dev

.PHONY: bench
bench: $(VENV)/.installed-dev ## Speed, as ratios to a hand-written DuckDB script
	@$(BIN)/python -m tests.benchmarks

.PHONY: lock
lock: ## Pin anew what pyproject.toml asks for (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
		--extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

.PHONY: schemas
schemas: $(VENV)/.installed ## JSON Schemas of the YAML files, from their typed readers
	@$(BIN)/python -m models.json_schemas

.PHONY: catalogue
catalogue: $(VENV)/.installed ## What is generated from the catalogue of metrics (models/metrics)
	@$(BIN)/python -m models.catalogue_files

.PHONY: clean
clean: ## Remove the environment and all data under var/
	rm -rf $(VENV) var

$(TRIUNE_HOME)/landing/demo_mis/truth.json: | $(VENV)/.installed
	@$(BIN)/triune demo $(DEMO)

$(VENV)/.installed: requirements.lock pyproject.toml
	@echo "Setting up .venv (about a minute) …"
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
		|| { echo "Triune needs Python 3.11, 3.12 or 3.13; say which: make PYTHON=python3.12 …"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@
