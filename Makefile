# Three words for everyone: demo, test, bench. `make docs` makes the site of docs/, `make soak` runs what takes longer than a
# cup of tea.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
export OMP_NUM_THREADS = 1

.PHONY: demo test lint bench soak docs

demo: $(VENV)/.demo
	@$(BIN)/python docs/demo.py build/demo

# On every core, a file's tests on one of them. A browser is found, or fetched, before the first of them.
test: lint
	@CHROMIUM="$$($(BIN)/python tests/chromium.py)" && export CHROMIUM && \
	$(BIN)/python -m pytest -m "not soak" -n logical --maxprocesses=4 --dist loadfile

lint: $(VENV)/.test
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

docs: $(VENV)/.docs
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build
	@echo "site:   file://$(CURDIR)/docs/_build/index.html"

soak: $(VENV)/.test
	$(BIN)/python -m pytest -m soak -s

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

# setuptools comes first and from the constraints, so that the build needs no second download of its own.
$(VENV)/.demo: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) install -c constraints.txt setuptools
	$(PIP) install -c constraints.txt --no-build-isolation -e ".[studio]"
	@touch $@

$(VENV)/.docs: $(VENV)/.demo
	$(PIP) install -c constraints.txt --no-build-isolation -e ".[docs]"
	@touch $@

$(VENV)/.test: $(VENV)/.demo
	$(PIP) install -c constraints.txt --no-build-isolation -e ".[test]"
	@touch $@
