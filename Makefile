# Every target does its own set-up: a virtual environment in .venv, with what requirements*.txt name.
PYTHON ?= python3
BIN := .venv/bin
# Tests run in so many processes, because many of them wait; 0: one after the other, as on a machine nobody knows.
WORKERS ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: install demo run test lint pictures bench clean decoder browser

install: .venv/installed

demo: .venv/installed
	@$(BIN)/python -m app.demo

run: .venv/installed
	@PATH="$(CURDIR)/$(BIN):$$PATH"; eval "exec $$(sed -n 's/^web: //p' Procfile)"

test: .venv/installed-dev decoder browser
	@echo "Running every test, on the embedded store and on a private Redis-compatible server …"
	@seed=$$($(BIN)/python -c "import secrets; print(secrets.randbelow(2**32))") && \
	  echo "Sets come in another order each time, the same in every process: PYTHONHASHSEED=$$seed" && \
	  PYTHONHASHSEED=$$seed $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(TESTS)

lint: .venv/installed-dev
	@echo "Checking style (ruff) and types (mypy) …"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

pictures: .venv/installed-dev browser
	@$(BIN)/python -m docs.pictures

bench: .venv/installed-bench
	@$(BIN)/python -m benchmarks $(BENCH)

clean:
	rm -rf .venv .demo .pytest_cache .mypy_cache .ruff_cache

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "DoorBot needs Python 3.11 or newer; say which one to use, e.g.: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@echo "Making a virtual environment in .venv …"
	@$(PYTHON) -m venv .venv

.venv/installed: requirements.txt | .venv/bin/python
	@echo "Installing what the server needs (requirements.txt) …"
	@$(BIN)/python -m pip install --quiet -r requirements.txt
	@touch $@

.venv/installed-dev: requirements.txt requirements-dev.txt | .venv/bin/python
	@echo "Installing what the tests need (requirements-dev.txt) …"
	@$(BIN)/python -m pip install --quiet -r requirements-dev.txt
	@touch $@ .venv/installed

# The tests listen to the tones with a decoder that is a program of its own. Without it those tests fail.
decoder:
	@command -v multimon-ng >/dev/null || { \
	  echo "Installing multimon-ng, which decodes the tones in the tests …"; \
	  if [ "$$(id -u)" = 0 ]; then as=; else as="sudo -n"; fi; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq multimon-ng >/dev/null; } || \
	  echo "multimon-ng could not be installed here, and the tests of tones will fail; install it with your system's" \
	    "packages, e.g.: sudo apt-get install multimon-ng (or: brew install multimon-ng)"

# The tests of the pages drive Chromium. Without a browser those tests fail. CHROMIUM=/path/to/one says which to use.
browser: .venv/installed-dev
	@$(BIN)/python -m tests.browser.chromium >/dev/null 2>&1 || { \
	  echo "Installing chromium, in which the tests open the pages …"; \
	  if [ "$$(id -u)" = 0 ]; then as=; else as="sudo -n"; fi; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
	  echo "Chromium could not be installed here, and the tests of the pages will fail; install it with your system's" \
	    "packages (sudo apt-get install chromium), or with $(BIN)/playwright install chromium, or say where one is:" \
	    "make test CHROMIUM=/path/to/chrome"

# bjoern, the leanest server, is what the figures are compared with. It is compiled against libev.
.venv/installed-bench: .venv/installed-dev benchmarks/requirements.txt
	@echo "Installing what the benchmarks need (benchmarks/requirements.txt) …"
	@$(BIN)/python -m pip install --quiet -r benchmarks/requirements.txt 2>/dev/null || \
	  { apt-get update -qq && apt-get install -y -qq libev-dev gcc python3-dev >/dev/null && \
	    $(BIN)/python -m pip install --quiet -r benchmarks/requirements.txt; } || \
	  echo "bjoern could not be built (it needs libev's headers: libev-dev or libev); going on without it"
	@touch $@
