# Needs Python >= 3.11, make and a package index; no root. `make help` lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: help demo serve intelligence test test-slow check audit sbom format screenshots fuzz sweeps timing flood overload redteam bench bench-lists load soak lock openapi clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

# Every package is checked against its hash, build tools included.
$(READY): requirements/build.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: set PYTHON=...")'
	@echo 'The environment is made in $(VENV), once: about a minute on two cores, longer on a slow line.'
	@echo '1 of 4: an empty one (5 s)'
	@$(PYTHON) -m venv $(VENV)
	@echo '2 of 4: the tools that build packages (a second or two)'
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/build.txt
	@echo '3 of 4: all packages, each fetched and checked against its hash (most of the time; nothing is said meanwhile)'
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --no-build-isolation -r requirements/dev.txt
	@echo '4 of 4: this project (a second or two)'
	@PYTHONWARNINGS=ignore $(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## publish a sample list, ask about two bookings, resolve a receipt, end
	@$(BIN)/python -m examples.demo

serve: $(READY) ## publish and ask as well, but stay up and say where
	@$(BIN)/python -m examples.demo --stay

intelligence: $(READY) ## set up the authorised channel, and serve its console on port 8070
	@$(BIN)/intelligence init
	@$(BIN)/intelligence serve

# Four at a time, whatever the cores: tests wait for servers as long as they work. What one of them
# has compiled the others need not, wherever no bytecode is written by default.
TESTS := PYTHONDONTWRITEBYTECODE= $(BIN)/pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

test: $(READY) ## before each commit: what every change must pass, in less than ten minutes on two cores
	$(TESTS) -m 'not slow'

test-slow: $(READY) ## all other tests: long sweeps, PostgreSQL beside SQLite, pages of the docs from end to end
	$(TESTS) -m slow

check: $(READY) ## formatter, linter, types, import contracts, known vulnerabilities where they can be asked for
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m supply_chain.audit --where-reached

audit: $(READY) ## known vulnerabilities of the locked packages; fails where no service can be asked
	$(BIN)/python -m supply_chain.audit

sbom: $(READY) ## write dist/sbom: what each image installs, as CycloneDX
	$(BIN)/python -m supply_chain.sbom

format: $(READY) ## format and sort imports
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

screenshots: $(READY) ## take the pictures of the hand-books anew; needs Chromium
	rm -f docs/images/*.png
	SCREENSHOTS=docs/images $(BIN)/pytest tests/intelligence/browser

fuzz: $(READY) ## the tests of tests/fuzz at length: 10,000 flipped bits, 10,000 edits of a journal, 2,000 inputs of each reader
	FUZZ_FLIPS=10000 FUZZ_EDITS=10000 FUZZ_EXAMPLES=2000 $(BIN)/pytest --numprocesses 2 --dist load tests/fuzz

sweeps: $(READY) ## the tests that kill commands beside a service, before all of their steps: a sample in the tests
	SWEEPS=whole $(BIN)/pytest tests/journeys/test_indexer_killed.py

timing: $(READY) ## does the time of a 401 tell anything of the key? a statistic, not a test
	$(BIN)/python -m loadtests.key_timing

flood: $(READY) ## measure what a flood of unknown keys costs those whose keys are known
	$(BIN)/python -m loadtests.flood

overload: $(READY) ## measure what ten times its capacity makes of a worker
	$(BIN)/python -m loadtests.overload

redteam: $(READY) ## how much of a list of 10^5 a guesser finds before it is stopped
	$(BIN)/python -m loadtests.redteam

bench: $(READY) ## measure checks, bulk and publishing on this machine
	$(BIN)/python -m loadtests.bench

bench-lists: $(READY) ## measure large lists: a million selectors for three partners, ten million for one
	$(BIN)/python -m loadtests.publishing --selectors 1000000 --partners 3
	$(BIN)/python -m loadtests.publishing --selectors 9900000 --partners 1

load: $(READY) ## a locust checkout mix against a server of its own
	$(BIN)/python -m loadtests.run

SECONDS ?= 300
SEED ?=
soak: $(READY) ## faults at random while 10,000 selectors are in question: SECONDS=300 SEED=1
	$(BIN)/python -m tests.faults.soak --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

openapi: $(READY) ## write openapi/screening.json anew
	$(BIN)/python -m screening.api.openapi > openapi/screening.json

lock: $(READY) ## resolve the requirements anew, with hashes
	for extra in client api indexer intelligence dev; do \
	  $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url \
	    --custom-compile-command 'make lock' --extra $$extra -o requirements/$$extra.txt pyproject.toml; done
	printf 'setuptools\nwheel\n' | $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 \
	  --custom-compile-command 'make lock' -o requirements/build.txt -

clean: ## remove what the targets made; keyring and list in .screening stay
	rm -rf $(VENV) .screening-demo build dist *.egg-info
