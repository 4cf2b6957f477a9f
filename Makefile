# One line a verb: `make help`.
SHELL := /bin/bash
CACHE := $(or $(GRIDCASE_CACHE),$(HOME)/.cache/gridcase)
export PATH := $(PATH):$(HOME)/.local/bin:$(CACHE)/uv/bin
BIN := .venv/bin
SYNCED := .venv/.synced

.DEFAULT_GOAL := help
.PHONY: help up test check golden openapi bench reset setup

help: ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

up: $(SYNCED) ## Start everything on this machine and keep it running (Ctrl-C stops)
	@exec $(BIN)/python manage.py up

test: setup check ## Set up, check and run all tests
	$(BIN)/pytest

check: $(SYNCED) ## Format, lint, types and the arrows between packages
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy --explicit-package-bases .
	$(BIN)/lint-imports

golden: setup ## Record golden histories that are missing
	@PYTHONPATH=. $(BIN)/python tests/histories/record.py

openapi: $(SYNCED) ## Write docs/openapi.json and docs/table.md from the code
	@$(BIN)/python manage.py openapi
	@PYTHONPATH=. $(BIN)/python docs/make_table.py

bench: setup ## Measure the budgets and print them
	$(BIN)/python -m bench

reset: $(SYNCED) ## Delete the data folder of `make up` (asks first)
	@$(BIN)/python manage.py reset

setup: $(SYNCED) ## Install what the tests need (apt packages as root only)
	@$(BIN)/python -m embedded.setup

# uv from PATH, else from pipx, else in a virtual environment of its own in the cache folder.
$(SYNCED): pyproject.toml uv.lock
	@command -v uv >/dev/null || { \
	  echo "Installing uv: once, some seconds …"; \
	  pipx install --quiet uv 2>/dev/null \
	  || { python3 -m venv $(CACHE)/uv && $(CACHE)/uv/bin/pip install --quiet uv; } \
	  || python3 -m pip install --quiet --user uv \
	  || { echo "uv could not be installed: see https://docs.astral.sh/uv/ (Debian: apt install pipx)."; exit 1; }; }
	@echo "Installing Python packages: the first time, about a minute …"
	@uv sync --frozen --quiet
	@touch $@
