# Everything is set up on demand: `make demo` on a fresh clone is enough.
#   make demo PYTHON=/path/to/python3.10     uses that interpreter
#   make demo GPU=1                          brings MXNet for NVIDIA GPUs, 4 GB (GPU=0: for CPUs)
#   make demo LIGHT=1                        leaves Jupyter out, until make lab
VENV   := .venv
PYTHON ?=
GPU    :=
LIGHT  :=

DEV   := test,lint,notebooks,jupyter
WANTED = $(if $(filter-out 0 1,$(LIGHT)),$(error LIGHT=$(LIGHT) will not do: LIGHT=1 or LIGHT=0))$(if $(filter 1,$(LIGHT)),,jupyter)
# The language of make lab and make assignment: en or zh
NOTEBOOKS ?= en

SETUP := VENV="$(VENV)" PYTHON="$(PYTHON)" GPU="$(GPU)" sh tools/setup_venv.sh

.DEFAULT_GOAL := help
.PHONY: help demo lab bundle test gpu smoke coverage faults soak planted hub lint notebooks notebooks-np notebooks-build gallery assignment nbgrader docs browser weights bench quality clean
.NOTPARALLEL:

help:
	@echo 'make demo    train on the bundled sentences, translate "They are watching."'
	@echo 'make lab     open the notebooks, copied to my-notebooks/, in JupyterLab (NOTEBOOKS=zh: Chinese)'
	@echo 'make bundle  put all into one archive in dist/, for laptops without a network (LIGHT=1: no Jupyter)'
	@echo 'make test    run the tests'
	@echo 'make coverage the same, and which lines of the package they reach'
	@echo 'make gpu     run what needs an NVIDIA GPU and print its table (GPU=1 brings the MXNet for it)'
	@echo 'make smoke   try the main things with another Python (PYTHON=/path/to/python3.9)'
	@echo 'make faults  run the fault matrix and print its table (KILLS=20)'
	@echo 'make planted plant faults into a copy of the package: do the tests find them?'
	@echo 'make soak    serve thirty visitors; train, kill, resume and translate for MINUTES=20'
	@echo 'make hub     start a JupyterHub, three students of it run notebook 2 (root; node, npm)'
	@echo 'make lint    check style, types, and that no room imports from a later one'
	@echo 'make notebooks        run all notebooks in both languages, exercises checked'
	@echo 'make gallery          the same, and web pages of what they show in build/gallery'
	@echo 'make notebooks-np     run them in small, in English, each with npx.set_np() in its first cell'
	@echo 'make notebooks-build  make notebooks/{en,zh,solutions} anew from notebooks/source'
	@echo 'make assignment       make a course for nbgrader in build/course (NOTEBOOKS=zh; ONLY="02 07": these)'
	@echo 'make nbgrader         let a real nbgrader release, collect and grade two notebooks'
	@echo 'make docs    build the site of guide and reference in build/docs (warnings are errors)'
	@echo 'make browser          drive playground and page in Chromium (has to be installed)'
	@echo 'make weights          train the models in data/models anew (seven minutes)'
	@echo 'make bench   measure speed, write it to benchmarks/README.md (15 minutes; DATA=fra-eng.zip)'
	@echo 'make quality compare all models on mini with three seeds (one to two hours)'
	@echo 'make clean   remove $(VENV), build folders and caches; runs/ and my-notebooks/ stay'
	@echo 'The first run sets everything up in $(VENV) (needs the network); later runs start at once.'

demo:
	@$(SETUP) $(WANTED)
	@"$(VENV)/bin/gluon-seq2seq" demo --out runs/demo

# On a copy, so that answers and outputs stay out of the repository, and are never overwritten.
lab:
	@[ -d notebooks/$(NOTEBOOKS) ] || { echo 'make lab: NOTEBOOKS is en or zh' >&2; exit 2; }
	@$(SETUP) jupyter
	@sh tools/copy_notebooks.sh $(NOTEBOOKS) my-notebooks/$(NOTEBOOKS)
	@"$(VENV)/bin/jupyter" lab $(if $(filter 0,$(shell id -u)),--allow-root) \
		my-notebooks/$(NOTEBOOKS)/00_setup.ipynb

bundle:
	@$(SETUP) $(WANTED)
	@"$(VENV)/bin/python" -m tools.bundle $(if $(WANTED),,--light)

test:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m pytest -n logical --dist worksteal

gpu:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m pytest -rs tests/gpu

smoke:
	@sh tools/smoke.sh $(PYTHON)

coverage:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m pytest -n logical --dist worksteal --cov gluon_seq2seq --cov-report term-missing:skip-covered

faults:
	@$(SETUP) $(DEV)
	@FAULT_KILLS=$(or $(KILLS),20) "$(VENV)/bin/python" -m pytest -n logical --dist worksteal tests/faults --table

planted:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" tests/faults/planted.py

soak:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" tests/faults/soak.py --minutes $(or $(MINUTES),20)

# As root it reads, as students do, what others may read: a checkout outside of /root.
HUB := build/hub
hub:
	@$(SETUP) $(DEV),hub
	@[ -x $(HUB)/venv/bin/jupyterhub ] || { "$(VENV)/bin/python" -m venv $(HUB)/venv && \
		$(HUB)/venv/bin/pip install --quiet -c constraints.txt jupyterhub; }
	@[ -x $(HUB)/node_modules/.bin/configurable-http-proxy ] || \
		npm install --silent --prefix $(HUB) configurable-http-proxy@5
	@"$(VENV)/bin/python" -m tools.hub

lint:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/ruff" check .
	@"$(VENV)/bin/ruff" format --check .
	@"$(VENV)/bin/python" -m tools.rooms
	@"$(VENV)/bin/python" -m mypy

notebooks:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m tools.notebooks run

notebooks-np:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m tools.notebooks run --smoke --set-np --lang en

gallery: notebooks
	@"$(VENV)/bin/python" -m tools.try_page build/gallery/try
	@"$(VENV)/bin/python" -m tools.notebooks gallery

assignment:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m tools.notebooks assignment --lang $(NOTEBOOKS) $(ONLY)

# nbgrader brings a server and a database: it has an environment of its own.
nbgrader:
	@VENV=build/nbgrader PYTHON="$(PYTHON)" GPU="$(GPU)" sh tools/setup_venv.sh test,notebooks
	@build/nbgrader/bin/python -m pip install --quiet 'nbgrader>=0.9.5,<0.10'
	@build/nbgrader/bin/python -m pytest -rs tests/teaching/test_nbgrader.py

docs:
	@$(SETUP) $(DEV),docs
	@"$(VENV)/bin/python" -m tools.try_page build/docs/try
	@"$(VENV)/bin/python" -m sphinx -W --keep-going -q -b html docs build/docs
	@echo 'build/docs/index.html'

notebooks-build:
	@$(SETUP) $(DEV)
	@"$(VENV)/bin/python" -m tools.notebooks build

browser:
	@$(SETUP) $(DEV),browser,serve
	@"$(VENV)/bin/python" -m pytest tests/teaching/test_browser.py tests/serving/test_browser.py \
		tests/export/test_web_browser.py

weights:
	@$(SETUP)
	@VENV="$(VENV)" sh tools/weights.sh

bench:
	@$(SETUP) onnx
	@"$(VENV)/bin/python" -m benchmarks $(if $(DATA),--data "$(DATA)") $(if $(PEERS),--peers "$(PEERS)")

quality:
	@$(SETUP)
	@"$(VENV)/bin/python" -m benchmarks.quality

# Only a folder that is a virtual environment is removed, whatever VENV= was set to.
clean:
	@if [ -e "$(VENV)/pyvenv.cfg" ]; then rm -rf "$(VENV)"; fi
	@rm -rf build dist *.egg-info .pytest_cache .ruff_cache .mypy_cache .hypothesis "$(VENV).lock"
	@find . -name .git -prune -o -name runs -prune -o -name __pycache__ -type d -prune \
		-exec rm -rf {} +
	@echo 'Clean. Your results in runs/ and my-notebooks/ are still there.'
