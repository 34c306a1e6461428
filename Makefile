# Everything a newcomer needs: `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOME_DIR ?= data
# What is installed: requirements-spark.lock adds Apache Spark and the lakehouse (docs/scaling.md).
LOCK ?= requirements.lock
# One stamp a lock: asking for another lock installs what it adds.
INSTALLED := $(VENV)/.installed-$(basename $(notdir $(LOCK)))

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench eval bundle

help: ## what each verb does
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(INSTALLED)

$(INSTALLED): $(LOCK) pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3,11) <= sys.version_info[:2] <= (3,13) else "qingqian needs Python 3.11 to 3.13; run: make PYTHON=python3.11 ...")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing locked dependencies into $(VENV) (about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: setup ## set up, run the nightly job on the sample inbox, show three answers
	@$(BIN)/qingqian nightly --inbox samples/inbox --home $(HOME_DIR)
	@$(BIN)/python -m samples.questions $(HOME_DIR)

test: setup ## set up and run all tests
	@$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

check: setup ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

eval: setup ## how well circulars are understood, on papers annotated by hand
	@$(BIN)/python -m tests.gold.evaluate

bench: setup ## our speed beside the raw libraries, in one run
	@$(BIN)/python -m benchmarks

bundle: setup ## one archive that installs and runs without a network (docs/deploy)
	@$(BIN)/python docs/deploy/bundle.py
