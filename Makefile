# `make` or `make help` lists what there is. Each target sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint types imports check bench up clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1	\2/' | expand -t 16

$(BIN)/hub: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	@touch $@

demo: $(BIN)/hub ## play the whole product against sandboxes, until Ctrl-C
	$(BIN)/hub demo

up: $(BIN)/hub ## run the real thing from ./mappings
	$(BIN)/hub up

test: $(BIN)/hub ## run the tests
	$(BIN)/pytest -n 2

lint: $(BIN)/hub ## style and likely bugs (ruff)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/hub ## types (mypy --strict)
	$(BIN)/mypy

imports: $(BIN)/hub ## import directions (import-linter)
	$(BIN)/lint-imports

check: lint types imports test ## everything that CI runs

bench: $(BIN)/hub ## measure the hub against its own targets; prints ratios and counts
	$(BIN)/python -m tests.bench

clean: ## remove the virtual environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
