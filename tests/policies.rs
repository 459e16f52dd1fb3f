//! Row security and its policies: through the binary, on a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{TestDatabase, Version, dumped_differences, expect, fresh_database, pgform, roles};
use std::{fs, path::Path};

const HELD: &str = r#"
create schema auth;
create function auth.uid() returns uuid language sql stable as $$ select current_setting('app.user', true)::uuid $$;
create table teams (id bigint primary key, owner uuid not null);
create table notes (id bigint primary key, team bigint references teams, writer uuid not null, body text, open boolean not null);
alter table notes enable row level security;
alter table notes force row level security;
create policy "Writers keep their notes" on notes to policy_writer, "Policy Reader" using (auth.uid() = writer)
  with check ((select auth.uid()) = writer and length(body) > 0);
create policy open_notes on notes for select using (open);
comment on policy open_notes on notes is 'What anybody reads';
create policy of_a_team on notes as restrictive for delete to policy_writer
  using (team in (select t.id from teams t where t.owner = auth.uid()));
create policy inserted on notes for insert to policy_writer with check (true);
create policy nothing on teams;
create table all_parts (id int, at date);
create table parts () inherits (all_parts);
create policy of_parts on parts using (id > 0);
"#;

/// The policies of `notes` as a person would write them.
const WRITTEN: &str = r#"      Writers keep their notes:
        to:
        - Policy Reader
        - policy_writer
        using: auth.uid() = writer
        check: "(( SELECT auth.uid() AS uid) = writer) AND (length(body) > 0)"
      inserted:
        for: insert
        to:
        - policy_writer
        check: "true"
      of_a_team:
        for: delete
        to:
        - policy_writer
        as: restrictive
        using: |-
          team IN ( SELECT t.id
             FROM public.teams t
            WHERE (t.owner = auth.uid()))
      open_notes:
        for: select
        using: open
        comment: What anybody reads
"#;

fn imported() -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = fresh_database(Version::V18)?;
    database.server.sql(&database.name, &roles(&["policy_writer", "Policy Reader"]));
    database.server.sql(&database.name, HELD);
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir.path(), &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
    Some((database, dir))
}

#[track_caller]
fn edit(dir: &Path, file: &str, old: &str, new: &str) {
    let path = dir.join("schema").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "no `{old}` in {text}");
    fs::write(&path, text.replace(old, new)).unwrap();
}

fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &["-N", "pgform", "--schema-only"])
}

const ALLOWED: [&str; 2] = ["--allow", "BreaksClients"];

#[test]
fn what_is_imported_reads_well_and_is_built_alike() {
    let Some((database, dir)) = imported() else { return };
    let dir = dir.path();
    let table = fs::read_to_string(dir.join("schema/tables/notes.yaml")).unwrap();
    assert_eq!(table.split("    policies:\n").last().unwrap(), WRITTEN);
    let teams = fs::read_to_string(dir.join("schema/tables/teams.yaml")).unwrap();
    assert!(teams.contains("    policies:\n      nothing: {}\n"), "{teams}");
    let carried = fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap();
    assert!(carried.contains("policy [public, parts, of_parts]"), "{carried}");
    assert!(!carried.contains("open_notes"), "{carried}");
    expect(&pgform(dir, &["plan", "-m", "nothing"]), 0, "no changes");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    let Some(built) = fresh_database(Version::V18) else { return };
    expect(&pgform(dir, &["apply", "-d", &built.url, "--yes"]), 0, "applied: 0001 baseline");
    assert_eq!(dumped_differences(&database, &built), "");
}

#[test]
fn what_is_changed_is_as_it_was_behind_the_way_back() {
    let Some((database, dir)) = imported() else { return };
    let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
    let file = "tables/notes.yaml";
    edit(dir, file, "using: open\n", "using: open and length(body) < 9\n");
    edit(dir, file, "for: delete", "for: update");
    edit(dir, file, "      inserted:", "      at_first:\n        renamed_from: inserted");
    edit(dir, file, "    force_row_security: true\n", "");
    edit(
        dir,
        "tables/teams.yaml",
        "      nothing: {}\n",
        "      own_team: {to: [policy_writer], using: owner = auth.uid()}\n",
    );
    edit(dir, "tables/teams.yaml", "    columns:\n", "    row_security: true\n    columns:\n");
    let run = pgform(dir, &["plan", "-m", "policies"]);
    for line in [
        "rename policy notes.inserted to at_first",
        "replace policy notes.open_notes",
        "drop policy notes.of_a_team",
        "no longer force row security of notes",
        "enable row security of teams",
        "BreaksClients  table public.notes: rows that policies kept back are open to its owner",
        "Proof    full",
    ] {
        expect(&run, 0, line);
    }
    let again = [&["apply", "-d", url, "--yes"][..], &ALLOWED].concat();
    expect(
        &pgform(dir, &["apply", "-d", url, "--yes"]),
        4,
        "BreaksClients of 0002 policies: policy public.notes.of_a_team",
    );
    expect(&pgform(dir, &again), 0, "applied: 0002 policies");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
}

#[test]
fn a_role_that_the_server_lacks_is_told_before_anything_runs() {
    let Some((database, dir)) = imported() else { return };
    let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
    edit(dir, "tables/teams.yaml", "      nothing: {}\n", "      nothing: {to: [policy_nobody]}\n");
    edit(
        dir,
        "tables/teams.yaml",
        "    columns:\n",
        "    comment: Who works together\n    grants: {policy_stranger: [select]}\n    columns:\n",
    );
    expect(&pgform(dir, &["plan", "-m", "nobody"]), 0, "Proof    full");
    let run = pgform(dir, &[&["apply", "-d", url, "--yes"][..], &ALLOWED].concat());
    expect(
        &run,
        4,
        "there is no role policy_nobody on this server, and the plan names it: alter policy nothing on public.teams",
    );
    expect(&run, 4, "there is no role policy_stranger on this server");
    assert_eq!(dump(&database), before);
}

#[test]
fn changes_by_hand_are_drift() {
    let Some((database, dir)) = imported() else { return };
    let (dir, url) = (dir.path(), database.url.as_str());
    for (sql, back, line) in [
        (
            "alter policy open_notes on notes using (true)",
            "alter policy open_notes on notes using (open)",
            "~ policy notes.open_notes",
        ),
        (
            "alter policy nothing on teams to policy_writer",
            "alter policy nothing on teams to public",
            "~ policy teams.nothing",
        ),
        (
            "alter policy nothing on teams rename to other",
            "alter policy other on teams rename to nothing",
            "+ policy teams.other",
        ),
        (
            "comment on policy nothing on teams is 'x'",
            "comment on policy nothing on teams is null",
            "~ policy teams.nothing",
        ),
        ("create policy mine on teams for select", "drop policy mine on teams", "+ policy teams.mine"),
        (
            "alter table teams force row level security",
            "alter table teams no force row level security",
            "~ table teams",
        ),
        (
            "alter policy of_parts on parts using (id > 1)",
            "alter policy of_parts on parts using (id > 0)",
            "~ policy parts.of_parts",
        ),
    ] {
        database.server.sql(&database.name, sql);
        expect(&pgform(dir, &["check", "-d", url]), 3, line);
        database.server.sql(&database.name, back);
    }
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}
