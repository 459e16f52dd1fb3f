//! Functions whose bodies need a `search_path`, called by what a plan adds.
use crate::support::{Version, expect, fresh_database, pgform};
use std::fs;

const TABLE: &str = "tables:\n  documents:\n    columns:\n      id: bigint not null\n      path: text\n";
const KEY: &str = "    primary_key: [id]\n";

/// Bodies that call another function without its schema, as each language does it.
fn languages() -> [(&'static str, &'static str); 2] {
    [("plpgsql", "begin return other($1); end"), ("sql", "select other($1)")]
}

#[test]
fn what_calls_a_function_that_needs_a_path_is_refused_with_the_path_that_it_lacks() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = folder.path();
    let sql = |text: &str| database.server.sql(&database.name, text);
    sql("create schema text_tools; create table documents (id bigint primary key, path text); \
         insert into documents values (1, 'A'); \
         create function other(text) returns text language sql immutable as 'select lower($1)'");
    let additions = [
        ("generated", format!("{TABLE}      n: text generated always as (norm(path)) stored\n{KEY}")),
        ("check", format!("{TABLE}{KEY}    checks:\n      c: norm(path) <> 'x'\n")),
        ("index", format!("{TABLE}{KEY}    indexes:\n      i: [norm(path)]\n")),
        ("default", format!("{TABLE}      d: text default norm('a')\n{KEY}")),
    ];
    for (language, body) in languages() {
        sql(&format!("create or replace function norm(text) returns text language {language} immutable as '{body}'"));
        for bare in [true, false] {
            if !bare {
                sql("alter function norm(text) set search_path = public, pg_catalog");
            }
            let _ = fs::remove_dir_all(dir.join("schema"));
            let _ = fs::remove_dir_all(dir.join("plans"));
            expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
            let baseline = fs::read(dir.join("plans/0001-baseline.yaml")).unwrap();
            for (what, declared) in &additions {
                fs::write(dir.join("schema/tables/documents.yaml"), declared).unwrap();
                let run = pgform(dir, &["plan", "-m", "more"]);
                if bare {
                    expect(&run, 1, "function norm(text), whose body looks for function other(text)");
                    expect(&run, 1, "alter function public.norm(text) set search_path = public, pg_catalog");
                    assert!(!run.err.contains("mistake of pgform's own"), "{language}, {what}: {}", run.err);
                } else {
                    expect(&run, 0, "Proof    full");
                }
                fs::remove_dir_all(dir.join("plans")).unwrap();
                fs::create_dir(dir.join("plans")).unwrap();
                fs::write(dir.join("plans/0001-baseline.yaml"), &baseline).unwrap();
            }
        }
    }
}

#[test]
fn a_new_table_whose_rows_would_need_a_path_is_not_called_fully_proven() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = folder.path();
    let sql = |text: &str| database.server.sql(&database.name, text);
    sql("create function other(text) returns text language sql immutable as 'select lower($1)'; \
         create function norm(text) returns text language plpgsql immutable as 'begin return other($1); end'");
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    fs::create_dir_all(dir.join("schema/tables")).unwrap();
    let declared = format!("{TABLE}      n: text generated always as (norm(path)) stored\n{KEY}");
    fs::write(dir.join("schema/tables/documents.yaml"), declared).unwrap();
    let run = pgform(dir, &["plan", "-m", "more"]);
    expect(&run, 0, "Proof    partial");
    expect(&run, 0, "not shown: rows of documents: without a search_path norm(text) does not find other(text)");
    // It is made all the same, and goes again: nothing of the proof's rows was in its way.
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 more");
    expect(&pgform(dir, &["show", "more", "--verify"]), 0, "makes the same");
}
