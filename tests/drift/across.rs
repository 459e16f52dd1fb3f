//! Across major versions, what nobody planned, and what a role may not see.
use super::scene::{Scene, database, in_step};
use crate::support::{Version, dumped_differences, expect, fresh_database, pgform, project};
use std::fs;

fn in_step_there(from: Version, to: Version) {
    let Some(scene) = Scene::built(from, to) else { return };
    in_step(&scene, &format!("imported from {from:?}, built on {to:?}"));
}

#[test]
fn what_was_imported_from_18_is_in_step_on_16_and_15() {
    in_step_there(Version::V18, Version::V16);
    in_step_there(Version::V18, Version::V15);
}

#[test]
fn what_was_imported_from_16_and_15_is_in_step_on_18() {
    in_step_there(Version::V16, Version::V18);
    in_step_there(Version::V15, Version::V18);
}

/// Rights above all: what was revoked from everybody in the database that was imported is revoked in the one that was built.
fn dumped_alike(version: Version) {
    let Some(original) = Scene::imported(version, version) else { return };
    let Some(built) = database(version) else { return };
    expect(&pgform(original.dir.path(), &["apply", "-d", &built.url, "--yes"]), 0, "0001 baseline");
    let lost = dumped_differences(&original.database, &built);
    assert!(lost.is_empty(), "{lost}");
    let dump = built.server.dump(&built.name, &["--schema-only"]);
    assert!(dump.contains("REVOKE ALL ON FUNCTION app.twice("), "{dump}");
}

#[test]
fn what_was_built_is_dumped_as_what_was_imported_on_18() {
    dumped_alike(Version::V18);
}

#[test]
fn what_was_built_is_dumped_as_what_was_imported_on_16() {
    dumped_alike(Version::V16);
}

#[test]
fn an_opaque_text_counts_across_major_versions_too() {
    let Some(scene) = Scene::built(Version::V18, Version::V16) else { return };
    scene.sql("create or replace function app.twice(n integer default 1) returns integer language sql immutable as 'select 3'");
    let run = pgform(scene.dir.path(), &["check", "-d", &scene.database.url]);
    expect(&run, 3, "drift: 1 ~ function twice(integer)");
    expect(&run, 3, "select n * 2");
    expect(&run, 3, "select 3");
}

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

#[test]
fn what_nobody_planned_is_told_and_what_is_nobodys_is_not() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    // A plan that says nothing of owners and privileges has recorded none.
    database.server.sql(
        &database.name,
        "do $$ begin create role app_other; exception when duplicate_object or unique_violation then null; end $$;
         alter table documents owner to app_other; grant select (path) on documents to public;
         grant insert on documents to public; create extension vector; create table alembic_version (v text)",
    );
    let run = pgform(dir, &["check", "-d", url]);
    expect(&run, 3, "drift: 1 + extension vector");
    database.server.sql(
        &database.name,
        "drop extension vector; create table by_hand (id integer primary key, a text); create index on by_hand (a);
         create view seen as select 1 as a; create function f() returns integer language sql as 'select 1'",
    );
    let run = pgform(dir, &["check", "-d", url]);
    expect(&run, 3, "drift: 3");
    expect(&run, 3, "+ table by_hand made here, not declared: with 2 columns, 1 primary key, 1 index");
    expect(&run, 3, "take over by_hand' --absorb by_hand");
    expect(&run, 3, "leave alone: scope: {unmanaged: [by_hand]} in pgform.yaml");
    expect(&run, 3, "+ function f()");
    fs::write(dir.join("pgform.yaml"), "scope:\n  unmanaged: [by_hand, seen, f]\n").unwrap();
    database.server.sql(&database.name, "create publication mine for table documents");
    expect(&pgform(dir, &["check", "-d", url]), 3, "drift: 1 + publication mine");
    fs::write(dir.join("pgform.yaml"), "scope:\n  unmanaged: [by_hand, seen, f, mine]\n").unwrap();
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn a_changed_opaque_stops_the_plan_that_leans_on_it_and_a_comment_does_not() {
    let Some(database) = fresh_database(Version::V18) else { return };
    database.server.sql(
        &database.name,
        "create function norm(t text) returns text language sql immutable as 'select lower(t)';
         create table documents (id bigint primary key, path text not null)",
    );
    let (dir, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    let file = dir.join("schema/tables/documents.yaml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}    checks:\n      path_is_normal: \"path = norm(path)\"\n")).unwrap();
    expect(&pgform(dir, &["plan", "-m", "normal"]), 0, "path_is_normal");
    expect(&pgform(dir, &["approve", "normal"]), 0, "approved");
    database.server.sql(
        &database.name,
        "create or replace function norm(t text) returns text language sql immutable as 'select upper(t)';
         comment on table documents is 'by hand'; alter table documents alter path set statistics 7",
    );
    let run = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&run, 4, "this database is not what 0002 normal starts from: ~ function norm(text)");
    assert!(!run.err.contains("by hand"), "a comment is in no plan's way: {}", run.err);
    database.server.sql(
        &database.name,
        "create or replace function norm(t text) returns text language sql immutable as 'select lower(t)'",
    );
    let run = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&run, 0, "applied: 0002 normal");
    expect(&run, 0, "statistics 7");
}

#[test]
fn what_a_role_may_not_see_is_said() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (dir, url) = (project(DECLARATION), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    database.server.sql(
        &database.name,
        "do $$ begin create role app_stranger login; exception when duplicate_object or unique_violation then null; end $$;
         revoke usage on schema public from public; alter table documents alter path drop not null",
    );
    let stranger = url.replace("postgres@", "app_stranger@");
    let blind = pgform(dir, &["check", "-d", &stranger]);
    expect(
        &blind,
        1,
        "app_stranger may not read pgform's journal here: where this database stands, and whether it drifted",
    );
    database.server.sql(
        &database.name,
        "grant usage on schema pgform to app_stranger; grant select on all tables in schema pgform to app_stranger",
    );
    // Who may read the journal sees all that differs: the catalog is everybody's to read.
    expect(&pgform(dir, &["check", "-d", &stranger]), 3, "drift: 1 ~ column documents.path - not null");
}

/// Its functions are not in the shadow: stand-ins are, with the signatures that were recorded.
#[test]
fn a_view_on_an_extension_that_the_shadow_lacks_is_compared_across_major_versions() {
    let (Some(old), Some(new)) = (fresh_database(Version::V15), fresh_database(Version::V18)) else { return };
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    old.server.sql(
        &old.name,
        "create extension pgstattuple; create table names (id integer primary key, name text not null);
         create view sizes as select n.id, n.name, pg_relpages(n.name) as pages from names n where pg_relpages(n.name) < 3;
         create function near(a text, b bigint default pg_relpages('x')) returns boolean language sql as 'select true'",
    );
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["apply", "-d", &new.url, "--yes"]), 0, "0001 baseline");
    expect(&pgform(dir, &["check", "-d", &new.url]), 0, "drift: none");
    new.server.sql(
        &new.name,
        "create or replace view sizes as select n.id, n.name, pg_relpages(n.name) as pages from names n where pg_relpages(n.name) < 4",
    );
    expect(&pgform(dir, &["check", "-d", &new.url]), 3, "drift: 1 ~ view sizes");
}
