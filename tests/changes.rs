//! Big changes through the binary, on real servers, with rows: forward, nothing more to do, back, forward again.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{self, TestDatabase, Version, expect, pgform, project};
use std::fs;

/// What `pg_dump` says of the schema, but for the order and what pgform keeps of its own.
fn dump(database: &TestDatabase) -> Vec<String> {
    let text = database.server.dump(&database.name, &["--schema-only", "-N", "pgform"]);
    let told = |line: &&str| !line.trim().is_empty() && !line.starts_with("--");
    let mut lines: Vec<String> =
        text.lines().filter(told).map(|l| l.trim().trim_end_matches([',', ';']).into()).collect();
    lines.sort();
    lines
}

/// The way of a change: `seed` are its rows, `count` a query whose answer it must not change.
fn walk(version: Version, before: &str, after: &str, seed: &str, count: &str) {
    let Some(database) = support::fresh_database(version) else { return };
    let url = database.url.as_str();
    let ask = |sql: &str| database.server.sql(&database.name, sql);
    let dir = project(before);
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "Proof    full");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
    ask(seed);
    let (was, rows) = (dump(&database), ask(count));
    fs::write(dir.join("schema/documents.yaml"), after).unwrap();
    expect(&pgform(dir, &["plan", "-m", "change"]), 0, "Proof    full");
    let allowed = ["--allow", "DataLoss", "--allow", "BreaksClients", "--allow", "Rewrite", "--allow", "Irreversible"];
    let apply = |again: &[&str]| {
        let args = [&["apply", "-d", url, "--yes"], again, &allowed].concat();
        expect(&pgform(dir, &args), 0, "applied: 0002 change");
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    };
    apply(&[]);
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes", "--allow", "DataLoss"]), 0, "");
    assert_eq!(dump(&database), was, "the way back leads elsewhere");
    assert_eq!(ask(count), rows, "rows are lost");
    apply(&["--again"]);
}

#[test]
fn tables_that_refer_to_each_other_go_in_one_plan() {
    walk(
        Version::V18,
        include_str!("cases/table/dropped_in_a_circle/before.yaml"),
        include_str!("cases/table/dropped_in_a_circle/after.yaml"),
        "insert into places values ('x'); insert into accounts default values;
         insert into people (account_id, place) values (1, 'x'); update accounts set owner_id = 1, parent_id = 1;
         insert into visits (person_id, place) values (1, 'x')",
        "select string_agg(code, ',') from places",
    );
}

/// Both old names are there after a swap: what is declared about the way must not act once more.
#[test]
fn what_was_swapped_is_not_swapped_back() {
    walk(
        Version::V16,
        include_str!("cases/rename/tables_swapped/before.yaml"),
        include_str!("cases/rename/tables_swapped/after.yaml"),
        "insert into notes (id, body) values (1, 'a'); insert into pages (id, title) values (2, 'b')",
        "select (select string_agg(n::text, ',') from notes n), (select string_agg(p::text, ',') from pages p)",
    );
}
