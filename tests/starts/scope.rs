//! Which schemas are managed where no settings say so: those that the declaration and the chain's head name.
use crate::support::{TestDatabase, Version, expect, fresh_database, pgform};
use std::{fs, path::Path};

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

fn declare(dir: &Path, text: &str) {
    fs::create_dir_all(dir.join("schema")).unwrap();
    fs::write(dir.join("schema/all.yaml"), text).unwrap();
}

const TWO: &str =
    "create schema app; create table app.t (id int primary key, n int); create table public.p (id int primary key)";

#[test]
fn import_takes_every_schema_and_says_which_and_the_next_plan_is_about_the_same() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        sql(&database, TWO);
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        expect(&pgform(dir, &["import", "-d", &database.url]), 0, "of the schemas app, public");
        expect(&pgform(dir, &["plan", "-m", "x", "-d", &database.url]), 0, "no changes");
        expect(&pgform(dir, &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
        expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
        // Without the baseline too: the declaration names both.
        fs::remove_dir_all(dir.join("plans")).unwrap();
        let run = pgform(dir, &["plan", "-m", "x", "-d", &database.url]);
        expect(&run, 0, "no changes");
        assert!(!run.err.contains("left alone"), "{}", run.err);
    }
}

#[test]
fn a_schema_that_is_neither_declared_nor_planned_is_left_alone_and_named_once() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, TWO);
    sql(&database, "create schema theirs; create table theirs.a (id int); create table theirs.b (id int)");
    let dir = tempfile::tempdir().unwrap();
    let (dir, url) = (dir.path(), database.url.as_str());
    declare(
        dir,
        "schema: app\ntables:\n  t:\n    columns: {id: integer, n: integer, m: integer}\n    primary_key: [id]\n",
    );
    let run = pgform(dir, &["plan", "-m", "m", "-d", url]);
    expect(&run, 0, "add column t.m");
    expect(&run, 0, "the schemas public, theirs are in the database, in no plan and not declared: left alone");
    assert_eq!(run.err.matches("theirs").count(), 1, "{}", run.err);
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 m");
    let run = pgform(dir, &["check", "-d", url]);
    expect(&run, 0, "drift: none");
    expect(&run, 0, "not seen: schema public, which is in no plan: left alone");
    assert_eq!(sql(&database, "select count(*) from pg_tables where schemaname in ('public', 'theirs')"), "3");
    // Once it is declared, it is managed: what is there is planned from.
    declare(
        dir,
        "schema: app\ntables:\n  t:\n    columns: {id: integer, n: integer, m: integer}\n    primary_key: [id]\n  theirs.a:\n    columns: {id: integer}\n",
    );
    let wrong = pgform(dir, &["plan", "-m", "a", "-d", url]);
    assert_ne!(wrong.code, 101, "{}", wrong.err);
}

#[test]
fn a_first_plan_is_about_the_schemas_that_the_declaration_names() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        sql(&database, TWO);
        let dir = tempfile::tempdir().unwrap();
        let (dir, url) = (dir.path(), database.url.as_str());
        fs::create_dir_all(dir.join("schema")).unwrap();
        fs::write(
            dir.join("schema/app.yaml"),
            "schema: app\ntables:\n  t:\n    columns: {id: integer, n: integer, m: integer}\n    primary_key: [id]\n",
        )
        .unwrap();
        fs::write(
            dir.join("schema/public.yaml"),
            "tables:\n  p:\n    columns: {id: integer, note: text}\n    primary_key: [id]\n",
        )
        .unwrap();
        let run = pgform(dir, &["plan", "-m", "both", "-d", url]);
        expect(&run, 0, "t.m");
        assert!(!run.err.contains("left alone"), "{}", run.err);
        assert!(!run.out.contains("create table"), "{}", run.out);
        expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    }
}

#[test]
fn a_declaration_that_is_empty_drops_nothing_of_a_database() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, TWO);
    let dir = tempfile::tempdir().unwrap();
    let (dir, url) = (dir.path(), database.url.as_str());
    declare(dir, "extensions: {vector: {}}\n");
    let run = pgform(dir, &["plan", "-m", "vector", "-d", url]);
    expect(&run, 0, "create extension vector");
    assert!(!run.out.contains("drop"), "{}", run.out);
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}
