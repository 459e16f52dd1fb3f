//! Tables, views and constraints that change between a form that is modelled and one that is carried along.
use super::{adopted, edit};
use crate::support::{expect, pgform};
use std::fs;

const FORMS: &str = "
create extension btree_gist;
create table events (at date not null, kind text) partition by range (at);
create table events_2026 partition of events for values from ('2026-01-01') to ('2027-01-01');
create table plain (at date not null, kind text);
create materialized view kinds as select kind, count(*) as n from plain group by kind;
create table rooms (id int primary key, during int4range, constraint rooms_apart exclude using gist (during with &&));";

#[test]
fn a_form_that_the_declaration_turns_into_another_is_refused_by_name() {
    let Some((_database, folder)) = adopted(FORMS) else { return };
    let dir = folder.path();
    let opaque = fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap();
    for listed in [
        "partitioned table [public, events]",
        "partition [public, events_2026]",
        "materialized view [public, kinds]",
        "exclusion constraint [public, rooms, rooms_apart]",
    ] {
        assert!(opaque.contains(&format!("\"{listed}\":")), "no `{listed}` in {opaque}");
    }
    expect(&pgform(dir, &["plan", "-m", "same"]), 0, "no changes");
    // Twice in one declaration is a mistake at both places.
    let path = dir.join("schema/more.yaml");
    fs::write(&path, "tables: {events: {columns: {at: date not null, kind: text}}}\n").unwrap();
    let run = pgform(dir, &["validate"]);
    expect(&run, 1, "table events is declared twice");
    expect(&run, 1, "opaque.yaml");
    // A list that is left out says nothing against it: what is there does.
    fs::remove_file(dir.join("schema/opaque.yaml")).unwrap();
    fs::write(
        &path,
        "tables: {events: {columns: {at: date not null, kind: text}}}\nviews: {kinds: {query: select kind from plain}}\n",
    )
    .unwrap();
    let run = pgform(dir, &["plan", "-m", "plain"]);
    expect(&run, 1, "pgform cannot turn the partitioned table events into a table");
    expect(&run, 1, "pgform cannot turn the materialized view kinds into a view");
    expect(&run, 1, "partition events_2026 uses partitioned table events");
    assert_eq!(run.err.matches("error[").count(), 3, "{}", run.err);
    fs::remove_file(&path).unwrap();
    edit(dir, "tables/rooms.yaml", "    primary_key:\n", "    checks: {rooms_apart: id > 0}\n    primary_key:\n");
    let run = pgform(dir, &["plan", "-m", "check"]);
    expect(&run, 1, "pgform cannot turn the exclusion constraint rooms.rooms_apart into a check");
}

#[test]
fn a_form_that_somebody_turns_into_another_is_drift_that_names_both() {
    let Some((database, folder)) = adopted(FORMS) else { return };
    let dir = folder.path();
    let sql = |text: &str| database.server.sql(&database.name, text);
    sql("alter table events detach partition events_2026");
    let run = pgform(dir, &["check", "-d", &database.url]);
    expect(&run, 3, "events_2026");
    expect(&run, 3, "partition");
    sql("alter table events attach partition events_2026 for values from ('2026-01-01') to ('2027-01-01')");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    sql("drop materialized view kinds; alter table plain rename to old; \
         create table plain (at date not null, kind text) partition by range (at); \
         drop table old; create materialized view kinds as select kind, count(*) as n from plain group by kind");
    let run = pgform(dir, &["check", "-d", &database.url]);
    expect(&run, 3, "plain");
    expect(&run, 3, "partitioned table");
    sql("drop materialized view kinds; create view kinds as select kind, count(*) as n from plain group by kind");
    let run = pgform(dir, &["check", "-d", &database.url]);
    expect(&run, 3, "kinds");
    expect(&run, 3, "materialized view");
}

#[test]
fn a_rename_to_the_name_of_what_is_carried_along_is_refused() {
    for (name, said) in [
        ("events", "partitioned table events has a name that a rename gives, and pgform carries it along"),
        ("kinds", "table kinds has the name of materialized view kinds, which pgform carries along"),
    ] {
        let Some((_database, folder)) = adopted(FORMS) else { return };
        let dir = folder.path();
        // Without the list nothing says in the declaration that the name is taken.
        fs::remove_file(dir.join("schema/opaque.yaml")).unwrap();
        edit(dir, "tables/rooms.yaml", "  rooms:\n", &format!("  {name}:\n    renamed_from: rooms\n"));
        let run = pgform(dir, &["plan", "-m", "rename"]);
        expect(&run, 1, said);
        assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
    }
}
