# make setup · build · test · demo · reference · bench · lint · install · image, and the migrations guide's targets: make help
# Everything built lies outside the checkout, unless the caller says where.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pgform/target
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.PHONY: setup servers build test demo reference bench lint install image
.DEFAULT_GOAL := build

# The targets that `pgform init` gives a project (make migrate-up and its like), for the declaration and plans of this
# repository, with the binary that is built here.
PGFORM = $(CARGO_TARGET_DIR)/debug/pgform
COMPOSE = docker compose --project-directory . -f src/workflow/commands/init/template/compose.yaml
include src/workflow/commands/init/template/pgform.mk
migrate-up migrate-down migrate-revision migrate-history migrate-current migrate-check: build

setup:
	@scripts/setup.sh
	@scripts/servers.sh

# Real servers for the tests; fetched once, used offline afterwards.
servers:
	@scripts/servers.sh

build:
	cargo build

test: setup
	@scripts/test.sh

# Where `make install` puts the binary: small, stripped, with everything in it.
PREFIX ?= $(or $(shell [ ! -w /usr/local/bin ] || echo /usr/local/bin),$(HOME)/.local/bin)

install: setup
	cargo build --release --locked
	install -d "$(PREFIX)"
	install -m 755 "$$CARGO_TARGET_DIR/release/pgform" "$(PREFIX)/pgform"
	@"$(PREFIX)/pgform" --version

# pgform's own image, out of which others take the binary.
image:
	docker build -t pgform .

demo: setup build
	"$$CARGO_TARGET_DIR/debug/pgform" demo

# The reference project made again (schema, plans, snapshots/plans): where what a plan holds has changed.
reference: setup
	scripts/reference.py

bench: setup
	scripts/bench.py

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
