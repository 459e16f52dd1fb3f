//! Tables and constraints that change between a form that is modelled and one that is carried along.
use super::{adopted, edit};
use crate::support::{expect, pgform};
use std::fs;

const FORMS: &str = "
create extension btree_gist;
create table events (at date not null, kind text);
create table events_2026 () inherits (events);
create table plain (at date not null, kind text);
create type kinds;
create table rooms (id int primary key, during int4range, constraint rooms_apart
    exclude using gist (int4range(lower(during), upper(during)) with &&));
alter index rooms_apart alter column 1 set statistics 500;";

#[test]
fn a_form_that_the_declaration_turns_into_another_is_refused_by_name() {
    let Some((_database, folder)) = adopted(FORMS) else { return };
    let dir = folder.path();
    let opaque = fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap();
    for listed in [
        "inheriting table [public, events]",
        "inheriting table [public, events_2026]",
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
    fs::write(&path, "tables: {events: {columns: {at: date not null, kind: text}}}\n").unwrap();
    let run = pgform(dir, &["plan", "-m", "plain"]);
    expect(&run, 1, "pgform cannot turn the inheriting table events into a table");
    expect(&run, 1, "inheriting table events_2026 uses inheriting table events");
    assert_eq!(run.err.matches("error[").count(), 2, "{}", run.err);
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
    sql("create table heir () inherits (plain)");
    let run = pgform(dir, &["check", "-d", &database.url]);
    expect(&run, 3, "plain");
    expect(&run, 3, "inheriting table");
    sql("drop table heir");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    sql("alter table events_2026 no inherit events");
    let run = pgform(dir, &["check", "-d", &database.url]);
    expect(&run, 3, "events_2026");
    expect(&run, 3, "inheriting table");
}

const KINDS: &str = "
create table plain (at date not null, kind text);
create materialized view kinds with (fillfactor = 80) as select kind, count(*) as n from plain group by kind with no data;
create unique index kinds_key on kinds (kind);
create index kinds_n_idx on kinds (n desc) where n > 0;
comment on index kinds_key is 'one each';
alter materialized view kinds cluster on kinds_key;
comment on materialized view kinds is 'Counted';";

/// The statements by which an earlier pgform carried the view along, and its entry in a plan.
const CARRIED: &str = "create materialized view public.kinds with (fillfactor = '80') as  SELECT kind,\n    count(*) AS n\n   \
    FROM public.plain\n  GROUP BY kind with no data;\nCREATE UNIQUE INDEX kinds_key ON public.kinds USING btree (kind);\n\
    comment on index public.kinds_key is 'one each';\nCREATE INDEX kinds_n_idx ON public.kinds USING btree (n DESC) WHERE (n > 0);\ncomment on materialized view public.kinds is 'Counted';\n\
    alter table public.kinds cluster on kinds_key";

#[test]
fn a_materialized_view_that_was_carried_along_is_one_like_others_by_now() {
    let Some((database, folder)) = adopted(KINDS) else { return };
    let dir = folder.path();
    let now = fs::read_to_string(dir.join("schema/materialized_views.yaml")).unwrap();
    // The project, as an earlier pgform had written it.
    let listed = serde_json::Value::from(CARRIED).to_string();
    fs::remove_file(dir.join("schema/materialized_views.yaml")).unwrap();
    fs::write(dir.join("schema/opaque.yaml"), format!("opaque:\n  'materialized view [public, kinds]': {listed}\n"))
        .unwrap();
    let run = pgform(dir, &["plan", "-m", "same"]);
    expect(&run, 0, "no changes");
    expect(&run, 0, "materialized view kinds is listed under `opaque:`, as earlier imports wrote it");
    expect(&run, 0, "declare it under `materialized_views:`");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    // Declared, it changes as others do.
    fs::write(dir.join("schema/opaque.yaml"), "opaque: {}\n").unwrap();
    fs::write(dir.join("schema/materialized_views.yaml"), now.replace("count(*) AS n", "count(at) AS n")).unwrap();
    expect(&pgform(dir, &["plan", "-m", "counted"]), 0, "create materialized view kinds");
    let allowed = ["apply", "-d", &database.url, "--yes", "--allow", "LongLock", "--allow", "BreaksClients"];
    expect(&pgform(dir, &allowed), 0, "counted");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    // What makes no materialized view is told where it stands.
    let broken = "opaque:\n  'materialized view [public, other]': create view public.other as select 1\n";
    fs::write(dir.join("schema/opaque.yaml"), broken).unwrap();
    let run = pgform(dir, &["validate"]);
    expect(&run, 1, "materialized view other cannot be read: this is more than a materialized view and its indexes");
    expect(&run, 1, "opaque.yaml");
}

#[test]
fn a_rename_to_the_name_of_what_is_carried_along_is_refused() {
    for (name, said) in [
        ("events", "inheriting table events has a name that a rename gives, and pgform carries it along"),
        ("kinds", "table kinds has the name of base type kinds, which pgform carries along"),
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
