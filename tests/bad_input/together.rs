//! Two at once, and one that is killed.
use super::scene::{FIRST, Scene, finish};
use crate::support::{TestDatabase, Version, fresh_database};
use std::{
    io::Write,
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::Duration,
};

/// A session beside pgform's that holds what it took until it is dropped.
pub struct Other {
    psql: Child,
    input: ChildStdin,
}

impl Other {
    pub fn new(database: &TestDatabase, sql: &str) -> Self {
        let programs = crate::support::programs(database.server.version).unwrap();
        let mut command = Command::new(programs.join("bin/psql"));
        command.args([
            "-X",
            "-q",
            "-U",
            "postgres",
            "-h",
            "127.0.0.1",
            "-p",
            &database.server.port.to_string(),
            &database.name,
        ]);
        command.env("LD_LIBRARY_PATH", programs.join("lib")).env("PGAPPNAME", "api");
        let mut psql = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut input = psql.stdin.take().unwrap();
        writeln!(input, "begin;\n{sql};").unwrap();
        let other = Self { psql, input };
        until(
            database,
            "select count(*) from pg_stat_activity where application_name = 'api' and state = 'idle in transaction' \
             and datname = current_database()",
            "1",
        );
        other
    }

    /// What it did stays.
    pub fn commit(mut self) {
        writeln!(self.input, "commit;").unwrap();
        drop(self.input);
        self.psql.wait().unwrap();
    }

    pub fn end(mut self) {
        writeln!(self.input, "rollback;").unwrap();
        drop(self.input);
        self.psql.wait().unwrap();
    }
}

pub fn until(database: &TestDatabase, sql: &str, expected: &str) {
    for _ in 0..300 {
        if database.server.sql(&database.name, sql) == expected {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!(
        "never {expected}: {sql}: {}",
        database.server.sql(&database.name, "select pid, state, query from pg_stat_activity")
    );
}

/// pgform's session waits inside of its index build for another transaction.
pub const BUILDS: &str = "select count(*) from pg_stat_activity where query like 'create index concurrently%' and state = 'active' \
     and datname = current_database() and wait_event_type = 'Lock'";

fn with_an_index(version: Version) -> Option<(Scene, TestDatabase)> {
    let database = fresh_database(version)?;
    let scene = Scene::planned();
    scene.on(&database, &["apply", "--yes"]).expect(0, &["applied"]);
    database.server.sql(&database.name, "insert into documents (path) values ('a')");
    let key = "    primary_key: [id]\n";
    scene.write("schema/a.yaml", FIRST.replace(key, &format!("{key}    indexes: {{by_path: [path]}}\n")));
    scene.run(&["plan", "-m", "index"]).expect(0, &["0002-index"]);
    Some((scene, database))
}

const INDEXES: &str = "select string_agg(indexrelid::regclass || ' ' || indisvalid, ', ' order by 1) from \
     (select * from pg_index where indrelid = 'documents'::regclass order by indexrelid) as i";

fn a_second_one_is_told(version: Version) {
    let Some((scene, database)) = with_an_index(version) else { return };
    // It writes: the build waits for it, before and behind its start.
    let other = Other::new(&database, "update documents set size = 1");
    let first = scene.start(&["apply", "--yes", "-d", &database.url]);
    until(&database, BUILDS, "1");
    for command in ["apply", "rollback"] {
        let run = scene.refused(
            &[command, "--yes", "-d", &database.url],
            4,
            &["error[busy]", "another pgform is at work", "pid "],
        );
        assert!(run.took < Duration::from_secs(10), "{:?}", run.took);
    }
    scene.run(&["status", "-d", &database.url]).expect(0, &["0001 first"]);
    other.end();
    finish(first).expect(0, &["applied: 0002 index"]);
    scene.on(&database, &["check"]).expect(0, &["drift: none"]);
}

#[test]
fn a_second_one_is_told_on_18() {
    a_second_one_is_told(Version::V18);
}

#[test]
fn a_second_one_is_told_on_16() {
    a_second_one_is_told(Version::V16);
}

fn a_killed_one(version: Version, goes_on: bool) {
    let Some((scene, database)) = with_an_index(version) else { return };
    let sql = |sql: &str| database.server.sql(&database.name, sql);
    let before = sql(INDEXES);
    let other = Other::new(&database, "update documents set size = 1");
    let mut first = scene.start(&["apply", "--yes", "-d", &database.url]);
    until(&database, BUILDS, "1");
    first.child.kill().unwrap();
    finish(first);
    // The server notices that nobody listens when it has something to say.
    sql(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'pgform/%' and datname = current_database()",
    );
    until(
        &database,
        "select count(*) from pg_stat_activity where application_name like 'pgform/%' and datname = current_database()",
        "0",
    );
    other.end();
    assert!(sql(INDEXES).contains("by_path false"), "{}", sql(INDEXES));
    scene.on(&database, &["status"]).expect(0, &["stopped in 0002 index, 0 of 1 segments done"]);
    if goes_on {
        scene.on(&database, &["apply", "--yes"]).expect(0, &["applied: 0002 index"]);
        assert!(sql(INDEXES).contains("by_path true"), "{}", sql(INDEXES));
        scene.on(&database, &["check"]).expect(0, &["drift: none"]);
    } else {
        scene.on(&database, &["rollback", "--yes"]).expect(0, &["rolled back: 0002 index"]);
        assert_eq!(sql(INDEXES), before);
        scene.on(&database, &["check"]).expect(2, &["drift: none", "held: 0002 index"]);
    }
    assert_eq!(sql("select count(*) from documents"), "1");
}

#[test]
fn a_killed_one_goes_on() {
    a_killed_one(Version::V18, true);
}

#[test]
fn a_killed_one_goes_back() {
    a_killed_one(Version::V16, false);
}
