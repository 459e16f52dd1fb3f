//! Ctrl-C while a plan runs: it stops where it is clean, says how to go on, and goes on.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{self, TestDatabase, Version};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio_postgres::NoTls;

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

fn start(dir: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgform"));
    command.args(args).current_dir(dir).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

struct Run {
    code: Option<i32>,
    text: String,
}

fn end(child: Child) -> Run {
    let done = child.wait_with_output().unwrap();
    let text = [done.stdout, done.stderr].map(|out| String::from_utf8_lossy(&out).into_owned()).concat();
    Run { code: done.status.code(), text }
}

fn expect(run: &Run, code: i32, words: &str) {
    assert_eq!(run.code, Some(code), "{}", run.text);
    assert!(run.text.contains(words), "no `{words}` in:\n{}", run.text);
}

fn pgform(dir: &Path, args: &[&str]) -> Run {
    end(start(dir, args))
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Until something is so on the server; a child that has ended by then is told.
async fn until(database: &TestDatabase, child: &mut Child, condition: &str) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while database.server.sql(&database.name, &format!("select {condition}")) != "t" {
        assert!(child.try_wait().unwrap().is_none(), "it ended before {condition}");
        assert!(Instant::now() < deadline, "never: {condition}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A table that is there, and a plan that is to run on it.
fn prepared(database: &TestDatabase, to: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let (path, url) = (dir.path(), database.url.as_str());
    fs::create_dir(path.join("schema")).unwrap();
    fs::write(path.join("schema/documents.yaml"), DECLARATION).unwrap();
    expect(&pgform(path, &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(path, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    fs::write(path.join("schema/documents.yaml"), format!("{DECLARATION}{to}")).unwrap();
    expect(&pgform(path, &["plan", "-m", "second"]), 0, "0002");
    dir
}

async fn holder(database: &TestDatabase, sql: &str) -> tokio_postgres::Client {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute(sql).await.unwrap();
    client
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_for_a_lock_ends_cleanly() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let dir = prepared(&database, "    checks:\n      path_not_blank: \"path <> ''\"\n");
    let url = database.url.as_str();
    let other = holder(&database, "begin; select * from documents").await;
    let mut child = start(dir.path(), &["apply", "-d", url, "--yes"]);
    let waits = "exists (select from pg_locks where not granted and relation = 'documents'::regclass)";
    until(&database, &mut child, waits).await;
    // A try that was given up is told with who was in the way.
    until(&database, &mut child, &format!("not {waits}")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    interrupt(&child);
    let run = end(child);
    expect(&run, 130, "stopped in segment 1 of 2: interrupted");
    expect(&run, 130, "done: none · left behind: nothing · nothing is locked");
    assert!(run.text.contains("behind pid"), "{}", run.text);
    other.batch_execute("rollback").await.unwrap();
    expect(&pgform(dir.path(), &["apply", "-d", url, "--yes"]), 0, "applied: 0002 second");
    expect(&pgform(dir.path(), &["check", "-d", url]), 0, "drift: none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_is_held_up_is_cancelled_and_goes_on_later() {
    let Some(database) = support::fresh_database(Version::V18) else { return };
    let dir = prepared(&database, "    indexes:\n      documents_path_idx: {keys: [path]}\n");
    let url = database.url.as_str();
    let held = "exists (select from pg_stat_activity where query ilike 'create index concurrently%' and wait_event_type = 'Lock' \
                and datname = current_database())";
    let other = holder(&database, "begin; insert into documents (path) values ('/a')").await;
    let mut child = start(dir.path(), &["apply", "-d", url, "--yes"]);
    until(&database, &mut child, held).await;
    interrupt(&child);
    expect(&end(child), 130, "stopped in segment 1 of 1: interrupted");
    expect(&pgform(dir.path(), &["status", "-d", url]), 0, "0002 second");

    // Twice: it ends at once, and what it leaves is found by the next run. On a busy machine the first may have had its
    // way before the second comes: then once more.
    let mut tries = 0;
    let (run, pid) = loop {
        let mut child = start(dir.path(), &["apply", "-d", url, "--yes"]);
        tokio::time::sleep(Duration::from_millis(200)).await;
        until(&database, &mut child, &held.replace("create index", "%index")).await;
        let pid = database.server.sql(
            &database.name,
            // A build may have workers, which bear its session's name.
            "select pid from pg_stat_activity where backend_type = 'client backend' \
             and application_name like 'pgform/%' and application_name <> 'pgform/watch' and datname = current_database()",
        );
        let both = format!("kill -INT {0}; sleep 0.02; kill -INT {0}", child.id());
        let second = Instant::now();
        assert!(Command::new("sh").args(["-c", &both]).status().unwrap().success());
        let run = end(child);
        assert!(second.elapsed() < Duration::from_secs(5), "{:?}", second.elapsed());
        tries += 1;
        if run.text.contains("was asked to stop what it does") || tries == 10 {
            break (run, pid);
        }
    };
    expect(&run, 130, &format!("the server's session {pid} was asked to stop what it does"));
    expect(&run, 130, &format!("select pg_catalog.pg_terminate_backend({pid})"));

    // It stops although what it waits for is there still.
    let gone = "not exists (select from pg_stat_activity where application_name like 'pgform/%' and datname = current_database())";
    let deadline = Instant::now() + Duration::from_secs(30);
    while database.server.sql(&database.name, &format!("select {gone}")) != "t" {
        assert!(Instant::now() < deadline, "the killed session never ended");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    other.batch_execute("commit").await.unwrap();
    expect(&pgform(dir.path(), &["apply", "-d", url, "--yes"]), 0, "applied: 0002 second");
    expect(&pgform(dir.path(), &["check", "-d", url]), 0, "drift: none");
}
