# pgform's commands under the names that the migrations guide gives them; `make help` lists them.
#   make migrate-up ARGS="--again"            more arguments for pgform, with any target
#   make migrate-revision M="add embeddings"  asks for the message where none is given
#   make migrate-up PGFORM_ENV=production     another environment of pgform.yaml, whose own variable holds its address
#
# PGVECTOR_DB_URL says which database: of the environment, else of .env, else the default of development. It is handed on by
# its name: no target shows an address, which may hold a password. An address of this machine (or compose's own) is
# the environment `development`; any other database is only what it calls itself.

PGFORM ?= pgform
COMPOSE ?= docker compose
# The files that belong to pgform in a container are to be yours: it runs there as you.
export PGFORM_UID ?= $(shell id -u)
export PGFORM_GID ?= $(shell id -g)
export PGFORM_USER ?= $(shell id -un)
export M ARGS

.PHONY: help dev dev-local prod
.PHONY: migrate-up migrate-down migrate-revision migrate-history migrate-current migrate-check
.PHONY: docker-migrate-up docker-migrate-down docker-migrate-revision docker-migrate-history docker-migrate-current docker-migrate-check

# In the shell: $on becomes the arguments that name the database, PGVECTOR_DB_URL its address.
define on_local
set -eu; url=$${PGVECTOR_DB_URL:-}; \
if [ -z "$$url" ] && [ -f .env ]; then \
	url=$$(sed -n 's/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}PGVECTOR_DB_URL[[:space:]]*=[[:space:]]*//p' .env | tail -n 1 \
		| sed -e "s/^'\([^']*\)'.*/\1/" -e t -e 's/^"\([^"]*\)".*/\1/' -e t -e 's/[[:space:]]\{1,\}#.*//' -e 's/[[:space:]]*$$//'); \
fi; \
export PGVECTOR_DB_URL="$${url:-postgresql://repolens:password@localhost:5433/vectordb}"; \
export PGFORM_DATABASE_URL="$$PGVECTOR_DB_URL"; \
case $$PGVECTOR_DB_URL in *@localhost[:/]* | *@127.0.0.1[:/]*) on=development ;; *) on= ;; esac; $(named)
endef
define on_docker
set -eu; case $${DOCKER_PGVECTOR_DB_URL:-@postgres:} in *@postgres[:/]*) on=development ;; *) on= ;; esac; $(named)
endef
named = on=$${PGFORM_ENV-$$on}; [ -z "$$on" ] || on="--env $$on"
in_docker = $(COMPOSE) run --rm pgform

# The message of a new plan: M, or what is typed.
define message
set -eu; M=$${M:-}; if [ -z "$$M" ]; then printf 'What is it for? ' >&2; read -r M || true; fi; \
[ -n "$$M" ] || { echo 'a plan needs a message: make $@ M="add embeddings"' >&2; exit 1; }
endef

# Whoever types it sees what comes back and what is lost, and is asked; a script goes back over what the last run brought alone.
back = $$(if [ ! -t 0 ]; then echo --yes; else case $${ARGS:-} in '' | -*) echo --last ;; esac; fi)

# $(1) is pgform: exits with what the first of the two found, the declaration against the last plan, then the database.
define checked
found=0; $(1) plan --check $(ARGS) || found=$$?; \
$(1) check $$on || { of_check=$$?; [ "$$found" != 0 ] || found=$$of_check; }; exit "$$found"
endef

help:
	@sed -n 's/^\([a-z-]*\): *## */  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-30s %s\n", $$1, $$2 }'

migrate-up: ## run all pending migrations
	@$(on_local); $(PGFORM) apply $$on --yes $(ARGS)
migrate-down: ## go back over the last migration
	@$(on_local); $(PGFORM) rollback $$on $(back) $(ARGS)
migrate-revision: ## make a new migration from the declaration
	@$(message); $(PGFORM) plan -m "$$M" $(ARGS)
migrate-history: ## show what ran on the database
	@$(on_local); $(PGFORM) history $$on $(ARGS)
migrate-current: ## show where the database stands, and what is pending
	@$(on_local); $(PGFORM) status $$on $(ARGS)
migrate-check: ## fail where the declaration has no plan yet, plans are pending, or the database drifted
	@$(on_local); $(call checked,$(PGFORM))

docker-migrate-up: ## the same six in the container
	@$(on_docker); $(in_docker) apply $$on --yes $(ARGS)
docker-migrate-down:
	@$(on_docker); $(in_docker) rollback $$on $(back) $(ARGS)
docker-migrate-revision:
	@$(message); $(in_docker) plan -m "$$M" $(ARGS)
docker-migrate-history:
	@$(on_docker); $(in_docker) history $$on $(ARGS)
docker-migrate-current:
	@$(on_docker); $(in_docker) status $$on $(ARGS)
docker-migrate-check:
	@$(on_docker); $(call checked,$(in_docker))

dev: ## start everything that compose.yaml describes
	$(COMPOSE) up -d --wait
dev-local: ## start the databases only
	$(COMPOSE) up -d --wait postgres
prod: ## the same as dev, with a password that is not the one everybody knows
	@: "$${POSTGRES_PASSWORD:?set it (not to the one of development), in the environment of this command}"
	$(COMPOSE) up -d --wait
