# Everything is set up on demand: `make demo` on a fresh clone is enough.
#   make demo PYTHON=/path/to/python3.10     uses that interpreter
VENV   := .venv
PYTHON ?=

SETUP := VENV="$(VENV)" PYTHON="$(PYTHON)" sh tools/setup_venv.sh

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench quality clean
.NOTPARALLEL:

help:
	@echo 'make demo    train on the bundled sentences, translate "They are watching."'
	@echo 'make test    run the tests'
	@echo 'make lint    check style (ruff check, ruff format --check)'
	@echo 'make bench   run the benchmarks'
	@echo 'make quality compare all models on mini with three seeds (one to two hours)'
	@echo 'make clean   remove $(VENV), build folders and caches; your results in runs/ stay'
	@echo 'The first run sets everything up in $(VENV) (needs the network); later runs start at once.'

demo:
	@$(SETUP)
	@"$(VENV)/bin/gluon-seq2seq" demo --out runs/demo

test:
	@$(SETUP) test,lint
	@"$(VENV)/bin/python" -m pytest

lint:
	@$(SETUP) test,lint
	@"$(VENV)/bin/ruff" check .
	@"$(VENV)/bin/ruff" format --check .

bench:
	@$(SETUP)
	@"$(VENV)/bin/python" -m benchmarks

quality:
	@$(SETUP)
	@"$(VENV)/bin/python" -m benchmarks.quality

# Only a folder that is a virtual environment is removed, whatever VENV= was set to.
clean:
	@if [ -e "$(VENV)/pyvenv.cfg" ]; then rm -rf "$(VENV)"; fi
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .hypothesis "$(VENV).lock"
	@find . -name .git -prune -o -name runs -prune -o -name __pycache__ -type d -prune \
		-exec rm -rf {} +
	@echo 'Clean. Your results in runs/ are still there.'
