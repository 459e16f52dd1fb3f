//! Databases whose journal says more than is there: it lives in a schema of its own, and survives that of the tables.
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, pgform_with, project};
use std::{fs, path::Path};

const DECLARATION: &str = "\
schema: public
extensions: {vector: {}}
enums:
  state: [new, old]
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      state: state not null default 'new'
      v: vector(3)
    primary_key: [id]
    indexes:
      documents_path_idx: [path]
views:
  paths:
    query: select id, path from public.documents
";

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

const NOTES: &str = "\
schema: app
tables:
  notes:
    columns: {id: bigint, document_id: bigint}
    primary_key: [id]
    foreign_keys:
      notes_document_fkey: {columns: [document_id], references: \"public.documents (id)\"}
";

fn declared() -> tempfile::TempDir {
    let dir = project(DECLARATION);
    fs::write(dir.path().join("schema/notes.yaml"), NOTES).unwrap();
    dir
}

/// A project with two plans, both applied.
fn applied(database: &TestDatabase) -> tempfile::TempDir {
    let dir = declared();
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    change(dir.path(), "path: text not null\n", "path: text not null\n      title: text\n");
    expect(&pgform(dir.path(), &["plan", "-m", "title"]), 0, "0002-title.yaml");
    expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first, 0002 title");
    dir
}

fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &["--schema-only", "--exclude-schema=pgform"])
}

#[test]
fn apply_says_what_is_missing_instead_of_nothing_to_do() {
    let shapes: &[(&str, &str)] = &[
        ("drop table app.notes", "- table app.notes"),
        ("alter table documents drop column v", "- column documents.v"),
        ("drop view paths", "- view paths"),
        ("alter table app.notes drop constraint notes_document_fkey", "- constraint app.notes.notes_document_fkey"),
        ("drop schema app cascade", "- schema app"),
        ("drop schema public cascade; create schema public", "- table documents"),
    ];
    let (dir, more) = (declared(), declared());
    for dir in [&dir, &more] {
        expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    }
    change(more.path(), "tables:\n", "tables:\n  more:\n    columns: {id: bigint}\n");
    expect(&pgform(more.path(), &["plan", "-m", "more"]), 0, "0002-more.yaml");
    for version in [Version::V18, Version::V16] {
        for (statement, named) in shapes {
            let Some(database) = fresh_database(version) else { return };
            expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
            sql(&database, statement);
            let before = dump(&database);
            // With nothing to do, with a plan that is there, and with one that touches nothing of what is missing.
            for (dir, plan) in [(&dir, &[][..]), (&dir, &["first"]), (&more, &[])] {
                let run = pgform(dir.path(), &[&["apply", "-d", &database.url, "--yes"], plan].concat());
                expect(&run, 4, named);
                expect(&run, 4, "says that this database is at 0001-first, and this of it is not there");
                expect(&run, 4, "pgform repair -d ");
            }
            assert_eq!(before, dump(&database), "{statement}");
        }
    }
}

#[test]
fn a_missing_index_is_told_and_stops_nobody() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = applied(&database);
    sql(&database, "drop index documents_path_idx");
    let run = pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]);
    expect(&run, 0, "0002-title is applied here, and this of it is missing: - index documents_path_idx");
}

#[test]
fn the_guides_reset_is_named_and_followed_by_apply_makes_everything_again() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = applied(&database);
        let (dir, url) = (dir.path(), database.url.as_str());
        sql(&database, "drop schema public cascade; drop schema app cascade; create schema public");
        let run = pgform(dir, &["apply", "-d", url, "--yes"]);
        expect(&run, 4, &format!("--confirm {}", database.name));
        // An empty database that does not say what it is wants its name.
        expect(&pgform(dir, &["reset", "-d", url, "--yes"]), 4, &format!("--confirm {}", database.name));
        expect(&pgform(dir, &["reset", "-d", url, "--confirm", "other"]), 4, "nothing was dropped");
        expect(&pgform(dir, &["reset", "-d", url, "--confirm", &database.name]), 0, "next: pgform apply");
        expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first, 0002 title");
        assert_eq!(sql(&database, "select count(*) from paths"), "0");
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    }
}

const SETTINGS: &str =
    "environments:\n  development: {url: {env: DEV}}\n  production: {url: {env: PROD}, protected: true}\n";

#[test]
fn a_development_database_is_emptied_rows_and_all_and_keeps_its_name() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = declared();
        let dir = dir.path();
        fs::write(dir.join("pgform.yaml"), SETTINGS).unwrap();
        let run = |args: &[&str]| pgform_with(dir, args, &[("DEV", &database.url)]);
        expect(&run(&["plan", "-m", "first"]), 0, "0001-first.yaml");
        expect(&run(&["apply", "--env", "development", "--yes"]), 0, "applied: 0001 first");
        let whole = dump(&database);
        sql(
            &database,
            "insert into documents (path) values ('/a'); create table hand_made (id serial primary key, s state);
             create function f(int) returns int language sql as 'select 1'; create aggregate agg(int) (sfunc = int4pl, stype = int);
             create type pair as (a int, b text); create domain app.d as text check (value <> '');
             create materialized view m as select * from documents;
             create sequence s; create statistics st on id, path from documents;
             create table parts (id int) partition by range (id); create table parts_1 partition of parts for values from (1) to (2);
             create operator public.=== (leftarg = int, rightarg = int, procedure = int4eq);
             create collation app.c from \"C\"; create table alembic_version (version_num text)",
        );
        for _ in 0..2 {
            let done = run(&["reset", "--env", "development", "--yes"]);
            expect(&done, 0, "the database is empty of what is managed");
            expect(&done, 0, "drops 1 of kind table in schema app");
            assert_eq!(
                sql(
                    &database,
                    "select string_agg(relname, ',') from pg_class c join pg_namespace n on n.oid = relnamespace where nspname in ('public', 'app')"
                ),
                "alembic_version"
            );
            assert_eq!(
                sql(
                    &database,
                    "select count(*) from pg_proc p join pg_namespace n on n.oid = pronamespace where nspname in ('public', 'app')"
                ),
                "0"
            );
            assert_eq!(sql(&database, "select environment from pgform.label"), "development");
            expect(&run(&["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
            assert_eq!(sql(&database, "drop table if exists alembic_version; select count(*) from documents"), "0");
            assert_eq!(whole, dump(&database));
            sql(&database, "create table alembic_version (version_num text)");
        }
    }
}

#[test]
fn reset_refuses_what_is_not_for_development_and_has_something_to_lose() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = declared();
    let (dir, url, name) = (dir.path(), database.url.as_str(), database.name.as_str());
    let variables = [("DEV", url), ("PROD", url)];
    let run = |args: &[&str]| pgform_with(dir, args, &variables);
    expect(&run(&["reset", "-d", url, "--confirm", name]), 4, "pgform never ran here");
    expect(&run(&["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&run(&["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    sql(&database, "insert into documents (path) values ('/a')");
    let before = dump(&database);
    // Nobody said what it is.
    let refused = run(&["reset", "-d", url, "--confirm", name]);
    expect(&refused, 4, "there are rows in public.documents");
    expect(&refused, 4, &format!("pgform reset --env development --confirm {name}"));
    // It says that it is another one.
    fs::write(dir.join("pgform.yaml"), SETTINGS).unwrap();
    expect(&run(&["adopt", "--relabel", "--env", "production", "--yes"]), 0, "relabelled");
    for arguments in [&["-d", url, "--confirm", name][..], &["--env", "production", "--confirm", "production"]] {
        let refused = run(&[&["reset"][..], arguments].concat());
        expect(&refused, 4, "this database says that it is production: only one for development is emptied");
        expect(&refused, 4, "pgform adopt --relabel --env development");
    }
    expect(
        &run(&["reset", "--env", "development", "--yes"]),
        4,
        "this database says that it is production, not development",
    );
    assert_eq!(sql(&database, "select count(*) from documents"), "1");
    assert_eq!(before, dump(&database));
    // Its way out, as printed.
    expect(&run(&["adopt", "--relabel", "--env", "development", "--confirm", "production"]), 0, "relabelled");
    expect(&run(&["reset", "--env", "development", "--yes"]), 0, "the database is empty");
}

#[test]
fn reset_names_what_would_go_along_and_drops_nothing() {
    let shapes = [
        ("create view theirs.v as select path from public.documents", "view theirs.v"),
        ("create table theirs.t (id bigint references public.documents)", "constraint t_id_fkey on table theirs.t"),
        ("create table theirs.t (s public.state)", "column s of table theirs.t"),
    ];
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = applied(&database);
    let (dir, url): (&Path, &str) = (dir.path(), &database.url);
    sql(&database, "create schema theirs");
    for (statement, named) in shapes {
        sql(&database, statement);
        let run = pgform(dir, &["reset", "-d", url, "--confirm", &database.name]);
        expect(&run, 4, named);
        expect(&run, 4, "nothing was dropped");
        sql(&database, "drop schema theirs cascade; create schema theirs");
    }
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["reset", "-d", url, "--confirm", &database.name]), 0, "the database is empty");
}
