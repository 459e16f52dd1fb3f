#!/usr/bin/env python3
"""How fast: a database of 1,000 tables (10,000 columns, 3,000 indexes), read, and planned without and with a change.

Starts a PostgreSQL of its own (the one that scripts/servers.sh fetches), and stops it at the end. BENCH_URL names an
empty scratch database to use instead; pg_dump and psql are then taken from the PATH.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from pgserver import Programs, programs as fetched, server

TABLES = int(os.environ.get("BENCH_TABLES", "1000"))
ROUNDS = 5
# Issue 3's goals, in seconds and MB.
UNCHANGED, CHANGED, MEMORY = 1.5, 3.0, 200
HERE = pathlib.Path(__file__).resolve().parent


def stop(message):
    sys.exit(f"bench: {message}")


def schema():
    """The database: each table has 10 columns, 4 indexes, a check and a foreign key; every tenth index is hnsw."""
    yield "create extension if not exists vector;"
    texts = ", ".join(f"c{c} text not null default 'x'" for c in range(6))
    for t in range(TABLES):
        parent = f"references t{t - 1} (id)" if t else ""
        yield (
            f"create table t{t} (id bigint generated always as identity primary key, parent bigint {parent}, "
            f"n numeric check (n >= 0), embedding vector(64), {texts});"
        )
        yield f"create index t{t}_a on t{t} (c0); create index t{t}_b on t{t} (lower(c1));"
        last = "using hnsw (embedding vector_cosine_ops)" if t % 10 == 0 else "(n) where c2 <> ''"
        yield f"create index t{t}_e on t{t} {last};"


def run(arguments, cwd, **options):
    """Runs a program: seconds, its own peak memory in MB, what it printed."""
    with tempfile.TemporaryFile("w+") as out:
        start = time.perf_counter()
        process = subprocess.Popen(arguments, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, **options)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        printed = out.read()
    if process.returncode:
        stop(f"{' '.join(map(str, arguments))}: exit code {process.returncode}\n{printed}")
    # Linux counts in KiB, macOS in bytes.
    return seconds, usage.ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10), printed


def often(*arguments, **options):
    """The median of some runs."""
    runs = sorted(run(*arguments, **options) for _ in range(ROUNDS))
    return runs[len(runs) // 2]


class Table:
    def __init__(self):
        self.good = True
        print(f"{'':52}{'seconds':>9}{'peak MB':>9}   goal")

    def row(self, name, measured, goal="", met=True):
        seconds, memory, _ = measured
        self.good &= met
        verdict = goal and f"{goal}: {'met' if met else 'MISSED'}"
        print(f"{name:52}{seconds:9.2f}{memory:9.0f}   {verdict}".rstrip(), flush=True)


def add_column(work):
    """One more column in one table of the declaration."""
    table = f"t{TABLES // 2}"
    for path in sorted((work / "schema").rglob("*.yaml")):
        text = path.read_text()
        changed = re.sub(rf"(\n  {table}:\n    columns:\n)", r"\1      added: text\n", text, count=1)
        if changed != text:
            path.write_text(changed)
            return
    stop(f"no file declares {table}")


def measure(pgform, catalog, url, programs, work):
    (work / "make.sql").write_text("\n".join(schema()))
    with open(work / "make.sql") as sql:
        subprocess.run([programs.path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", url], check=True, stdin=sql,
                       stdout=subprocess.DEVNULL, **programs.options())
    print(f"{TABLES} tables, {TABLES * 10} columns, {TABLES * 3} indexes besides {TABLES} primary keys\n")
    table = Table()
    dumped = often([programs.path("pg_dump"), "--schema-only", "-f", os.devnull, url], **({"cwd": "/"} | programs.options()))
    table.row("pg_dump --schema-only", dumped)
    read = often([catalog, url], work)
    queries = int(read[2].split()[0])
    table.row(f"the catalog alone, in {queries} queries", read, "no slower than pg_dump, 10 queries at most",
              read[0] <= dumped[0] and queries <= 10)
    table.row("import: catalog read, files and baseline written", run([pgform, "import", "-d", url], work))
    seconds, memory, printed = often([pgform, "plan", "-m", "nothing"], work)
    if "no changes" not in printed.lower():
        stop(f"a plan without a change says: {printed}")
    table.row("plan without a change", (seconds, memory, ""), f"{UNCHANGED} s, {MEMORY} MB",
              seconds <= UNCHANGED and memory <= MEMORY)
    add_column(work)
    column = [pgform, "plan", "-m", "one column"]
    # Once before it counts: the embedded server unpacks itself on a machine that has never run it.
    run([*column, "--output", str(work / "first.yaml")], work)
    seconds, memory, _ = often([*column, "--output", str(work / "plan.yaml")], work)
    table.row("plan with one new column, proven (server embedded)", (seconds, memory, ""), f"{CHANGED} s",
              seconds <= CHANGED)
    return table, column


def proven_outside(table, column, url, programs, work):
    """The same plan, proven on a server outside of the process: what pgform itself needs."""
    subprocess.run([programs.path("psql"), "-X", "-q", url, "-c", "create database shadow"], check=True, **programs.options())
    shadow = url.rsplit("/", 1)[0] + "/shadow"
    measured = often([*column, "--shadow", shadow, "--output", str(work / "plan.yaml")], work)
    table.row("the same, proven on a server outside (--shadow)", measured, f"{MEMORY} MB", measured[1] <= MEMORY)


def built():
    """The two programs, built as the tests are, but for pgform itself, which is optimised as far as it is built fast."""
    command = ["cargo", "build", "--bin", "pgform", "--bench", "catalog", "--message-format=json-render-diagnostics"]
    variables = {"CARGO_PROFILE_DEV_OPT_LEVEL": "1", **os.environ}
    told = subprocess.run(command, cwd=HERE.parent, env=variables, check=True, stdout=subprocess.PIPE, text=True).stdout
    made = {m["target"]["name"]: m["executable"] for m in map(json.loads, told.splitlines()) if m.get("executable")}
    return made["pgform"], made["catalog"]


def main():
    pgform, catalog = built()
    given = os.environ.get("BENCH_URL")
    if given:
        programs, place = Programs(None), contextlib.nullcontext(given)
    else:
        programs = fetched()
        place = server(programs)
    for name in ("psql", "pg_dump"):
        if not programs.path(name) or not os.path.exists(programs.path(name)):
            stop(f"there is no {name} to measure against")
    with tempfile.TemporaryDirectory(prefix="pgform-bench-") as work, place as url:
        table, column = measure(pgform, catalog, url, programs, pathlib.Path(work))
        if not given:
            proven_outside(table, column, url, programs, pathlib.Path(work))
    print(f"\n{'all goals met' if table.good else 'not all goals met'}")


main()
