# make setup · build · test · demo · bench · lint
# Everything built lies outside the checkout, unless the caller says where.
export CARGO_TARGET_DIR ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/pgform/target
export PATH := $(PATH):$(or $(CARGO_HOME),$(HOME)/.cargo)/bin

.PHONY: setup servers build test demo bench lint

setup:
	@scripts/setup.sh
	@scripts/servers.sh

# Real servers for the tests; fetched once, used offline afterwards.
servers:
	@scripts/servers.sh

build:
	cargo build

test: setup
	cargo test
	@scripts/servers.sh --list | grep MISSING | sed 's/^servers:/SKIPPED: tests on PostgreSQL/' || true

demo: setup build
	"$$CARGO_TARGET_DIR/debug/pgform" demo

bench: setup
	scripts/bench.py

lint:
	cargo fmt --check
	cargo clippy --all-targets -- -D warnings
