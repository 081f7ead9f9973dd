# copydesk. `make help` lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/sh

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.set-up
BENCH_STAMP := $(VENV)/.set-up-bench
RIVALS := .venv-bench
RIVALS_STAMP := $(RIVALS)/.set-up
FEEDS ?= deploy/feeds.opml
SHARED ?= ../shared
FUZZ_SECONDS ?= 60
DURATION ?= 60
SEED ?= 1

.PHONY: help setup demo run test lint types imports check bench bench-copies bench-extract bench-index bench-prefilled fuzz system containers lock schema clean bench-metadata bench-learned bench-fetch soak bench-pipeline bench-delivery

help: ## Show the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  \033[1m%-15s\033[0m %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## Make .venv and install the locked dependencies

# uv is faster where it is installed; plain venv and pip do the same.
$(STAMP): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "copydesk needs Python 3.11 or newer, not " + sys.version.split()[0])'
	@echo "Setting up $(VENV); once, about a minute."
	@if command -v uv >/dev/null 2>&1; then \
	  { [ -x $(BIN)/python ] || uv venv --quiet --python $(PYTHON) $(VENV); } && \
	  uv pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock && \
	  uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .; \
	else \
	  { [ -x $(BIN)/pip ] || $(PYTHON) -m venv $(VENV); } && \
	  $(BIN)/pip install -qq --disable-pip-version-check --require-hashes --requirement requirements.lock && \
	  $(BIN)/pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .; \
	fi
	@touch $(STAMP)

demo: setup ## Run the whole system on the bundled news site and show what comes out
	@$(BIN)/copydesk demo

run: setup ## Run every service on FEEDS (an OPML file), keeping state in ./var
	@$(BIN)/copydesk run --feeds $(FEEDS)

test: setup ## Run the tests
	@$(BIN)/pytest --numprocesses auto --dist loadgroup tests

system: setup ## Run the slow tests (all of them, or ONLY="kill or poison")
	@$(BIN)/pytest --numprocesses auto --dist loadgroup -m slow $(if $(ONLY),-k "$(ONLY)") tests

fuzz: setup ## Look for pages and feeds that break a promise, for FUZZ_SECONDS
	@$(BIN)/python tests/fuzz.py --seconds $(FUZZ_SECONDS)

soak: setup ## Kill, stop and starve everything on a made-up site for DURATION seconds, and count what comes out (SEED=1)
	@PYTHONPATH=tests $(BIN)/python -m soak --duration $(DURATION) --seed $(SEED)

lint: setup ## Check style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## Check types
	@$(BIN)/mypy

imports: setup ## Check who imports whom
	@$(BIN)/lint-imports

check: lint types imports test ## Lint, types, import rules and tests

bench: setup ## Measure quality and cost, side by side (wants the labelled data; see bench/README.md)
	@$(BIN)/python bench/quality.py --shared $(SHARED)

bench-metadata: setup ## Measure the metadata on labelled pages, beside trafilatura's
	@$(BIN)/python bench/metadata.py --shared $(SHARED)

bench-copies: $(BENCH_STAMP) ## Measure copy detection beside the usual choices, and draw docs/copies-tradeoff.svg anew
	@$(BIN)/python bench/copies.py --shared $(SHARED)
	@$(BIN)/python bench/tradeoff.py --shared $(SHARED)

bench-extract: $(BENCH_STAMP) $(RIVALS_STAMP) ## Measure extraction beside other extractors, and draw docs/extraction-cost.svg anew
	@$(BIN)/python bench/extract.py --shared $(SHARED) --plot docs/extraction-cost.svg

bench-fetch: setup $(RIVALS_STAMP) ## Measure polling and fetching beside a bare loop and other fetchers
	@$(BIN)/python bench/fetch.py

bench-pipeline: setup ## Measure CPU and latency of the whole pipeline, beside a bare loop over the same pages
	@$(BIN)/python bench/pipeline.py --shared $(SHARED)

bench-delivery: setup ## Measure delivery to consumer groups, beside plain redis-py
	@$(BIN)/python bench/delivery.py --shared $(SHARED)

bench-learned: setup ## Measure what is learned of sites, on real ones and on made-up streams
	@$(BIN)/python bench/learned.py --shared $(SHARED)

# What copydesk is measured beside; set-up does without it.
bench-index: $(BENCH_STAMP) ## Measure the cost of the copy index up to ten million documents, and draw docs/copies-cost.svg anew
	@$(BIN)/python bench/index.py --plot docs/copies-cost.svg

bench-prefilled: $(BENCH_STAMP) ## Measure copy detection once more in an index that holds a million other documents
	@$(BIN)/python bench/prefilled.py --shared $(SHARED)

$(BENCH_STAMP): bench/requirements.lock $(STAMP)
	@if command -v uv >/dev/null 2>&1; then \
	  uv pip install --quiet --python $(BIN)/python --require-hashes --requirement bench/requirements.lock; \
	else \
	  $(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes --requirement bench/requirements.lock; \
	fi
	@touch $(BENCH_STAMP)

# The other extractors ask for older versions of what copydesk has, so that they have an environment of their own.
$(RIVALS_STAMP): bench/extract.lock bench/magic-html.lock
	@[ -x $(RIVALS)/bin/pip ] || $(PYTHON) -m venv $(RIVALS)
	@$(RIVALS)/bin/pip install -qq --disable-pip-version-check --no-deps --require-hashes --ignore-requires-python \
	  --requirement bench/extract.lock --requirement bench/magic-html.lock
	@touch $(RIVALS_STAMP)

containers: setup ## Build the image, bring the Compose stack up, run the bundled site through it, take it down
	@deploy/try-containers.sh

lock: ## Write the locks anew (wants uv)
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
	  --group dev --output-file requirements.lock pyproject.toml
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
	  --output-file deploy/requirements.lock pyproject.toml
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
	  --group bench --constraint requirements.lock --output-file bench/requirements.lock
	@uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-header \
	  --group bench-extract --output-file bench/extract.lock

schema: setup ## Write the JSON Schemas in docs/schema anew
	@$(BIN)/python -m copydesk.schema docs/schema

clean: ## Remove what set-up and runs have made (not ./var)
	@rm -rf $(VENV) $(RIVALS) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
