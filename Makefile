# Magpie: two commands do everything.   make demo · make test
PORT ?= 8000
PYTHON ?= python3
PY := .venv/bin/python
TEST_DATABASE_URL ?= postgres://postgres@127.0.0.1:5432/postgres
MESSAGES ?= 20000
KILLS ?= 100
SEED ?= 1
BENCH_POSTGRES ?= postgres://postgres@127.0.0.1:5432/magpie_bench

.DEFAULT_GOAL := help
.PHONY: help setup setup-dev demo test test-postgres check bench chaos

help:  ## What there is to do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# Debian and Ubuntu ship Python without venv; we fetch it where we may.
.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Magpie needs Python 3.11 or newer; this is $$($(PYTHON) -V)."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { [ "$$(id -u)" = 0 ] && apt-get update -qq && apt-get install -y -qq python3-venv; } \
		|| { echo "Python's venv is missing. Run: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/ready: requirements.txt | .venv/bin/pip
	.venv/bin/pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/ready-dev: requirements.txt requirements-dev.txt | .venv/bin/pip
	.venv/bin/pip install -q --disable-pip-version-check -r requirements-dev.txt
	@touch .venv/ready $@

setup: .venv/ready  ## Make the virtual environment and install what the portal runs on

setup-dev: .venv/ready-dev  ## The same, with what tests and checks need

demo: setup  ## Start the whole portal with sample data on a pretend Sinch (PORT=8000)
	@exec $(PY) manage.py demo --port $(PORT)

test: setup-dev check  ## Run every check and test
	$(PY) -m pytest -n auto --ignore campaigns/tests/journeys
	$(PY) -m pytest -n 2 --no-loadscope-reorder campaigns/tests/journeys

test-postgres: setup-dev  ## Run what touches the database on PostgreSQL, too (TEST_DATABASE_URL=)
	DATABASE_URL=$(TEST_DATABASE_URL) $(PY) -m pytest -n auto --ignore campaigns/tests/journeys \
		--ignore campaigns/tests/gateways --ignore campaigns/tests/rules --ignore campaigns/tests/sandbox

check: setup-dev  ## Lint, format, missing migrations, deployment checks
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	$(PY) manage.py makemigrations --check --dry-run
	DEBUG=off SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(50))') \
		FIELD_KEYS=$$($(PY) -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())') \
		PUBLIC_BASE_URL=https://mms.example.org DATA_DIR=$$(mktemp -d) \
		$(PY) -W error manage.py check --deploy --fail-level WARNING

bench: setup-dev  ## Measure everything against baselines in the same run, on SQLite and PostgreSQL (BENCH_POSTGRES=)
	$(PY) manage.py bench dispatch callbacks page media import segments fill \
		--database sqlite,$(BENCH_POSTGRES) --json var/benchmarks.json --doc docs/benchmarks.md

chaos: setup-dev  ## Kill everything at random in campaigns and count who got what, on SQLite and on PostgreSQL with Redis (MESSAGES= KILLS= SEED=)
	$(PY) manage.py chaos --messages $(MESSAGES) --kills $(KILLS) --seed $(SEED)
	$(PY) manage.py chaos --messages $(MESSAGES) --kills $(KILLS) --seed $(SEED) --database postgres --broker redis
