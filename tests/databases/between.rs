//! What others do between the segments of a plan, and what is compared before it goes on and behind its end.
use super::{DECLARATION, sql};
use crate::support::{Run, TestDatabase, Version, change, expect, fresh_database, pgform, project};
use std::{
    path::Path,
    thread::{Scope, sleep},
    time::{Duration, Instant},
};

const NOTES: &str = "  notes:\n    columns:\n      id: bigint\n";

/// A project with two tables, applied, and a second plan that changes first the one, then the other.
fn prepared(database: &TestDatabase) -> tempfile::TempDir {
    let dir = project(&format!("{DECLARATION}{NOTES}"));
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
    sql(
        database,
        "insert into documents (path) select 'p' || i from generate_series(1, 100) i; insert into notes values (1)",
    );
    change(
        dir.path(),
        "path: text not null",
        "path: text not null\n      title: text not null default ''\n      size: integer",
    );
    change(
        dir.path(),
        "primary_key: [id]",
        "primary_key: [id]\n    checks: {size_positive: \"size > 0\"}\n    indexes: {documents_path_idx: [path]}",
    );
    change(
        dir.path(),
        "      id: bigint\n",
        "      id: bigint\n      body: text\n    indexes: {notes_id_key: {keys: [id], unique: true}}\n",
    );
    expect(&pgform(dir.path(), &["plan", "-m", "second"]), 0, "0002-second");
    dir
}

fn apply(dir: &Path, database: &TestDatabase) -> Run {
    pgform(dir, &["apply", "-d", &database.url, "--yes"])
}

fn until(database: &TestDatabase, condition: &str) {
    let began = Instant::now();
    while sql(database, &format!("select {condition}")) != "t" {
        assert!(began.elapsed() < Duration::from_secs(60), "never: {condition}");
        sleep(Duration::from_millis(20));
    }
}

/// Holds a table for so long, from when this returns.
fn held<'s>(scope: &'s Scope<'s, '_>, database: &'s TestDatabase, table: &str, seconds: u32) {
    let text = format!("begin; select from {table} limit 1; select pg_sleep({seconds}); commit");
    scope.spawn(move || sql(database, &text));
    until(
        database,
        &format!(
            "exists (select from pg_locks where relation = '{table}'::regclass and database = \
             (select oid from pg_database where datname = current_database()) and mode = 'AccessShareLock' and pid <> pg_backend_pid())"
        ),
    );
}

const WAITS: &str = "exists (select from pgform.segment s join pgform.run r on r.id = s.run \
                     where r.status = 'running' and s.status in ('done', 'undone'))";

/// What a plan leans on is another matter: privileges, comments, statistics, storage parameters.
const BURST: &str = "grant select on documents, notes to public; comment on table documents is 'by hand';
    comment on column documents.path is 'by hand'; alter table documents alter path set statistics 200;
    alter table notes set (fillfactor = 90)";

#[test]
fn grants_and_comments_by_others_between_two_segments_stop_nothing() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = prepared(&database);
        let dir = dir.path();
        sql(
            &database,
            "create procedure restless() language plpgsql as $$ begin loop
                 grant select on documents, notes to public; comment on column documents.path is 'by hand'; commit;
                 perform pg_sleep(0.005); revoke select on documents, notes from public; commit;
                 perform pg_sleep(0.005);
             end loop; end $$",
        );
        // All the time, from behind the first segment on.
        let run = std::thread::scope(|scope| {
            held(scope, &database, "notes", 4);
            let running = scope.spawn(|| apply(dir, &database));
            until(&database, WAITS);
            sql(&database, BURST);
            let (server, name) = (database.server, database.name.as_str());
            // Ended by the test: what psql says of that is nothing to look at.
            scope.spawn(move || std::panic::catch_unwind(|| server.sql(name, "call restless()")).is_ok());
            let run = running.join().unwrap();
            sql(
                &database,
                "select pg_terminate_backend(pid) from pg_stat_activity where query like 'call restless%' \
                 and datname = current_database()",
            );
            run
        });
        expect(&run, 0, "applied: 0002 second");
        // On the way back, once.
        let run = std::thread::scope(|scope| {
            held(scope, &database, "notes", 4);
            let running = scope.spawn(|| pgform(dir, &["rollback", "-d", &database.url, "--yes"]));
            until(&database, WAITS);
            sql(&database, "grant update on documents, notes to public; comment on column documents.id is 'by hand'");
            running.join().unwrap()
        });
        expect(&run, 0, "rolled back: 0002 second");
    }
}

#[test]
fn what_others_change_between_two_segments_is_told_alone_and_never_taken_for_the_plans() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = prepared(&database);
        let dir = dir.path();
        let run = std::thread::scope(|scope| {
            held(scope, &database, "notes", 6);
            let running = scope.spawn(|| apply(dir, &database));
            until(&database, WAITS);
            sleep(Duration::from_millis(300));
            sql(
                &database,
                "grant select on documents to public; alter table documents alter title set default 'by hand'",
            );
            running.join().unwrap()
        });
        expect(&run, 5, "somebody changed column documents.title before segment");
        assert!(!run.err.contains("documents.size"), "pgform's own change is told of: {}", run.err);
        // What was found is not the state that it goes on from, however often that is tried.
        for _ in 0..2 {
            let again = apply(dir, &database);
            expect(&again, 4, "is not what 0002 second has left in its middle");
            expect(&again, 4, "~ column documents.title");
        }
        let check = pgform(dir, &["check", "-d", &database.url]);
        expect(&check, 3, "~ column documents.title");
        sql(&database, "alter table documents alter title set default ''");
        expect(&apply(dir, &database), 0, "applied: 0002 second");
        expect(&pgform(dir, &["check", "-d", &database.url]), 0, "no plan pending");
    }
}

/// Changes by hand of what the finished segments left: how each is made and unmade, and what it changes.
const CHANGES: [(&str, &str, &str); 9] = [
    (
        "alter table documents alter title set default 'x'",
        "alter table documents alter title set default ''",
        "column documents.title",
    ),
    (
        "alter table documents alter title drop not null",
        "alter table documents alter title set not null",
        "column documents.title",
    ),
    (
        "alter table documents drop column title",
        "alter table documents add column title text not null default ''",
        "column documents.title",
    ),
    (
        "alter table documents alter size type bigint",
        "alter table documents alter size type integer",
        "column documents.size",
    ),
    (
        "alter table documents rename size to other",
        "alter table documents rename other to size",
        "column documents.size",
    ),
    (
        "alter table documents drop constraint size_positive",
        "alter table documents add constraint size_positive check (size > 0)",
        "check documents.size_positive",
    ),
    (
        "drop index documents_path_idx",
        "create index documents_path_idx on documents (path)",
        "index documents_path_idx",
    ),
    (
        "alter table documents alter path drop not null",
        "alter table documents alter path set not null",
        "column documents.path",
    ),
    ("alter table notes alter id type integer", "alter table notes alter id type bigint", "column notes.id"),
];

#[test]
fn what_the_finished_segments_left_is_compared_before_a_plan_goes_on() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = prepared(&database);
        let (dir, url) = (dir.path(), database.url.as_str());
        // The last segment fails on a row that comes behind the count of them.
        let stopped = std::thread::scope(|scope| {
            held(scope, &database, "notes", 4);
            let running = scope.spawn(|| apply(dir, &database));
            until(&database, WAITS);
            sql(&database, "insert into notes values (1)");
            running.join().unwrap()
        });
        expect(&stopped, 5, "stopped in segment");
        let runs = sql(&database, "select count(*) from pgform.run");
        for (change, back, object) in CHANGES {
            sql(&database, change);
            let refused = apply(dir, &database);
            expect(&refused, 4, "is not what 0002 second has left in its middle");
            expect(&refused, 4, object);
            expect(&pgform(dir, &["check", "-d", url]), 3, object);
            assert_eq!(sql(&database, "select count(*) from pgform.run"), runs, "{change}: a run was begun");
            sql(&database, back);
            expect(&pgform(dir, &["check", "-d", url]), 2, "stopped in 0002 second");
        }
        // What it has nothing to do with is told, a grant too, and stops nothing.
        sql(&database, "grant select on documents to public; create table elsewhere (id int)");
        sql(&database, "delete from notes where ctid = (select max(ctid) from notes)");
        expect(&apply(dir, &database), 0, "applied: 0002 second");
        expect(&pgform(dir, &["check", "-d", url]), 3, "elsewhere");
    }
}

#[test]
fn the_state_that_a_plan_leads_to_is_compared_at_its_end() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = prepared(&database);
        let (dir, url) = (dir.path(), database.url.as_str());
        // Something of the database's own acts in the transaction of a segment.
        sql(
            &database,
            "create function meddles() returns event_trigger language plpgsql as $$ begin
             if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.notes') then
                 alter table public.documents alter column title set default 'by trigger';
             end if; end $$; create event trigger meddles on ddl_command_end execute function meddles()",
        );
        let run = apply(dir, &database);
        expect(&run, 5, "not-there");
        expect(
            &run,
            5,
            "0002 second ran to its end and is applied, and this is not as it plans: ~ column documents.title",
        );
        expect(&pgform(dir, &["status", "-d", url]), 0, "is at 0002 second");
        expect(&pgform(dir, &["check", "-d", url]), 3, "documents.title");
        sql(&database, "drop event trigger meddles; drop function meddles");
        sql(&database, "alter table documents alter column title set default ''");
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
    }
}

#[test]
fn check_says_what_it_did_not_look_at_in_the_middle_of_a_plan() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = prepared(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    std::thread::scope(|scope| {
        // Until the first segment is done; then somebody looks at the database as it was, and the build waits for that.
        held(scope, &database, "notes", 4);
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_pgform"))
            .args(["apply", "-d", url, "--yes"])
            .current_dir(dir)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        until(&database, WAITS);
        let (server, name) = (database.server, database.name.as_str());
        let looks = "begin isolation level repeatable read; select count(*) from pg_class; select pg_sleep(300)";
        // Ended by the test: what psql says of that is nothing to look at.
        scope.spawn(move || std::panic::catch_unwind(|| server.sql(name, looks)).is_ok());
        until(
            &database,
            "exists (select from pg_stat_activity where query ilike 'create index concurrently%path%' \
             and datname = current_database())",
        );
        child.kill().unwrap();
        child.wait().unwrap();
        let ours = "from pg_stat_activity where application_name like 'pgform/%' and datname = current_database()";
        sql(&database, &format!("select pg_terminate_backend(pid) {ours}"));
        until(&database, &format!("not exists (select {ours})"));
        sql(
            &database,
            "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep(300)' \
             and pid <> pg_backend_pid() and datname = current_database()",
        );
    });
    let check = pgform(dir, &["check", "-d", url]);
    expect(&check, 2, "stopped in 0002 second");
    expect(&check, 2, "not seen: index documents_path_idx: a segment that is not at its end changes it");
    expect(&apply(dir, &database), 0, "applied: 0002 second");
    assert!(!pgform(dir, &["check", "-d", url]).out.contains("not seen"));
}
