# Seven words; each does its own set-up.
#
#   make demo      train a small net on drawn digits and write a report to look at
#   make test      the default tests
#   make test-all  the slow ones too
#   make fuzz      read many thousand damaged files, others each time; FUZZ=9999 of each data set
#   make check     format, lint, types, floors
#   make bench     the benchmarks, as ratios against a peer in the same run
#   make clean     remove what the others made

PYTHON ?= python3
FUZZ ?= 1000
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test test-all fuzz check bench clean

demo: .venv/core.done
	$(BIN)/pixelwise demo

test: .venv/all.done
	OMP_NUM_THREADS=1 $(BIN)/pytest -n auto --maxprocesses 4 --dist worksteal

test-all: .venv/all.done
	$(BIN)/pytest -m "not gpu and not network"

fuzz: .venv/all.done
	PIXELWISE_FUZZ=$(FUZZ) $(BIN)/pytest tests/properties/test_bad_files.py

check: .venv/all.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

bench: .venv/all.done .venv-keras/done .venv-albumentations/done
	$(BIN)/python -m benchmarks

clean:
	rm -rf .venv .venv-keras .venv-albumentations runs .pytest_cache .ruff_cache .hypothesis .import_linter_cache

.venv/core.done: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "pixelwise needs Python 3.11 or newer, this is %d.%d. Try: make $(MAKECMDGOALS) PYTHON=python3.12" % sys.version_info[:2])'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --quiet -e .
	touch $@

.venv/all.done: requirements-all.lock .venv/core.done
	$(PIP) install --require-hashes -r requirements-all.lock
	touch $@

.venv-%/done: benchmarks/%.lock
	test -x .venv-$*/bin/python || $(PYTHON) -m venv .venv-$*
	.venv-$*/bin/python -m pip --disable-pip-version-check install --require-hashes -r $<
	touch $@
