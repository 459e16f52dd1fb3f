"""How fast: databases of 1,000, 3,000 and 10,000 tables with all that hangs on them, read, imported, and planned without
and with a change, in the release profile, beside `pg_dump --schema-only` of the same; and how each grows with the size.

BENCH_TABLES names other sizes: `BENCH_TABLES=1000 make bench`. BENCH_PROFILE names another profile of cargo's. Starts a
PostgreSQL of its own (the one that scripts/servers.sh fetches), and stops it at the end. BENCH_URL names an empty scratch
database to use instead, for one size; pg_dump and psql are then taken from the PATH.
"""

import contextlib
import json
import math
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

from pgserver import Programs, programs as fetched, server

SIZES = [int(size) for size in os.environ.get("BENCH_TABLES", "1000,3000,10000").split(",")]
PROFILE = os.environ.get("BENCH_PROFILE", "release")
ROUNDS = 5
HERE = pathlib.Path(__file__).resolve().parent

# Goals: seconds and MB by the number of tables, where there is one.
PROVEN, PROVEN_MEMORY = {1000: 3.0}, {1000: 200}
IMPORT, UNCHANGED, FIRST = {10000: 8.0}, {10000: 5.0}, {10000: 60.0}
MEMORY = {1000: 200, 10000: 600}


def stop(message):
    sys.exit(f"bench: {message}")


def schema(tables):
    """The database: each table has 10 columns, 4 indexes, a check, a foreign key and grants to two roles; of ten tables one
    has an hnsw index, one a view over it, one a function with its trigger, one a policy, and one three partitions."""
    yield "create extension if not exists vector;"
    yield "create role bench_reader; create role bench_writer;"
    texts = ", ".join(f"c{c} text not null default 'x'" for c in range(6))
    columns = f"n numeric check (n >= 0), embedding vector(64), {texts}"
    for t in range(tables):
        if t % 10 == 5:
            # A foreign key of one that is partitioned, none to it: its primary key stays that of all others.
            yield (f"create table t{t} (id bigint not null, parent bigint references t{t - 1} (id), {columns}, "
                   "primary key (id)) partition by range (id);")
            for part in range(3):
                yield (f"create table t{t}_{part} partition of t{t} "
                       f"for values from ({part * 1000}) to ({(part + 1) * 1000});")
        else:
            parent = f"references t{t - 1} (id)" if t else ""
            yield (f"create table t{t} (id bigint generated always as identity primary key, parent bigint {parent}, "
                   f"{columns});")
        yield f"create index t{t}_a on t{t} (c0); create index t{t}_b on t{t} (lower(c1));"
        last = "using hnsw (embedding vector_cosine_ops)" if t % 10 == 0 else "(n) where c2 <> ''"
        yield f"create index t{t}_e on t{t} {last};"
        yield f"grant select on t{t} to bench_reader; grant select, insert, update on t{t} to bench_writer;"
        if t % 10 == 2:
            yield f"create view v{t} as select id, c0, n + 1 as more from t{t} where n > 0;"
        if t % 10 == 3:
            yield (f"create function f{t}() returns trigger language plpgsql as "
                   f"$$begin new.c0 := lower(new.c0); return new; end$$;"
                   f"create trigger tr{t} before insert on t{t} for each row execute function f{t}();")
        if t % 10 == 4:
            yield (f"alter table t{t} enable row level security;"
                   f"create policy p{t} on t{t} for select to bench_reader using (c0 = current_user);")


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


def often(rounds, *arguments, **options):
    """The median of some runs."""
    runs = sorted(run(*arguments, **options) for _ in range(rounds))
    return runs[len(runs) // 2]


class Table:
    """Prints what was measured, and what each has grown by since the size before: 1.0 is in step with the tables."""

    def __init__(self):
        self.good, self.tables, self.seconds, self.before = True, 0, {}, None

    def size(self, tables):
        self.before = (self.tables, self.seconds) if self.tables else None
        self.tables, self.seconds = tables, {}
        print(f"\n{f'{tables:,} tables':56}{'seconds':>9}{'peak MB':>9}{'growth':>8}   goal")

    def row(self, name, measured, goals=()):
        """One line; goals are pairs of words and whether they are met."""
        seconds, memory, _ = measured
        self.seconds[name] = seconds
        growth = ""
        if self.before and name in self.before[1] and self.before[1][name]:
            growth = f"{math.log(seconds / self.before[1][name]) / math.log(self.tables / self.before[0]):.2f}"
        self.good &= all(met for _, met in goals)
        verdict = ", ".join(f"{goal}: {'met' if met else 'MISSED'}" for goal, met in goals)
        print(f"{name:56}{seconds:9.2f}{memory:9.0f}{growth:>8}   {verdict}".rstrip(), flush=True)

    def at_most(self, seconds=None, memory=None, measured=None, than=None):
        """Goals of this size, as far as there are any."""
        out = []
        if seconds and self.tables in seconds:
            out.append((f"{seconds[self.tables]} s", measured[0] <= seconds[self.tables]))
        if memory and self.tables in memory:
            out.append((f"{memory[self.tables]} MB", measured[1] <= memory[self.tables]))
        if than:
            out.append(("no slower than pg_dump", measured[0] <= than[0]))
        return out


def add_column(work, tables):
    """One more column in one table of the declaration."""
    table = f"t{tables // 2}"
    for path in sorted((work / "schema").rglob("*.yaml")):
        text = path.read_text()
        changed = re.sub(rf"(\n  {table}:\n    columns:\n)", r"\1      added: text\n", text, count=1)
        if changed != text:
            path.write_text(changed)
            return
    stop(f"no file declares {table}")


def measure(table, tables, pgform, catalog, url, programs, work):
    (work / "make.sql").write_text("\n".join(schema(tables)))
    with open(work / "make.sql") as sql:
        subprocess.run([programs.path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", url], check=True, stdin=sql,
                       stdout=subprocess.DEVNULL, **programs.options())
    # What follows the load (statistics, checkpoints) is nobody's to measure.
    subprocess.run([programs.path("psql"), "-X", "-q", url, "-c", "vacuum analyze", "-c", "checkpoint"], check=True,
                   **programs.options())
    table.size(tables)
    rounds = ROUNDS if tables <= 3000 else 3
    dumped = often(rounds, [programs.path("pg_dump"), "--schema-only", "-f", os.devnull, url],
                   **({"cwd": "/"} | programs.options()))
    table.row("pg_dump --schema-only", dumped)
    read = often(rounds, [catalog, url], work)
    queries = int(read[2].split()[0])
    table.row(f"the catalog alone, in {queries} queries", read,
              [("10 queries at most", queries <= 10), *table.at_most(measured=read, than=dumped)])
    imported = run([pgform, "import", "-d", url], work)
    table.row("import: catalog read, files and baseline written", imported,
              table.at_most(IMPORT, MEMORY, imported))
    plain = [pgform, "plan", "-m", "nothing"]
    seconds, memory, printed = often(rounds, plain, work)
    if "no changes" not in printed.lower():
        stop(f"a plan without a change says: {printed}")
    nothing = (seconds, memory, "")
    table.row("plan without a change", nothing, table.at_most(UNCHANGED, MEMORY, nothing, dumped))
    seconds, memory, printed = often(rounds, [*plain, "-d", url], work)
    if "no changes" not in printed.lower():
        stop(f"a plan without a change, with the database read, says: {printed}")
    table.row("plan -d without a change, the database read", (seconds, memory, ""))
    add_column(work, tables)
    column = [pgform, "plan", "-m", "one column"]
    # Once before it counts: the embedded server unpacks itself on a machine that has never run it.
    run([*column, "--output", str(work / "first.yaml")], work)
    seconds, memory, _ = often(rounds, [*column, "--output", str(work / "plan.yaml")], work)
    table.row("plan with one new column, proven (server embedded)", (seconds, memory, ""),
              table.at_most(PROVEN, measured=(seconds,)))
    return column


def first_plan(table, pgform, work):
    """The first plan of a declaration: all of it is new."""
    for path in (work / "plans").glob("*"):
        path.unlink()
    first = run([pgform, "plan", "-m", "everything"], work)
    table.row("first plan, all is new, proven (server embedded)", first, table.at_most(FIRST, MEMORY, first))


def proven_outside(table, column, url, programs, work):
    """The same plan, proven on a server outside of the process: what pgform itself needs."""
    subprocess.run([programs.path("psql"), "-X", "-q", url, "-c", "create database shadow"], check=True, **programs.options())
    shadow = url.rsplit("/", 1)[0] + "/shadow"
    measured = often(3, [*column, "--shadow", shadow, "--output", str(work / "plan.yaml")], work)
    table.row("the same, proven on a server outside (--shadow)", measured, table.at_most(None, PROVEN_MEMORY, measured))


def built():
    """The two programs, in the profile that `make install` builds."""
    command = ["cargo", "build", "--profile", PROFILE, "--bin", "pgform", "--bench", "catalog",
               "--message-format=json-render-diagnostics"]
    told = subprocess.run(command, cwd=HERE.parent, check=True, stdout=subprocess.PIPE, text=True).stdout
    made = {m["target"]["name"]: m["executable"] for m in map(json.loads, told.splitlines()) if m.get("executable")}
    return made["pgform"], made["catalog"]


def main():
    pgform, catalog = built()
    given = os.environ.get("BENCH_URL")
    table = Table()
    for tables in SIZES[:1] if given else SIZES:
        if given:
            programs, place = Programs(None), contextlib.nullcontext(given)
        else:
            programs = fetched()
            place = server(programs)
        for name in ("psql", "pg_dump"):
            if not programs.path(name) or not os.path.exists(programs.path(name)):
                stop(f"there is no {name} to measure against")
        with tempfile.TemporaryDirectory(prefix="pgform-bench-") as work, place as url:
            work = pathlib.Path(work)
            column = measure(table, tables, pgform, catalog, url, programs, work)
            if not given:
                proven_outside(table, column, url, programs, work)
            first_plan(table, pgform, work)
    print(f"\n{'all goals met' if table.good else 'not all goals met'}")


main()
