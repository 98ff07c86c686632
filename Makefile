# Cohab Report. Two commands matter: `make run` and `make test`. `make help` tells the rest.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PYTHON_VENV := .venv/bin/python
PORT ?= 8000
HOST ?= 127.0.0.1
.PHONY: help run stop status flask test unit check check-javascript format mutants bench attack chaos demo-reset screens lighthouse profile-check translations lock clean

help: ## Tell what can be made
	@printf 'make TARGET [NAME=value]\n\n'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Running ---

run: ## Set up, fill with demo data and start on this machine [PORT=8000] [HOST=127.0.0.1] [COHAB_DEMO_PASSWORD=…]
	@sh deploy/bootstrap.sh run
	@exec $(PYTHON_VENV) -m deploy.run --host $(HOST) --port $(PORT)

stop: ## Stop what `make run` started elsewhere
	@$(PYTHON_VENV) -m deploy.run --stop

status: ## Tell which parts run
	@$(PYTHON_VENV) -m supervisor.supervisorctl --configuration instance/run/supervisor.conf status

flask: ## Give the program a command beside what runs: make flask ARGS="import-observations --help"
	@exec $(PYTHON_VENV) -m deploy.command $(ARGS)

demo-reset: ## Delete this machine's database, queue and mailbox (keys stay); the next `make run` begins anew
	@$(PYTHON_VENV) -m deploy.reset

# --- Testing ---

test: ## Install what tests need and run them all: unit, both databases, browser [ARGS=…]
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m pytest -n 2 --dist loadfile $(ARGS)

unit: ## Run the quick tests only: no browser, no PostgreSQL [ARGS=…]
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m pytest -m 'not browser and not postgres' $(ARGS)

check: ## Read the code critically: ruff, its format, scripts and their types, the floor plan, dead code, mypy strict
	@sh deploy/bootstrap.sh check
	$(PYTHON_VENV) -m ruff check .
	$(PYTHON_VENV) -m ruff format --check .
	npm --prefix deploy/javascript run --silent check
	.venv/bin/lint-imports --no-cache
	$(PYTHON_VENV) -m tests.house.dead_python
	$(PYTHON_VENV) -m mypy

check-javascript: ## Read the scripts alone: Biome, and their types with tsc
	@sh deploy/bootstrap.sh check
	npm --prefix deploy/javascript run --silent check

format: ## Sort imports, lay the code and the scripts out, mend what ruff and Biome can mend
	@sh deploy/bootstrap.sh check
	$(PYTHON_VENV) -m ruff check --fix-only --exit-zero .
	$(PYTHON_VENV) -m ruff format .
	npm --prefix deploy/javascript run --silent format

mutants: ## Break the code in small ways and tell what no test notices [ARGS="cohab_report/partners/hours.py tests/…"]
	@sh deploy/bootstrap.sh mutants
	@exec nice $(PYTHON_VENV) -m tests.mutation $(ARGS)

bench: ## Measure speed on both databases, one JSON line a figure [ROWS=100000]
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m tests.bench $(if $(ROWS),--rows $(ROWS))

attack: ## Attack a site of its own on both databases, one JSON line a figure: what a stranger learns, what stops it
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m tests.attack

chaos: ## Kill parts of a site of its own while residents send, on both databases, and count what was lost [OBSERVATIONS=2000]
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m tests.chaos $(if $(OBSERVATIONS),--observations $(OBSERVATIONS))

screens: ## Take every page's picture into docs/screens
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m tests.browser.screens

lighthouse: ## Read the residents' pages with Lighthouse, one JSON line a page (needs npm)
	@sh deploy/bootstrap.sh test
	@exec $(PYTHON_VENV) -m tests.browser.lighthouse

# --- Data, words, libraries ---

profile-check: ## Read a city profile and tell its mistakes, without loading it [CITY=name or folder]
	@exec $(PYTHON_VENV) -m deploy.command check-city $(CITY)

translations: ## Collect the words to translate and compile the catalogues
	$(PYTHON_VENV) -m babel.messages.frontend extract -F cohab_report/translations/babel.cfg --no-location --sort-output --no-wrap -o instance/messages.pot cohab_report
	$(PYTHON_VENV) -m babel.messages.frontend update --no-fuzzy-matching --ignore-obsolete --no-wrap -i instance/messages.pot -d cohab_report/translations
	$(PYTHON_VENV) -m babel.messages.frontend compile -d cohab_report/translations

lock: ## Choose the versions of libraries and checkers anew, with hashes, into deploy/locks and deploy/javascript (needs npm)
	@sh deploy/lock.sh

clean: ## Delete what can be made again: .venv, node_modules, caches, compiled catalogues (never instance/)
	rm -rf .venv deploy/javascript/node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache mutants
	find cohab_report -name '*.mo' -delete
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
