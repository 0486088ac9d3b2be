# Two commands: `make demo` shows the market, `make test` proves it. Everything else helps with one of them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 5000

.PHONY: demo demo-reset test lint unit browser bench messages migrate lock clean help

help:
	@echo "make demo | demo-reset | test | lint | bench | messages | migrate | lock"

$(BIN)/uv:
	$(PYTHON) -m venv $(VENV) || { echo "python3-venv is missing: apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9

$(VENV)/.run: requirements/run.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/run.txt \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@touch $@

$(VENV)/.test: requirements/test.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements/test.txt \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/test.txt
	@touch $@ $(VENV)/.run

translations/en/LC_MESSAGES/messages.mo: translations/en/LC_MESSAGES/messages.po | $(VENV)/.run
	$(BIN)/pybabel -q compile -d translations

demo: $(VENV)/.run translations/en/LC_MESSAGES/messages.mo
	@$(BIN)/python tools/demo.py --port $(PORT)

demo-reset: $(VENV)/.run translations/en/LC_MESSAGES/messages.mo
	@$(BIN)/python tools/demo.py --port $(PORT) --reset

test: $(VENV)/.test translations/en/LC_MESSAGES/messages.mo
	@sh tools/need.sh
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

bench: $(VENV)/.test
	$(BIN)/python -m tests.bench

messages: $(VENV)/.test
	$(BIN)/pybabel -q extract -F babel.cfg -k N_ -k _l -o translations/messages.pot --no-location --sort-output .
	$(BIN)/pybabel -q update -i translations/messages.pot -d translations -l en --no-fuzzy-matching
	$(BIN)/pybabel -q compile -d translations

migrate: $(VENV)/.run
	$(BIN)/flask --app app db upgrade

lock: | $(BIN)/uv
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 requirements/run.in -o requirements/run.txt
	$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url --python-version 3.11 requirements/test.in -o requirements/test.txt

clean:
	rm -rf $(VENV) instance .pytest_cache .mypy_cache .ruff_cache .hypothesis
