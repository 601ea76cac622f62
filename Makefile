# Three words: `make demo`, `make test`, `make check`.
# Everything lives in .venv; a stamp in it keeps a second run from installing again.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes \
          --no-header --no-annotate --quiet pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help install install-dev demo test check lint types imports locks lock format evals screenshots docs clean

help:  ## show this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; say which one: make PYTHON=python3.12 …" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $(VENV)/.installed $@

install: $(VENV)/.installed  ## what the product needs, into .venv
install-dev: $(VENV)/.installed-dev  ## the same, and what its tests need

demo: $(VENV)/.installed  ## service and page with the demo patients; prints the URL
	$(BIN)/trd-assistant demo

test: $(VENV)/.installed-dev  ## every test that needs no optional component
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: lint types imports locks  ## lint, types, import contracts, lock files

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-dev
	$(BIN)/mypy

imports: $(VENV)/.installed-dev
	$(BIN)/lint-imports

locks: $(VENV)/.installed-dev
	$(BIN)/python -m pytest tests/contract/test_locks.py

format: $(VENV)/.installed-dev  ## let ruff fix and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.installed-dev  ## write both lock files anew from pyproject.toml
	$(COMPILE) --extra build --output-file requirements.lock
	$(COMPILE) --extra build --extra dev --constraint requirements.lock --output-file requirements-dev.lock

evals: $(VENV)/.installed-dev  ## the quick evaluation: the gate, and no clinical fact lost since the last release
	$(BIN)/trd-assistant evals run --limit 15 --out evals-out/quick
	$(BIN)/trd-assistant evals compare evals/baselines/latest.json evals-out/quick

screenshots: $(VENV)/.installed-dev  ## the pictures of the README, from the running page
	$(BIN)/python docs/take_screenshots.py

docs: $(VENV)/.installed-dev  ## write docs/rules.md and docs/schemas/openapi.json anew
	$(BIN)/python -m tests.spec.chapter
	$(BIN)/python -m tests.contract.openapi_snapshot

clean:  ## remove .venv and every cache
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage htmlcov
