//! Answers that get lost: nothing is said to be there, or not to be there, that nobody knows.
use crate::support::{Cutting, Run, TestDatabase, Version, change, expect, fresh_database, pgform, project};

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

/// Says that it is not known, and how to find out; nothing more.
#[track_caller]
fn not_known(run: &Run) {
    expect(run, 5, "not known");
    expect(run, 5, "pgform status -d");
    for wrong in ["nothing of this plan", "left behind: nothing", "nothing of it is left"] {
        assert!(!run.err.contains(wrong), "{wrong}: {}", run.err);
    }
}

/// Waits until the server has seen that nobody is there.
fn gone(database: &TestDatabase) {
    let ours = "select count(*) from pg_stat_activity where application_name like 'pgform/%' \
                and datname = current_database()";
    let began = std::time::Instant::now();
    while database.server.sql(&database.name, ours) != "0" {
        assert!(began.elapsed() < std::time::Duration::from_secs(30), "a session goes on");
    }
}

/// The word that ends a transaction, as it is sent: a statement of its own.
const COMMIT: &str = "commit\0";

fn prepared(database: &TestDatabase) -> tempfile::TempDir {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001");
    expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied");
    change(dir.path(), "path: text not null", "path: text not null\n      size: integer");
    change(dir.path(), "primary_key: [id]", "primary_key: [id]\n    checks: {large: \"size > 0\"}");
    expect(&pgform(dir.path(), &["plan", "-m", "second"]), 0, "0002");
    dir
}

#[test]
fn a_lost_answer_to_a_commit_is_not_known_forward_and_back() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = prepared(&database);
        let (dir, url) = (dir.path(), database.url.as_str());
        let columns = || {
            database.server.sql(
                &database.name,
                "select count(*) from pg_attribute where attrelid = 'documents'::regclass and attname = 'size'",
            )
        };
        for (at, back) in [(1, false), (1, true), (2, true)] {
            let command = if back { "rollback" } else { "apply" };
            let line = Cutting::new(database.server.port, COMMIT, at);
            let cut = pgform(dir, &[command, "-d", &line.url(&database), "--yes"]);
            if cut.code == 0 {
                // Fewer commits on this way: all of it was done.
                expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied: 0002 second");
                continue;
            }
            not_known(&cut);
            gone(&database);
            // The commit goes with what it ends: a server that sees in time that nobody listens any more does neither.
            assert!(["0", "1"].contains(&columns().as_str()));
            expect(&pgform(dir, &["status", "-d", url]), 0, "second");
            // Both ways go on from whatever is there.
            if back {
                // Where the lost commit was the last one, there is nothing to go back over any more.
                let run = pgform(dir, &["rollback", "second", "-d", url, "--yes"]);
                assert!(run.code == 0 || run.err.contains("0001-first is the last plan here"), "{}", run.err);
                expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied: 0002 second");
            } else {
                expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 second");
            }
        }
    }
}

#[test]
fn a_lost_answer_to_what_is_built_or_recorded_is_not_known() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    old.server.sql(&old.name, "create table t (id int primary key)");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline");
    let cut = |database: &TestDatabase, command| {
        let line = Cutting::new(database.server.port, COMMIT, 1);
        pgform(dir, &[command, "-d", &line.url(database), "--yes"])
    };
    not_known(&cut(&old, "adopt"));
    expect(&pgform(dir, &["status", "-d", &old.url]), 0, "is at 0001 baseline (adopted)");
    not_known(&cut(&new, "apply"));
    expect(&pgform(dir, &["status", "-d", &new.url]), 0, "is at 0001 baseline (built)");
}
