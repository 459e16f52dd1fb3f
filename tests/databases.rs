//! What databases know of themselves, and what happens when they are not what a plan takes them for: through the binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod between;
mod formats;
mod subscriber;

use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, pgform_with, project};
use std::{fs, path::Path};

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

/// A project whose first plan is applied.
fn applied(database: &TestDatabase) -> tempfile::TempDir {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
    dir
}

fn settings(dir: &Path, text: &str) {
    fs::write(dir.join("pgform.yaml"), text).unwrap();
}

#[test]
fn related_drift_is_refused_before_the_first_statement_and_unrelated_drift_is_told() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = applied(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    sql(&database, "create table elsewhere (id int)");
    change(dir, "path: text not null", "path: text not null\n      title: text");
    expect(&pgform(dir, &["plan", "-m", "title"]), 0, "add column documents.title");
    sql(&database, "alter table documents alter column path drop not null");
    let run = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&run, 4, "stale");
    expect(&run, 4, "documents.path");
    assert_eq!(sql(&database, "select count(*) from pgform.run where plan like 'p1:%'"), "1", "a run was begun");
    sql(&database, "alter table documents alter column path set not null");
    let run = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&run, 0, "applied: 0002 title");
    expect(&run, 0, "+ table elsewhere");
}

#[test]
fn what_has_the_name_of_something_new_is_refused_before_the_first_statement() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = applied(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    change(dir, "primary_key: [id]", "primary_key: [id]\n    indexes:\n      documents_path_idx: [path]");
    expect(&pgform(dir, &["plan", "-m", "index"]), 0, "build documents_path_idx");
    sql(&database, "create index documents_path_idx on documents (lower(path))");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 4, "index documents_path_idx is here already");
    expect(&pgform(dir, &["check", "-d", url]), 3, "documents_path_idx");
}

#[test]
fn an_equal_object_made_by_hand_is_taken_over_and_made_elsewhere() {
    let (Some(here), Some(there)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    let dir = applied(&here);
    let (dir, url) = (dir.path(), here.url.as_str());
    sql(&here, "create index documents_path_idx on documents (path)");
    let run = pgform(dir, &["plan", "-m", "take over", "--absorb", "documents_path_idx", "-d", url]);
    expect(&run, 1, "is not declared");
    change(dir, "primary_key: [id]", "primary_key: [id]\n    indexes:\n      documents_path_idx: [path]");
    expect(&pgform(dir, &["plan", "-m", "x", "--absorb", "documents_path_idx"]), 1, "-d URL");
    let run = pgform(dir, &["plan", "-m", "take over", "--absorb", "documents_path_idx", "-d", url]);
    expect(&run, 0, "0002-take-over.yaml");
    expect(&run, 0, "1 segment · 1 absorbs what a database has already");
    expect(&run, 0, "1 build documents_path_idx documents, ShareUpdateExclusive build exact absorb: not run where");
    let made = sql(&here, "select oid from pg_class where relname = 'documents_path_idx'");
    let run = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&run, 0, "1/1 build documents_path_idx here already: not run applied: 0002 take-over");
    assert!(!run.err.contains("drift"), "told of what it takes over: {}", run.err);
    assert_eq!(sql(&here, "select oid from pg_class where relname = 'documents_path_idx'"), made, "it was made again");
    expect(&pgform(dir, &["check", "-d", url]), 0, "no plan");
    // What is not undone may have become something else.
    sql(&here, "alter index documents_path_idx set (fillfactor = 70)");
    let run = pgform(dir, &["rollback", "-d", url, "--yes"]);
    expect(&run, 0, "back from 0002 take-over to 0001 first · nothing to undo");
    expect(&run, 0, "goes nothing stays index documents_path_idx, which was here before the plan");
    expect(&run, 0, "1/1 undo: build documents_path_idx as before the plan: stays");
    expect(&run, 0, "rolled back: 0002 take-over (nothing was to be undone)");
    assert_eq!(
        sql(&here, "select oid from pg_class where relname = 'documents_path_idx'"),
        made,
        "found is not undone"
    );
    expect(&pgform(dir, &["apply", "-d", &there.url, "--yes"]), 0, "applied: 0001 first, 0002 take-over");
    assert_eq!(sql(&there, "select count(*) from pg_class where relname = 'documents_path_idx'"), "1");
}

#[test]
fn an_unknown_object_is_dropped_by_name_and_passed_over_where_it_is_not() {
    let (Some(here), Some(there)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    let dir = applied(&here);
    let (dir, url) = (dir.path(), here.url.as_str());
    sql(&here, "create table leftover (id int primary key, note text); insert into leftover values (1, 'x')");
    expect(&pgform(dir, &["plan", "-m", "nothing", "-d", url]), 0, "no changes");
    let run = pgform(dir, &["plan", "-m", "clean up", "--drop", "leftover", "-d", url]);
    expect(&run, 0, "DataLoss");
    expect(&run, 0, "absorb: not run where it is gone already");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 4, "DataLoss");
    let run = pgform(dir, &["apply", "-d", url, "--yes", "--allow", "DataLoss:leftover"]);
    expect(&run, 0, "applied: 0002 clean-up");
    assert!(!run.err.contains("drift"), "told of what it drops: {}", run.err);
    assert_eq!(sql(&here, "select count(*) from pg_class where relname = 'leftover'"), "0");
    expect(&pgform(dir, &["check", "-d", url]), 0, "no plan");
    let run = pgform(dir, &["apply", "-d", &there.url, "--yes", "--allow", "DataLoss:leftover"]);
    expect(&run, 0, "1/1 drop table leftover gone already: not run applied: 0001 first, 0002 clean-up");
    let run = pgform(dir, &["rollback", "-d", &there.url, "--yes"]);
    expect(&run, 0, "comes back nothing goes nothing stays table leftover, gone as before the plan");
    expect(&run, 0, "rolled back: 0002 clean-up (nothing was to be undone)");
}

#[test]
fn a_plan_takes_the_place_of_the_last_one_which_goes_back_first() {
    let (Some(here), Some(there)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    let dir = applied(&here);
    let (dir, url) = (dir.path(), here.url.as_str());
    change(dir, "path: text not null", "path: text not null\n      titel: text");
    expect(&pgform(dir, &["plan", "-m", "title"]), 0, "documents.titel");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 title");
    change(dir, "titel: text", "title: text not null default ''");
    expect(&pgform(dir, &["plan", "-m", "x", "--replace", "first"]), 4, "is not the last plan");
    expect(&pgform(dir, &["plan", "-m", "title again", "--replace", "title"]), 0, "documents.title");
    expect(&pgform(dir, &["check", "-d", url]), 2, "0003 title-again");
    expect(&pgform(dir, &["apply", "title", "-d", url, "--yes"]), 4, "replaced");
    sql(&here, "insert into documents (path, titel) values ('/a', 'one')");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 4, "--allow DataLoss:documents.titel");
    let run = pgform(dir, &["apply", "-d", url, "--yes", "--allow", "DataLoss:documents.titel"]);
    expect(&run, 0, "went back: 0002 title");
    expect(&run, 0, "applied: 0003 title-again");
    assert_eq!(sql(&here, "select path || title from documents"), "/a");
    expect(&pgform(dir, &["check", "-d", url]), 0, "0003 title-again");
    let run = pgform(dir, &["apply", "-d", &there.url, "--yes"]);
    expect(&run, 0, "applied: 0001 first, 0003 title-again");
    expect(&pgform(dir, &["plan", "-m", "nothing"]), 0, "no changes");
}

#[test]
fn a_baseline_is_built_on_an_empty_database_in_one_go() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    sql(
        &old,
        "create extension vector; create schema app; create type app.kind as enum ('a', 'b'); \
        create table app.t (id serial primary key, kind app.kind not null default 'a', v vector(3)); \
        create function app.touch() returns trigger language plpgsql as 'begin return new; end'; \
        create trigger touched before update on app.t for each row execute function app.touch()",
    );
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    settings(dir, "scope: {schemas: [public, app]}\n");
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["apply", "-d", &old.url, "--yes"]), 4, "pgform adopt baseline");
    assert_eq!(sql(&old, "select count(*) from pg_namespace where nspname = 'pgform'"), "0", "something was written");
    sql(&new, "create extension vector");
    expect(&pgform(dir, &["apply", "-d", &new.url, "--yes"]), 0, "applied: 0001 baseline");
    expect(&pgform(dir, &["check", "-d", &new.url]), 0, "baseline");
    expect(&pgform(dir, &["rollback", "-d", &new.url, "--yes"]), 4, "was built here, not run");
    assert_eq!(sql(&new, "insert into app.t default values returning kind"), "a");
}

#[test]
fn a_baseline_that_cannot_be_built_leaves_nothing() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    sql(&old, "create table a (id int primary key); create table b (id int primary key)");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline.yaml");
    // An event trigger refuses the second table.
    sql(
        &new,
        "create function no_b() returns event_trigger language plpgsql as $$ begin \
        if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.b') \
        then raise exception 'no b here'; end if; end $$; \
        create event trigger no_b on ddl_command_end execute function no_b()",
    );
    let run = pgform(dir, &["apply", "-d", &new.url, "--yes"]);
    assert_ne!(run.code, 0, "{}{}", run.out, run.err);
    assert_eq!(sql(&new, "select count(*) from pg_class where relname in ('a', 'b')"), "0");
    sql(&new, "drop event trigger no_b; drop function no_b");
    expect(&pgform(dir, &["apply", "-d", &new.url, "--yes"]), 0, "applied: 0001 baseline");
}

#[test]
fn a_database_knows_its_environment_and_what_that_demands() {
    let (Some(prod), Some(staging)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    let dir = project(DECLARATION);
    let dir = dir.path();
    settings(
        dir,
        "environments:\n  production: {url: {env: PROD}, protected: true, requires: {approvals: 1, not_author: true, dry_run: staging}}\n  staging: {url: {env: STAGING}}\n",
    );
    let variables = [("PROD", prod.url.as_str()), ("STAGING", staging.url.as_str()), ("PGFORM_USER", "ann")];
    let run = |args: &[&str]| pgform_with(dir, args, &variables);
    expect(&run(&["plan", "-m", "first"]), 0, "0001-first.yaml");
    let refused = run(&["apply", "--env", "production", "--yes"]);
    expect(&refused, 4, "0 of the 1 approvals");
    expect(&refused, 4, "not tried on staging");
    expect(&run(&["dry-run", "first", "--env", "staging", "--yes"]), 0, "the database is as before");
    expect(&run(&["approve", "first", "--who", "ann"]), 0, "approved");
    expect(&run(&["apply", "--env", "production", "--yes"]), 4, "by others than its author");
    expect(&run(&["approve", "first", "--who", "bob"]), 0, "approved");
    expect(&run(&["apply", "--env", "production", "--yes"]), 4, "nobody said yes");
    expect(&run(&["apply", "--env", "production", "--confirm", "staging"]), 4, "nobody said yes");
    expect(&run(&["apply", "--env", "production", "--confirm", "production"]), 0, "applied: 0001 first");
    // Another name is refused, and a missing settings file lifts nothing.
    let wrong = pgform_with(dir, &["apply", "--env", "staging", "--yes"], &[("STAGING", &prod.url)]);
    expect(&wrong, 4, "this database says that it is production, not staging");
    change(dir, "path: text not null", "path: text not null\n      title: text");
    expect(&run(&["plan", "-m", "second"]), 0, "0002-second.yaml");
    fs::rename(dir.join("pgform.yaml"), dir.join("away")).unwrap();
    expect(&run(&["apply", "-d", &prod.url, "--yes"]), 4, "that production demands");
    fs::rename(dir.join("away"), dir.join("pgform.yaml")).unwrap();
    // A restored copy keeps its label until it gets its own.
    let copied = [("STAGING", prod.url.as_str()), ("PGFORM_USER", "ann")];
    let relabelled = pgform_with(dir, &["adopt", "--relabel", "--env", "staging", "--confirm", "production"], &copied);
    expect(&relabelled, 0, "relabelled");
    expect(&pgform_with(dir, &["apply", "--env", "staging", "--yes"], &copied), 0, "applied: 0002 second");
}

#[test]
fn what_a_database_remembers_to_demand_holds_where_the_settings_say_less() {
    let Some(prod) = fresh_database(Version::V18) else { return };
    let dir = project(DECLARATION);
    let dir = dir.path();
    let said = |requires: &str| {
        settings(dir, &format!("environments:\n  production: {{url: {{env: PROD}}{requires}}}\n  staging: {{}}\n"));
    };
    let run = |args: &[&str]| pgform_with(dir, args, &[("PROD", prod.url.as_str()), ("PGFORM_USER", "ann")]);
    expect(&run(&["plan", "-m", "first"]), 0, "0001-first.yaml");
    said(", protected: true, requires: {approvals: 1, verified: true}");
    expect(&run(&["approve", "first", "--who", "bob"]), 0, "approved");
    expect(&run(&["apply", "--env", "production", "--confirm", "production"]), 0, "applied: 0001 first");
    change(dir, "path: text not null", "path: text not null\n      title: text");
    expect(&run(&["plan", "-m", "second"]), 0, "0002-second.yaml");
    // The settings lose them all, then some, then ask for something else instead.
    for less in ["", ", protected: true", ", requires: {dry_run: staging}"] {
        said(less);
        let refused = run(&["apply", "--env", "production", "--confirm", "production"]);
        expect(&refused, 4, "0002 second has 0 of the 1 approvals that production (as this database remembers");
        expect(&refused, 4, "pgform adopt --relabel --env production");
        expect(&run(&["status", "--env", "production"]), 0, "not approved");
    }
    // An apply learns nothing less: the next one is asked the same.
    said("");
    expect(&run(&["approve", "second", "--who", "bob"]), 0, "approved");
    expect(&run(&["apply", "--env", "production", "--yes"]), 4, "nobody said yes");
    expect(&run(&["apply", "--env", "production", "--confirm", "production"]), 0, "applied: 0002 second");
    change(dir, "title: text", "title: text\n      body: text");
    expect(&run(&["plan", "-m", "third"]), 0, "0003-third.yaml");
    expect(&run(&["apply", "--env", "production", "--confirm", "production"]), 4, "of the 1 approvals");
    // Until somebody says so, under its name.
    expect(&run(&["adopt", "--relabel", "--env", "production", "--yes"]), 4, "nobody said yes");
    expect(&run(&["adopt", "--relabel", "--env", "production", "--confirm", "production"]), 0, "relabelled");
    expect(&run(&["apply", "--env", "production", "--yes"]), 0, "applied: 0003 third");
}

#[test]
fn a_database_named_to_plan_tells_its_drift_and_what_stands_in_the_way() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = applied(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    sql(&database, "insert into documents (path) select 'p' || i from generate_series(1, 2000) i; analyze documents");
    sql(&database, "create view readers as select path from documents");
    change(dir, "      path: text not null\n", "");
    let run = pgform(dir, &["plan", "-m", "no path", "-d", url]);
    expect(&run, 4, "view readers is in the database and unknown here, and leans on column documents.path");
    assert!(!dir.join("plans/0002-no-path.yaml").exists());
    sql(&database, "drop view readers; create index aside on documents (path) where path > 'x'; drop index aside");
    let run = pgform(dir, &["plan", "-m", "no path", "-d", url]);
    expect(&run, 0, "about 2,000 of 2,000 rows hold a value");
}

#[test]
fn what_others_change_while_a_plan_waits_for_its_lock_is_seen_inside_of_it() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let dir = applied(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    change(dir, "path: text not null", "path: text not null\n      title: text");
    expect(&pgform(dir, &["plan", "-m", "title"]), 0, "documents.title");
    // Not committed while the plan looks, committed when it gets its lock.
    std::thread::scope(|scope| {
        scope.spawn(|| {
            sql(&database, "begin; alter table documents alter column path drop not null; select pg_sleep(4); commit");
        });
        let held =
            "select count(*) from pg_locks where relation = 'documents'::regclass and mode = 'AccessExclusiveLock'";
        while sql(&database, held) == "0" {}
        let run = pgform(dir, &["apply", "-d", url, "--yes"]);
        expect(&run, 4, "somebody changed column documents.path before segment 1");
    });
    assert_eq!(sql(&database, "select count(*) from pg_attribute where attname = 'title'"), "0");
    sql(&database, "alter table documents alter column path set not null");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 title");
}
