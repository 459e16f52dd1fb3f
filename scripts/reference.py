#!/usr/bin/env python3
"""Makes the reference project again: schema/, plans/ with their receipts, snapshots/plans/, and what README shows of the demo.

The story is src/cli/demo/story: an older database, then an edit of the declaration for each plan. It is told by pgform's own
commands on a PostgreSQL of its own, as a team would: an import, then each plan made, approved by somebody else, run there and back
on staging, and applied in production. Run it after the format of plans or what the planner writes has changed: make reference
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from pgserver import programs, server

HERE = pathlib.Path(__file__).resolve().parent.parent
STORY = HERE / "src/cli/demo/story"
# Each plan's edit, which names it; who made it and on which day; who approved and applied it, and the hazards accepted with that.
PLANS = [
    ("0002-what-search-needs", "ann", "2026-09-08", "bob", ["DataLoss:documents.legacy_path"]),
    ("0003-repositories-by-slug", "bob", "2026-09-22", "ann", ["BreaksClients:repositories.slug"]),
    ("0004-summaries", "ann", "2026-10-13", "cem", []),
    ("0005-when-documents-change", "cem", "2026-10-27", "ann", []),
]
IMPORTED = ("ann", "2026-09-07")


class Team:
    """A folder where pgform runs, with three databases."""

    def __init__(self, pgform, folder, urls):
        self.pgform, self.folder = pgform, folder
        self.variables = {k: v for k, v in os.environ.items() if not k.endswith("DATABASE_URL")} | urls

    def run(self, arguments, when, hour, who=None):
        """Runs a command at a time of that day, as somebody."""
        variables = self.variables | {"PGFORM_DATE": f"{when}T{hour}:00Z"}
        done = subprocess.run([self.pgform, *arguments, *(["--as", who] if who else [])], cwd=self.folder, env=variables, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"reference: pgform {' '.join(arguments)}: exit code {done.returncode}\n{done.stdout}")
        return done.stdout

    def edit(self, diff):
        subprocess.run(["git", "apply", "-p0", "--unidiff-zero", "--whitespace=nowarn", diff], cwd=self.folder, check=True)

    def plan(self, name, who, when, approver, accepted):
        title = name.split("-", 1)[1].replace("-", " ")
        called = name.split("-", 1)[1]
        self.edit(STORY / f"{name}.diff")
        self.run(["plan", "-m", title], when, "09:30", who)
        self.run(["approve", called, *(f"--accept={hazard}" for hazard in accepted)], when, "11:05", approver)
        lost = [f"--allow={hazard}" for hazard in accepted if hazard.startswith("DataLoss:")]
        self.run(["dry-run", called, "--env", "staging", "--yes", *lost], when, "11:40", who)
        self.run(["apply", "--env", "staging", "--yes"], when, "14:00", who)
        self.run(["apply", "--env", "production", "--yes", "--confirm", "production"], when, "20:15", approver)
        print(f"reference: {name}", flush=True)


def tell(pgform, found, url, folder):
    """The whole story, in a folder."""
    sql = lambda database, *arguments: subprocess.run(
        [found.path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", f"{url}/{database}", *arguments], check=True, **found.options())
    variables = {"development": "PGVECTOR_DB_URL", "staging": "STAGING_DATABASE_URL", "production": "PRODUCTION_DATABASE_URL"}
    older = (STORY / "0001-older.sql").read_text()
    for database in variables:
        sql("postgres", "-c", f"create database {database}")
        sql(database, "-c", older)
    # A dry run refuses to lose values, whoever accepts it: staging has none of those that go.
    sql("staging", "-c", "update documents set legacy_path = null")
    shutil.copy(HERE / "pgform.yaml", folder)
    team = Team(pgform, folder, {name: f"{url}/{database}" for database, name in variables.items()})
    who, when = IMPORTED
    team.run(["import", "--env", "production"], when, "10:00")
    for environment in ("staging", "production"):
        team.run(["adopt", "--env", environment, "--yes", "--confirm", environment], when, "10:15", who)
    for plan in PLANS:
        team.plan(*plan)
    for plan in sorted((folder / "plans").glob("*.yaml")):
        team.run(["show", plan.stem, "--snapshot"], when, "12:00")
        team.run(["show", plan.stem, "--verify"], when, "12:00")


def printed(pgform):
    """What the demo prints, by its commands: its edit stands under `edit`."""
    with tempfile.TemporaryDirectory(prefix="pgform-demo-") as folder:
        done = subprocess.run([pgform, "demo"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True)
    text = re.sub(r"'postgresql://[^']*'", "URL", done.stdout)
    text = re.sub(r"127\.0\.0\.1:\d+/postgres", "localhost:5432/vectordb", text).replace("\npostgres is at", "\nvectordb is at")
    parts = re.split(r"\n(?=\n(?:\$ pgform |# ))", text)
    edit = next(part for part in parts if "It edits the declaration:" in part).split("declaration:\n")[1]
    # Of a command that is given twice, README shows the first.
    return {"edit": edit.strip("\n")} | {part.strip().split("\n")[0]: part.strip("\n") for part in reversed(parts)}


def tour(sections):
    """README's blocks of the demo's output, put in anew."""
    readme = HERE / "README.md"

    def block(found):
        kind, text = found.group(1), found.group(2)
        names = ["edit"] if kind == "diff" else [line for line in text.split("\n") if line.startswith("$ pgform ")]
        return f"```{kind}\n" + "\n\n".join(sections[name] for name in names) + "\n```" if names else found.group(0)

    before, after = readme.read_text().split("\n## Five minutes\n")
    told, rest = after.split("\n## ", 1)
    told = re.sub(r"```(\w*)\n(.*?)\n```", block, told, flags=re.DOTALL)
    readme.write_text(f"{before}\n## Five minutes\n{told}\n## {rest}")


def main():
    subprocess.run(["cargo", "build", "--bin", "pgform"], cwd=HERE, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))
    found = programs()
    pgform = str((target / "debug/pgform").resolve())
    with tempfile.TemporaryDirectory(prefix="pgform-reference-") as work, server(found) as url:
        folder = pathlib.Path(work)
        tell(pgform, found, url.rsplit("/", 1)[0], folder)
        for made in ("schema", "plans", "snapshots/plans"):
            shutil.rmtree(HERE / made, ignore_errors=True)
            shutil.copytree(folder / made, HERE / made)
    tour(printed(pgform))
    print("reference: schema, plans, snapshots/plans and README's tour are made again")


main()
