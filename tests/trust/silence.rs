//! A runner that falls silent inside of its lock, and a line that is slow or goes quiet.
use super::proxy::{Act, Proxy};
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, project};
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";
/// What asks for the lock that everybody else waits behind.
const LOCK: &str = "lock table only public.documents";
/// How long the server lets a silent session hold its locks, and what a slow machine takes besides.
const SOON: Duration = Duration::from_secs(9);

/// A database at the first plan, and a project with a second one that adds a column.
fn ready(version: Version) -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = fresh_database(version)?;
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
    change(dir.path(), "path: text not null", "path: text not null\n      title: text");
    expect(&pgform(dir.path(), &["plan", "-m", "second"]), 0, "0002-second.yaml");
    Some((database, dir))
}

fn start(dir: &Path, url: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_pgform"))
        .args(["apply", "--yes", "-d", url])
        .current_dir(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// How long a reader of the table waits now.
fn readers_wait(database: &TestDatabase) -> Duration {
    let began = Instant::now();
    database.server.sql(&database.name, "set statement_timeout = '60s'; select count(*) from public.documents");
    began.elapsed()
}

/// Waits until the server has ended every session of pgform's.
fn nobody_is_left(database: &TestDatabase) {
    let there =
        "select count(*) from pg_stat_activity where application_name like 'pgform/%' and datname = current_database()";
    let began = Instant::now();
    while database.server.sql(&database.name, there) != "0" {
        assert!(began.elapsed() < SOON, "a session of pgform's is left");
        thread::sleep(Duration::from_millis(100));
    }
}

/// How it ended, if it did in time.
fn ended(mut child: Child, within: Duration) -> (i32, String) {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(began.elapsed() < within, "it has not ended in {within:?}");
        thread::sleep(Duration::from_millis(50));
    }
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_runner_that_is_suspended_or_killed_holds_no_lock() {
    for version in [Version::V18, Version::V15] {
        for how in ["-STOP", "-KILL"] {
            for act in [Act::Tell, Act::TellAndCut] {
                let Some((database, dir)) = ready(version) else { continue };
                let proxy = Proxy::to(database.server.port, LOCK, act);
                let child = start(dir.path(), &proxy.url(&database));
                proxy.wait();
                signal(&child, how);
                assert!(readers_wait(&database) < SOON, "{version:?} {how} {act:?}");
                if how == "-STOP" {
                    signal(&child, "-CONT");
                }
                let (code, said) = ended(child, Duration::from_secs(60));
                assert!([0, 5, -1].contains(&code), "{version:?} {how} {act:?}: {code} {said}");
                drop(proxy);
                nobody_is_left(&database);
                expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "");
                expect(&pgform(dir.path(), &["check", "-d", &database.url]), 0, "no plan pending");
            }
        }
    }
}

#[test]
fn a_line_that_goes_quiet_is_given_up_and_holds_no_lock() {
    for version in [Version::V18, Version::V15] {
        for act in [Act::Mute, Act::MuteBefore] {
            let Some((database, dir)) = ready(version) else { continue };
            let proxy = Proxy::to(database.server.port, LOCK, act);
            let child = start(dir.path(), &proxy.url(&database));
            proxy.wait();
            assert!(readers_wait(&database) < SOON, "{version:?} {act:?}");
            let (code, said) = ended(child, Duration::from_secs(60));
            assert_eq!(code, 5, "{version:?} {act:?}: {said}");
            assert!(said.contains("has not answered"), "{said}");
            drop(proxy);
            nobody_is_left(&database);
            expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "");
            expect(&pgform(dir.path(), &["check", "-d", &database.url]), 0, "no plan pending");
        }
    }
}

#[test]
fn a_build_whose_client_is_gone_ends() {
    for version in [Version::V18, Version::V15] {
        let Some((database, dir)) = ready(version) else { continue };
        std::fs::remove_file(dir.path().join("plans/0002-second.yaml")).unwrap();
        change(dir.path(), "\n      title: text", "");
        let index = "primary_key: [id]\n    indexes:\n      documents_path_idx: [path]";
        change(dir.path(), "primary_key: [id]", index);
        expect(&pgform(dir.path(), &["plan", "-m", "index"]), 0, "build documents_path_idx");
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            // A build waits for whoever may still need the rows of before.
            let options = pgform::server::ConnectOptions::parse(&database.url, &|_| None).unwrap();
            let mut older = pgform::server::connect_writing(&options, "older").await.unwrap();
            older.batch("begin isolation level repeatable read; select count(*) from public.documents").await.unwrap();
            let child = start(dir.path(), &database.url);
            let sessions = |state: &str| {
                let query = format!(
                    "select count(*) from pg_stat_activity where application_name like 'pgform/%' and datname = \
                     current_database() and {state}"
                );
                database.server.sql(&database.name, &query)
            };
            let began = Instant::now();
            while sessions("query ilike 'create index concurrently%' and state = 'active'") == "0" {
                assert!(began.elapsed() < Duration::from_secs(60), "the build never began");
                thread::sleep(Duration::from_millis(50));
            }
            signal(&child, "-KILL");
            let _ = child.wait_with_output();
            let began = Instant::now();
            while sessions("true") != "0" {
                assert!(began.elapsed() < SOON, "{version:?}: a build goes on without anybody");
                thread::sleep(Duration::from_millis(100));
            }
        });
        expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0002 index");
    }
}

#[test]
fn the_way_to_the_server_is_not_gone_inside_of_a_lock() {
    const WAY: Duration = Duration::from_millis(300);
    let Some((database, dir)) = ready(Version::V18) else { return };
    let begin = "begin isolation level read committed read write; set local search_path";
    let proxy = Proxy::to(database.server.port, begin, Act::Tell).slow(WAY);
    let mut child = start(dir.path(), &proxy.url(&database));
    let mut longest = Duration::ZERO;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let options = pgform::server::ConnectOptions::parse(&database.url, &|_| None).unwrap();
        let mut reader = pgform::server::connect_writing(&options, "reader").await.unwrap();
        while child.try_wait().unwrap().is_none() {
            let began = Instant::now();
            reader.query_text("select count(*) from public.documents").await.unwrap();
            longest = longest.max(began.elapsed());
        }
    });
    let (code, said) = ended(child, Duration::from_secs(60));
    assert_eq!(code, 0, "{said}");
    // One way there and back would be more, let alone the ten that there were.
    assert!(longest < WAY * 2, "a reader waited for {longest:?}");
}
