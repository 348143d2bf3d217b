# Everything a developer or a newcomer types. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help setup demo native test test-quick check fix lock sbom audit date-words bench-dates bench-pipeline bench-memory bench-capacity bench-fetcher bench-parser bench-parser-alone bench-fronts bench-frontier bench-schedule bench-stories bench-source-health bench-source-coverage bench-indexer bench-search bench-search-languages bench-million bench-export bench-archive bench-door bench-flood fuzz-parser sim chaos soak manifests test-clients test-readers analysts incidents clean

# The embedded Redis is a wheel for Python 3.11 and 3.12; with a later one, Redis or Valkey must be on the PATH.
PYTHON ?= $(shell for p in python3 python3.12 python3.11; do \
    $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$p && exit; \
    done; echo python3)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

help:  ## List these targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: $(READY)  ## Build the environment in .venv, with .venv/bin/depeche

# Old pips trip over some of the locked packages, so pip is brought to a pinned version first.
$(READY): requirements/pip.txt requirements/dev.txt pyproject.toml setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Depeche needs Python 3.11 or later; name one with PYTHON=..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/pip.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)  ## Ingest the bundled sample press site on embedded servers, and show the result
	@$(BIN)/depeche demo

native: $(READY)  ## Build the compiled part of the parser into .venv; needs a C compiler, and nothing else needs it
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/native.txt
	@DEPECHE_NATIVE=0 $(BIN)/python -m services.parser.native.build $(ARGS)

# Tests wait more than they work, so there are five processes for two cores; without servers they wait little. The
# hundreds of processes that they start share what has been compiled, even where the environment says to keep nothing.
CORES := $(shell nproc 2>/dev/null || echo 2)
TEST_PROCESSES ?= $(shell echo $$((5 * $(CORES) / 2)))
PYTEST = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
SERVERS := redis or postgres or workers or compose or browser

test: $(READY)  ## Run all tests, in parallel; they start the servers they need. ARGS=... for pytest
	@$(PYTEST) -n $(TEST_PROCESSES) $(ARGS)

test-quick: $(READY)  ## Run the tests that need no server
	@$(PYTEST) -n $$(($(CORES) + 1)) -m "not ($(SERVERS))" $(ARGS)

CLIENTS := .venv-clients
CLIENTS_READY := $(CLIENTS)/.ready
PEER_ENV := .venv-peer
PEER_READY := $(PEER_ENV)/.ready

test-clients: $(READY) $(CLIENTS_READY) $(PEER_READY)  ## Run the examples for Airflow, Dagster, APScheduler and dbt with the real packages, and the peer
	@$(PYTEST) -o timeout=1500 tests/clients $(ARGS)

# Some 190 packages, half a gigabyte: they are in no lock file of Depeche's own, since they want other versions.
$(CLIENTS_READY): requirements/clients.txt
	$(PYTHON) -m venv --clear $(CLIENTS)
	$(BIN)/uv pip install --quiet --python $(CLIENTS)/bin/python --require-hashes -r requirements/clients.txt
	@touch $@

READERS := .venv-readers
READERS_READY := $(READERS)/.ready

test-readers: $(READY) $(READERS_READY)  ## Read articles with DuckDB, Polars, pandas, ADBC, connectorx and SQLAlchemy
	@$(PYTEST) -o timeout=600 tests/readers $(ARGS)

analysts: $(READY) $(READERS_READY)  ## Write the answers and the picture of docs/analysts.md anew
	@$(BIN)/python -m tests.support.analysts docs/images/analysts-ticker.png

$(READERS_READY): requirements/readers.txt
	$(PYTHON) -m venv --clear $(READERS)
	$(BIN)/uv pip install --quiet --python $(READERS)/bin/python --require-hashes -r requirements/readers.txt
	@touch $@

check: $(READY)  ## Lint, check the format, the types and the layering
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fix: $(READY)  ## Mend what the linter and the formatter can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

EXTRAS := dev cli fetcher parser native indexer otel bench audit
lock: $(READY)  ## Write requirements/*.txt anew: every package by name, version and hash
	@set -e; pins=; for extra in $(EXTRAS); do \
	    echo "requirements/$$extra.txt"; \
	    $(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --no-header --extra $$extra $$pins -o requirements/$$extra.txt; pins="-c requirements/dev.txt"; \
	done; \
	for other in clients peer readers; do \
	    echo "requirements/$$other.txt"; \
	    $(BIN)/uv pip compile requirements/$$other.in --quiet --upgrade --universal --python-version 3.11 \
	        --generate-hashes --no-emit-index-url --no-header -o requirements/$$other.txt; \
	done; \
	echo "requirements/pip.txt"; \
	echo pip | $(BIN)/uv pip compile - --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-header -o requirements/pip.txt

sbom: $(READY)  ## Write what each image is made of (CycloneDX, JSON) into the folder sbom, or that of DIR=...
	@$(BIN)/python -m tools.sbom $(DIR)

audit: sbom  ## Look for known vulnerabilities of what the images get; status 3 where nobody could be asked
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/audit.txt
	@$(BIN)/python -m tools.audit

date-words: $(READY)  ## Write the table of the words of dates anew, from Babel and date_words.toml
	@$(BIN)/python -m tools.date_words

bench-pipeline: $(READY) $(if $(PEER),$(PEER_READY))  ## Measure the pipeline end to end on the pages of DATA=folder; PEER=scrapy
	@test -n "$(DATA)" || { echo "usage: make bench-pipeline DATA=folder-with-pages [PEER=scrapy]" >&2; exit 2; }
	@test -z "$(filter-out scrapy,$(PEER))" || { echo "There is no peer $(PEER), only scrapy." >&2; exit 2; }
	@$(BIN)/python -m benchmarks.$(if $(PEER),peer,pipeline) "$(DATA)"

# The peer's packages want other versions than Depeche's, and are in no lock file of its own.
$(PEER_READY): requirements/peer.txt | $(READY)
	$(PYTHON) -m venv --clear $(PEER_ENV)
	$(BIN)/uv pip install --quiet --python $(PEER_ENV)/bin/python --require-hashes -r requirements/peer.txt
	@touch $@

# With compiled modules, as in an image: what compiles them at its start keeps memory of that.
bench-memory: $(READY)  ## Measure the memory of a stack with one worker a stage on the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-memory DATA=folder-with-pages" >&2; exit 2; }
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m benchmarks.memory "$(DATA)" --write

bench-capacity: $(READY)  ## Find the highest rate that this machine sustains, and what a page costs; DATA=folder
	@$(BIN)/python -m benchmarks.capacity $(if $(DATA),"$(DATA)") $(ARGS)

bench-fetcher: $(READY)  ## Measure the fetcher beside the network's limit and bare httpx
	@$(BIN)/python -m benchmarks.fetcher

bench-parser: $(READY)  ## Score and time the parser and its peers on the corpus DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-parser DATA=corpus-folder" >&2; exit 2; }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bench.txt
	@$(BIN)/python -m benchmarks.parser "$(DATA)"

bench-parser-alone: $(READY)  ## Score and time the parser without its peers on the corpus DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-parser-alone DATA=corpus-folder" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.parser "$(DATA)" --quick

bench-fronts: $(READY)  ## Score the reading of front and section pages on the corpus DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-fronts DATA=corpus-folder" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.fronts "$(DATA)"

bench-dates: $(READY)  ## Read dates as 85 languages write them, and 15:30 as they print it
	@$(BIN)/python -m benchmarks.dates

bench-frontier: $(READY)  ## Measure the frontier with up to a million URLs waiting; takes 3 GB of memory
	@$(BIN)/python -m benchmarks.frontier

bench-schedule: $(READY)  ## Measure the tick with 10,000 sources due at once
	@$(BIN)/python -m benchmarks.schedule

sim: $(READY)  ## Live through a simulated day: 200 sites, four fetchers, some 5 minutes
	@$(BIN)/python -m benchmarks.sim

chaos: $(READY)  ## Kill everything again and again, and count what is lost or double. SECONDS=1200 SEED=2026
	@$(BIN)/python -m benchmarks.chaos $(if $(SECONDS),--seconds $(SECONDS)) $(if $(SEED),--seed $(SEED)) $(ARGS)

bench-door: $(READY)  ## Kill fetchers while a Celery client sends 10,000 tasks, and count what is lost. SEED=2026
	@$(BIN)/python -m benchmarks.door $(if $(SEED),--seed $(SEED)) $(ARGS)

bench-flood: $(READY)  ## Accept PAGES=100000 while Postgres cannot keep up for SECONDS=600, three times; an hour or more
	@$(BIN)/python -m benchmarks.flood $(if $(SECONDS),--seconds $(SECONDS)) $(if $(PAGES),--pages $(PAGES)) $(ARGS)

incidents: $(READY)  ## Stage ten incidents in a Compose project, and measure where and when each shows; most of an hour
	@$(BIN)/python -m tests.compose.incidents $(ARGS)

soak: $(READY)  ## Let the whole stack work for an hour, and see whether anything grows. SECONDS=3600 RATE=16
	@$(BIN)/python -m benchmarks.soak $(if $(SECONDS),--seconds $(SECONDS)) $(if $(RATE),--rate $(RATE)) $(ARGS)

bench-archive: $(READY)  ## Measure what the archive costs on the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-archive DATA=folder-with-pages" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.archive "$(DATA)"

bench-stories: $(READY)  ## Score and time the grouping of copies on texts made from the corpus DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-stories DATA=corpus-folder" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.stories "$(DATA)"

bench-indexer: $(READY)  ## Measure the indexer beside single upserts with the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-indexer DATA=folder-with-pages" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.indexer "$(DATA)"

bench-source-health: $(READY)  ## Simulate redesigns and bad days, and measure what looking for them costs
	@$(BIN)/python -m benchmarks.source_health

bench-source-coverage: $(READY)  ## Measure the count of what each source brings, and articles by tags
	@$(BIN)/python -m benchmarks.source_coverage

bench-search: $(READY)  ## Measure full-text search with the articles of the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-search DATA=folder-with-pages" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.search "$(DATA)"

bench-search-languages: $(READY)  ## Ask for words in forty languages, in other forms and spellings than the texts have
	@$(BIN)/python -m benchmarks.search_languages $(ARGS)

bench-export: $(READY)  ## Measure depeche export beside COPY with the articles of the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-export DATA=folder-with-pages" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.export "$(DATA)"
bench-million: $(READY)  ## Measure reading and storing with a million articles made from the pages of DATA=folder
	@test -n "$(DATA)" || { echo "usage: make bench-million DATA=folder-with-pages" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.million "$(DATA)"

fuzz-parser: $(READY)  ## Parse PAGES=100000 mutated pages of the folder DATA=...
	@test -n "$(DATA)" || { echo "usage: make fuzz-parser DATA=folder-with-pages [PAGES=100000]" >&2; exit 2; }
	@$(BIN)/python -m benchmarks.fuzz "$(DATA)" --pages $(or $(PAGES),100000)

manifests: $(READY)  ## Render the Kubernetes manifests of DIR=folder, and check them against the schemas
	@$(BIN)/python -m tools.manifests $(or $(DIR),deploy/kubernetes/example)

clean:  ## Remove the environment and the embedded servers' data
	rm -rf $(VENV) $(CLIENTS) $(PEER_ENV) $(READERS) .depeche
