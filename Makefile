# The menu: `make` alone prints it. What the targets do is in ops/.
.DEFAULT_GOAL := menu
.DELETE_ON_ERROR:
.PHONY: menu run start stop restart status logs keys up down test test-long check \
        bench lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SERVICE ?=
ROTATE ?=
OPS := $(BIN)/python -m ops
FOR := $(if $(SERVICE),--service $(SERVICE))
CONTAINERS := PLATFORM_UID=$$(id -u) PLATFORM_GID=$$(id -g) docker compose
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
BENCH := $(VENV)/.bench

menu: ## print this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) ## the whole platform, with its logs, until Ctrl-C
	@$(OPS) run
start: $(RUNTIME) ## the platform in the background; SERVICE=user for one service
	@$(OPS) start $(FOR)
stop: $(RUNTIME) ## stop the platform, or SERVICE=user
	@$(OPS) stop $(FOR)
restart: $(RUNTIME) ## fresh processes without losing a request; SERVICE=user for one
	@$(OPS) restart $(FOR)
status: $(RUNTIME) ## the doctor: processes, migrations, outboxes, breakers, keys
	@$(OPS) status $(FOR)
logs: $(RUNTIME) ## the logs of all processes, or of SERVICE=user, as they grow
	@$(OPS) logs --follow $(FOR)
keys: $(RUNTIME) ## make the secrets that are missing; ROTATE=auth replaces its key
	@$(OPS) keys $(if $(ROTATE),--rotate $(ROTATE))
up: $(RUNTIME) ## the platform in containers, on PostgreSQL: needs Docker with Compose
	@test "$$(id -u)" -ne 0 || { echo "The containers run as you, so not as root:" \
	  "call it as a plain user who may use Docker." >&2; exit 1; }
	@$(OPS) keys
	@$(CONTAINERS) build
	@$(CONTAINERS) up --detach
down: ## stop the containers; their databases stay in Docker's volumes
	@$(CONTAINERS) down
test: $(DEV) ## everything that CI runs; SERVICE=auth for one service
	@$(BIN)/python -m ops.suite $(FOR)
test-long: $(DEV) ## what takes longer: make test, and the tests marked long
	@$(BIN)/python -m ops.suite $(FOR) --long
check: $(DEV) ## lint, the tree's shape, import contracts, migrations, Django's checks
	@$(BIN)/python -m ops.suite $(FOR) --only check
bench: $(BENCH) ## measure the costs beside the rivals
	@$(BIN)/python -m bench
lock: $(DEV) ## write requirements/*.txt from requirements/*.in, with hashes
	@for name in runtime dev bench; do \
	  $(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --custom-compile-command "make lock" \
	    requirements/$$name.in -o requirements/$$name.txt || exit 1; \
	done
clean: ## remove caches and the virtual environment; data stays in var/
	@rm -rf $(VENV) .pytest_cache .hypothesis .ruff_cache .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and $(PYTHON) is not: name one with" \
	    "PYTHON=python3.12." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# A stamp per lock: installed again when the lock has changed.
$(RUNTIME): requirements/runtime.txt | $(BIN)/python
	@echo "Installing what the platform needs …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes \
	  -r requirements/runtime.txt
	@touch $@
$(DEV): requirements/dev.txt | $(BIN)/python
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes \
	  -r requirements/dev.txt
	@touch $@ $(RUNTIME)  # dev.txt holds all of runtime.txt
$(BENCH): requirements/bench.txt | $(BIN)/python
	@echo "Installing the rivals …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes \
	  -r requirements/bench.txt
	@touch $@ $(RUNTIME) $(DEV)  # bench.txt holds all of dev.txt
