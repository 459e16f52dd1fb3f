#!/bin/sh
# How fast: a database of 1,000 tables (10,000 columns, 3,000 indexes), read, planned without and with a change.
# Needs an empty scratch database, and pg_dump of its version on the PATH: BENCH_URL=postgres://… make bench
set -eu
cd "$(dirname "$0")/.."
: "${BENCH_URL:?name an empty scratch database: BENCH_URL=postgres://… make bench}"
pgform=${CARGO_TARGET_DIR:-target}/debug/pgform
case $pgform in /*) ;; *) pgform=$PWD/$pgform ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 - > "$work/make.sql" <<'PY'
print("create extension if not exists vector;")
for t in range(1000):
    columns = ", ".join(f"c{c} text not null default 'x'" for c in range(6))
    parent = f"references t{t - 1} (id)" if t else ""
    print(f"create table t{t} (id bigint generated always as identity primary key, parent bigint {parent}, n numeric check (n >= 0), embedding vector(64), {columns});")
    print(f"create index t{t}_a on t{t} (c0); create index t{t}_b on t{t} (lower(c1)); ")
    print(f"create index t{t}_e on t{t} using hnsw (embedding vector_cosine_ops);" if t % 10 == 0 else f"create index t{t}_e on t{t} (n) where c2 <> '';")
PY
psql -q -v ON_ERROR_STOP=1 "$BENCH_URL" -f "$work/make.sql" > /dev/null
run() {
    name=$1; shift
    /usr/bin/time -f "$name: %e s, %M KB at most" "$@" > "$work/out" || { cat "$work/out"; exit 1; }
}
cd "$work"
run "pg_dump --schema-only" pg_dump --schema-only "$BENCH_URL"
run "import (catalog read, files and baseline written)" "$pgform" import -d "$BENCH_URL"
run "plan without a change" "$pgform" plan -m nothing
file=$(grep -rl 't500:' schema | head -1)
python3 - "$file" <<'PY'
import re, sys
text = open(sys.argv[1]).read()
open(sys.argv[1], "w").write(re.sub(r"(\n  t500:\n    columns:\n)", r"\1      added: text\n", text, count=1))
PY
run "plan with one new column, proven" "$pgform" plan -m "one column"
