//! Every kind of drift has a command that ends it, and `check` prints it: run as printed, with what it says to declare first,
//! it leaves the database in step and nothing to plan.
use super::changes::Change;
use super::scene::Scene;
use crate::support::{Run, Version, expect, fresh_database, pgform};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

/// Runs a line as a shell does.
fn shell(dir: &Path, line: &str) -> Run {
    let binary = Path::new(env!("CARGO_BIN_EXE_pgform")).parent().unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap_or_default());
    let done = Command::new("sh").args(["-c", line]).env("PATH", path).current_dir(dir).output().unwrap();
    Run {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

struct Line {
    object: String,
    /// What is to be done first, and the command.
    first: String,
    command: String,
}

/// The lines of drift, and what ends all of it.
fn told(dir: &Path, url: &str) -> (Vec<Line>, Vec<String>) {
    let run = pgform(dir, &["check", "-d", url, "--format", "json"]);
    let report: serde_json::Value =
        serde_json::from_str(&run.out).unwrap_or_else(|e| panic!("{e}: {}{}", run.out, run.err));
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let line = |drift: &serde_json::Value| {
        let way = text(&drift["ways"][0]);
        let (first, command) = way.split_once(": pgform ").unwrap_or_else(|| panic!("no command in {way}"));
        Line { object: text(&drift["object"]), first: first.to_owned(), command: format!("pgform {command}") }
    };
    let lines = report["data"]["drift"].as_array().unwrap().iter().map(line).collect();
    let command = |way: &serde_json::Value| text(way).split_once(": ").unwrap().1.to_owned();
    (lines, report["data"]["all"].as_array().unwrap().iter().map(command).collect())
}

/// Declares everything as it is there, but for what is listed of what pgform carries along: that stays as it was.
fn declare(dir: &Path, url: &str) {
    let anew = tempfile::tempdir().unwrap();
    expect(&pgform(anew.path(), &["import", "-d", url]), 0, "0001-baseline.yaml");
    let schema = dir.join("schema");
    let listed = std::fs::read(schema.join("opaque.yaml"));
    std::fs::remove_dir_all(&schema).unwrap();
    std::fs::rename(anew.path().join("schema"), &schema).unwrap();
    match listed {
        Ok(listed) => std::fs::write(schema.join("opaque.yaml"), listed).unwrap(),
        Err(_) => drop(std::fs::remove_file(schema.join("opaque.yaml"))),
    }
}

const ALLOWED: [&str; 12] = [
    "--allow",
    "DataLoss",
    "--allow",
    "BreaksClients",
    "--allow",
    "Rewrite",
    "--allow",
    "LongLock",
    "--allow",
    "Irreversible",
    "--allow",
    "MayFailOnRows",
];

/// Ends all drift as `check` says, and tells what did not end.
fn end(dir: &Path, url: &str) -> Result<(), String> {
    let ran = |run: &Run, what: &str| match run.code {
        0 => Ok(()),
        code => Err(format!("{what}: exit {code}\n{}{}", run.out, run.err)),
    };
    let (lines, _) = told(dir, url);
    let at_once = |line: &Line| ["take over", "take for gone"].contains(&line.first.as_str());
    if !lines.iter().all(at_once) {
        declare(dir, url);
    }
    // Of several, one command for all; line by line it is walked elsewhere. What is to be built anew is another plan.
    let (lines, all) = told(dir, url);
    let built: Vec<String> =
        lines.iter().filter(|l| l.first == "build it anew").map(|line| line.command.clone()).collect();
    let commands = if all.is_empty() {
        lines.into_iter().filter(|l| l.first != "build it anew").map(|line| line.command).collect()
    } else {
        all[..1].to_vec()
    };
    for command in commands {
        ran(&shell(dir, &command), &command)?;
    }
    ran(&pgform(dir, &[&["apply", "-d", url, "--yes"], &ALLOWED[..]].concat()), "apply")?;
    if let Some(repair) = built.first() {
        ran(&shell(dir, repair), repair)?;
        ran(&pgform(dir, &[&["apply", "repair", "-d", url, "--yes"], &ALLOWED[..]].concat()), "apply the repair")?;
    }
    ran(&pgform(dir, &["check", "-d", url]), "check afterwards")?;
    let again = pgform(dir, &["plan", "-m", "again", "-d", url]);
    ran(&again, "plan afterwards")?;
    if again.out.contains("no changes") { Ok(()) } else { Err(format!("there is more to plan: {}", again.out)) }
}

fn every_change_is_ended(version: Version) {
    let mut wrong = String::new();
    for round in super::rounds(version) {
        let Some(scene) = Scene::adopted(version) else { return };
        let sql = round.iter().map(|c: &&Change| c.sql).collect::<Vec<_>>().join(";\n");
        scene.sql(&sql);
        if let Err(error) = end(scene.dir.path(), &scene.database.url) {
            let objects: Vec<&str> = round.iter().map(|c| c.object).collect();
            let _ = writeln!(wrong, "{objects:?}\n{error}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_change_is_ended_by_the_printed_command_on_18() {
    every_change_is_ended(Version::V18);
}

#[test]
fn every_change_is_ended_by_the_printed_command_on_16() {
    every_change_is_ended(Version::V16);
}

const BY_HAND: &str = "\
create schema app;
create table app.t (id bigint primary key, note text);
create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;
create function app.twice(n integer) returns integer language sql as 'select n * 2';
create trigger t_touch before update on app.t for each row execute function app.touch();
create table app.events (at date not null, id bigint) partition by range (at);
create table app.events_1 partition of app.events for values from ('2026-01-01') to ('2026-02-01');
create aggregate app.total(integer) (sfunc = int4pl, stype = integer);
create conversion app.old for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create domain app.short as text check (length(value) < 10);
create type app.pair as (a integer);
create text search configuration app.words (parser = default)";

/// What people do by hand, each of which no plan could end: changed, made and gone.
const DONE: &[(&str, &str)] = &[
    (
        "a changed function",
        "create or replace function app.twice(n integer) returns integer language sql as 'select n + n'",
    ),
    (
        "a changed trigger function",
        "create or replace function app.touch() returns trigger language plpgsql as $$ begin new.note := now()::text; return new; end $$",
    ),
    (
        "a changed aggregate",
        "create or replace aggregate app.total(integer) (sfunc = int4pl, stype = integer, initcond = '0')",
    ),
    ("an aggregate gone", "drop aggregate app.total(integer)"),
    ("a granted privilege", "grant select on app.t to app_reader"),
    ("a privilege on a column", "grant update (note) on app.t to app_reader"),
    ("an owner", "alter function app.twice(integer) owner to app_owner"),
    ("a trigger", "create trigger by_hand before insert on app.t for each row execute function app.touch()"),
    ("a trigger gone", "drop trigger t_touch on app.t"),
    (
        "a partition",
        "create table app.events_2 partition of app.events for values from ('2026-02-01') to ('2026-03-01')",
    ),
    ("a partition gone", "drop table app.events_1"),
    ("a function", "create function app.twice(t text) returns text language sql as 'select t || t'"),
    ("a function gone", "drop function app.twice(integer)"),
    (
        "a policy and row security",
        "create policy own on app.t using (id > 0); alter table app.t enable row level security",
    ),
    (
        "storage",
        "alter table app.t set (fillfactor = 70), alter note set storage external, alter note set statistics 50",
    ),
    ("a changed domain", "alter domain app.short add check (value <> '')"),
    ("a changed composite type", "alter type app.pair add attribute b integer"),
    ("replica identity", "alter table app.t replica identity full"),
];

const SETTINGS: &str = "environments:\n  production: {url: {env: THERE}, drift: refuse}\n";

#[test]
fn where_drift_refuses_apply_and_rollback_run_again_once_the_printed_command_was_run() {
    for version in [Version::V18, Version::V16] {
        for (what, sql) in DONE {
            let Some(database) = super::scene::database(version) else { return };
            let run = |text: &str| database.server.sql(&database.name, text);
            run(BY_HAND);
            let (dir, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
            let dir = dir.path();
            let env = |args: &[&str]| {
                crate::support::pgform_with(dir, &[args, &["--env", "production"]].concat(), &[("THERE", url)])
            };
            expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
            std::fs::write(dir.join("pgform.yaml"), SETTINGS).unwrap();
            expect(&env(&["adopt", "--yes"]), 0, "adopted");
            run(sql);
            // A plan that waits, and leans on nothing of that.
            let more = || {
                let text = "schema: app\ntables:\n  more: {columns: {id: bigint}}\n";
                std::fs::write(dir.join("schema/more.yaml"), text).unwrap();
            };
            more();
            expect(&env(&["plan", "-m", "more"]), 0, "drift:");
            expect(&env(&["apply", "--yes"]), 4, "pgform check --env production");
            let (lines, all) = told(dir, url);
            // What is declared is declared as it is there first.
            let is_declared = lines.iter().any(|line| line.first.contains("declar"));
            if is_declared {
                declare(dir, url);
                more();
            }
            for Line { object, first, command: _ } in lines.iter().filter(|_| !is_declared) {
                assert!(["take over", "take for gone"].contains(&first.as_str()), "{what}: {object}: {first}");
            }
            // Of several that are declared at once, one command for all.
            let commands = match (is_declared, all.first()) {
                (true, Some(all)) => vec![all.clone()],
                _ => lines.into_iter().map(|line| line.command).collect(),
            };
            for command in commands {
                let done = shell(dir, &command);
                assert_eq!(done.code, 0, "{what}: {command}\n{}{}", done.out, done.err);
            }
            let allowed: &[&str] = if is_declared { &ALLOWED } else { &[] };
            // What was there before pgform came is lost by its name alone.
            let named: &[&str] = if *what == "a partition gone" { &["--allow", "DataLoss:events_1"] } else { &[] };
            let applied = env(&[&["apply", "--yes"], allowed, named].concat());
            assert_eq!(applied.code, 0, "{what}: {}{}", applied.out, applied.err);
            expect(&env(&["check"]), 0, "drift: none");
            // A declared thing that a plan found there is drift again behind that plan's way back: `drift: refuse` says so.
            if is_declared {
                continue;
            }
            // All the way back: what was taken note of stays as it is, and is in nobody's way.
            let plans =
                std::fs::read_dir(dir.join("plans")).unwrap().filter(|e| e.as_ref().unwrap().path().is_file()).count();
            for _ in 1..plans {
                let back = env(&["rollback", "--last", "--yes"]);
                assert_eq!(back.code, 0, "{what}: {}{}", back.out, back.err);
            }
            assert_eq!(run("select count(*) from pg_class where relname = 'more'"), "0");
            expect(&env(&["check"]), 3, "drift:");
            let again = env(&["apply", "--yes", "--again"]);
            assert_eq!(again.code, 0, "{what}: {}{}", again.out, again.err);
            expect(&env(&["check"]), 0, "drift: none");
        }
    }
}

#[test]
fn what_was_taken_note_of_is_made_from_nothing_and_asked_for_elsewhere() {
    let Some(database) = super::scene::database(Version::V18) else { return };
    let (Some(empty), Some(other)) = (fresh_database(Version::V18), super::scene::database(Version::V18)) else {
        return;
    };
    for database in [&database, &other] {
        database.server.sql(&database.name, BY_HAND);
    }
    let (dir, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    for url in [url, &other.url] {
        expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    }
    let changed = "alter text search configuration app.words add mapping for word with simple";
    database.server.sql(&database.name, &format!("{changed}; drop conversion app.old"));
    for line in told(dir, url).0 {
        expect(&shell(dir, &line.command), 0, "take note of");
    }
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied:");
    // From nothing, the state is made in one go.
    expect(&pgform(dir, &["apply", "-d", &empty.url, "--yes"]), 0, "applied: 0001 baseline");
    expect(&pgform(dir, &["check", "-d", &empty.url]), 0, "drift: none");
    let attributes =
        "select count(*) from pg_ts_config_map m join pg_ts_config c on c.oid = m.mapcfg where c.cfgname = 'words'";
    assert_eq!(empty.server.sql(&empty.name, attributes), "1");
    // Where it is otherwise, it says what to do by hand.
    let refused = pgform(dir, &["apply", "-d", &other.url, "--yes"]);
    expect(
        &refused,
        4,
        "takes note of what another database has, and this one has it otherwise: ~ text search configuration words",
    );
    expect(&refused, 4, "add mapping for word");
    other.server.sql(&other.name, &format!("{changed}; drop conversion app.old"));
    expect(&pgform(dir, &["apply", "-d", &other.url, "--yes"]), 0, "applied:");
    expect(&pgform(dir, &["check", "-d", &other.url]), 0, "drift: none");
}

#[test]
fn what_is_left_to_others_is_no_drift_whether_it_was_known_or_not() {
    let Some(database) = super::scene::database(Version::V18) else { return };
    let run = |text: &str| database.server.sql(&database.name, text);
    run(BY_HAND);
    let (dir, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    run("create or replace function app.twice(n integer) returns integer language sql as 'select n + n';
         create trigger by_hand before insert on app.t for each row execute function app.touch();
         drop table app.events_1; alter text search configuration app.words add mapping for word with simple");
    expect(&pgform(dir, &["check", "-d", url]), 3, "leave alone: scope: {unmanaged: [by_hand]} in pgform.yaml");
    std::fs::write(dir.join("pgform.yaml"), "scope:\n  unmanaged: [twice, by_hand, events_1, words]\n").unwrap();
    // Whoever leaves something to others does not declare it.
    let functions = dir.join("schema/app/functions.yaml");
    let text = std::fs::read_to_string(&functions).unwrap();
    std::fs::write(&functions, text.split_once("  twice(integer):").unwrap().0).unwrap();
    let events = dir.join("schema/app/tables/events.yaml");
    let text = std::fs::read_to_string(&events).unwrap();
    std::fs::write(&events, text.split_once("    partitions:").unwrap().0).unwrap();
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "x", "-d", url]), 0, "no changes");
    expect(&pgform(dir, &["plan", "-m", "x"]), 0, "no changes");
}

#[test]
fn what_is_declared_as_it_is_there_is_found_there_and_run_elsewhere() {
    let Some(database) = super::scene::database(Version::V16) else { return };
    let (Some(empty), Some(other)) = (fresh_database(Version::V18), super::scene::database(Version::V18)) else {
        return;
    };
    let (dir, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = dir.path();
    for database in [&database, &other] {
        let table = "create table t (id integer primary key, note text, price numeric default 1); create index t_note on t (note);
                     insert into t values (1, 'a', 2)";
        database.server.sql(&database.name, table);
    }
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    for url in [url, &other.url] {
        expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    }
    let by_hand = "alter table t alter note set default 'x', alter price drop default; comment on table t is 'by hand';
                   comment on column t.note is 'too'; drop index t_note; create index t_price on t (price);
                   alter table t add column extra integer";
    database.server.sql(&database.name, by_hand);
    declare(dir, url);
    let (_, all) = told(dir, url);
    expect(&shell(dir, &all[0]), 0, "7 absorb what a database has already");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "comment on t here already: not run");
    for database in [&other, &empty] {
        let applied = pgform(dir, &["apply", "-d", &database.url, "--yes"]);
        expect(&applied, 0, "applied:");
        assert!(!applied.out.contains("not run"), "{}", applied.out);
        expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    }
    // Where it was found it stays, where it was run it goes.
    let comment = "select obj_description('t'::regclass)";
    for (database, stays) in [(&database, "by hand"), (&other, "")] {
        expect(&pgform(dir, &["rollback", "-d", &database.url, "--yes"]), 0, "rolled back");
        assert_eq!(database.server.sql(&database.name, comment), stays);
    }
}

/// A database whose plans are files of their own: no chain tells how it should be, so nothing is to be taken over into one.
#[test]
fn without_a_chain_the_next_plan_begins_with_what_is_there() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = folder.path();
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    sql("create table notes (id bigint primary key, name text)");
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    std::fs::remove_dir_all(dir.join("plans")).unwrap();
    let declared = dir.join("schema/tables/notes.yaml");
    let edit = |from: &str, to: &str| {
        let text = std::fs::read_to_string(&declared).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&declared, text.replace(from, to)).unwrap();
    };
    edit("name: text", "name: text\n      size: integer");
    expect(&pgform(dir, &["plan", "-d", url, "-m", "one", "--output", "one.yaml"]), 0, "one.yaml");
    expect(&pgform(dir, &["apply", "one.yaml", "-d", url, "--yes"]), 0, "applied: one");
    sql("alter table notes alter name set default 'hand'; create index by_hand on notes (size)");
    let check = pgform(dir, &["check", "-d", url]);
    expect(&check, 3, "drift: 2");
    assert_eq!(
        check.out.matches("the next plan of this database begins with what is there").count(),
        2,
        "{}",
        check.out
    );
    assert_eq!(
        (check.out.matches("--absorb").count(), check.out.matches("pgform repair").count()),
        (0, 1),
        "{}",
        check.out
    );
    // As it says.
    edit("name: text", "name: text default 'hand'");
    edit("size: integer", "size: integer\n      more: text");
    let plan = pgform(dir, &["plan", "-d", url, "-m", "two", "--output", "two.yaml"]);
    expect(&plan, 0, "by_hand");
    expect(&plan, 0, "more");
    assert!(!plan.out.contains("name"), "{}", plan.out);
    expect(&pgform(dir, &["apply", "two.yaml", "-d", url, "--yes", "--allow", "BreaksClients"]), 0, "applied: two");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}
