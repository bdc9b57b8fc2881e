# Everything a developer or CI runs. `make` alone lists the targets.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
# Hashes for every platform, and no addresses: the index is the reader's own.
LOCK := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade --quiet

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/.ready: requirements/dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.PHONY: install
install: .venv/.ready ## Make .venv with everything pinned by hash

tests/clients/node_modules/.ready: tests/clients/package-lock.json
	cd tests/clients && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: clients
clients: tests/clients/node_modules/.ready ## Install the JavaScript clients of the tests (needs node 20)

.PHONY: demo
demo: .venv/.ready ## See it work: install a simulated shop, sync it, serve it (ARGS="--orders 100000 --exit")
	@$(BIN)/echosignal demo $(ARGS)

.PHONY: test
test: .venv/.ready tests/clients/node_modules/.ready ## Run the tests against a real MongoDB
	@$(BIN)/python -m pytest -n 3 --dist loadgroup $(ARGS)

.PHONY: nightly
nightly: .venv/.ready tests/clients/node_modules/.ready ## Run the long tests too: kills, soaks, big shops
	@$(BIN)/python -m pytest -m "nightly or not nightly" $(ARGS)

.PHONY: lint
lint: .venv/.ready ## Check style and formatting
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

.PHONY: types
types: .venv/.ready ## Check types, strictly, in source and tests
	@$(BIN)/mypy

.PHONY: imports
imports: .venv/.ready ## Check that the rooms import only downward
	@$(BIN)/lint-imports

.PHONY: schema
schema: .venv/.ready ## Write the GraphQL schema of the gateway to its committed file
	@$(BIN)/echosignal schema > gateway/graphql/schema.graphql

.PHONY: check
check: lint types imports test ## Everything a change needs before it is proposed

.PHONY: bench
bench: .venv/.ready ## Measure the speed claims and print them
	@$(BIN)/python -m bench $(ARGS)

.PHONY: lock
lock: ## Renew the lock files (needs uv); commit what changed after the tests pass
	$(LOCK) pyproject.toml -o requirements/runtime.lock
	printf 'hatchling>=1.27\neditables>=0.6\n' | $(LOCK) - -c requirements/runtime.lock -o requirements/build.lock
	printf 'pyarrow>=26,<27\n' | $(LOCK) - -c requirements/runtime.lock -o requirements/archive.lock
	$(LOCK) pyproject.toml --extra dev --extra embedded --extra archive -c requirements/runtime.lock -o requirements/dev.lock
