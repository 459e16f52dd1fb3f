//! A subscriber of everything that a database has: it goes on receiving while plans are applied there and go back.
use super::{DECLARATION, sql};
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, project};
use std::time::{Duration, Instant};

const TABLE: &str =
    "create table documents (id bigint generated always as identity primary key, path text not null, size integer)";

/// Rows go from one server to another: what is written there is seen here soon.
#[track_caller]
fn arrives(from: &TestDatabase, to: &TestDatabase, path: &str) {
    sql(from, &format!("insert into documents (path) values ('{path}')"));
    let deadline = Instant::now() + Duration::from_secs(30);
    while sql(to, &format!("select count(*) from documents where path = '{path}'")) != "1" {
        let workers = sql(to, "select count(*) from pg_stat_subscription where pid is not null");
        assert!(Instant::now() < deadline, "{path} never arrived; workers that run: {workers}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_subscriber_of_everything_goes_on_receiving() {
    let (Some(from), Some(to)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    let (dir, url) = (project(DECLARATION), from.url.as_str());
    let dir = dir.path();
    sql(&from, "create publication everything for all tables");
    let (name, port, database) = (&to.name, from.server.port, &from.name);
    let source = format!("host=127.0.0.1 port={port} user=postgres dbname={database}");
    sql(&to, &format!("create subscription s_{name} connection '{source}' publication everything"));

    // Refused with the SQL that makes a subscriber ready, which is run as printed.
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    let refused = pgform(dir, &["apply", "-d", url, "--yes"]);
    expect(&refused, 4, "pgform's journal would be published");
    let begins = refused.err.find("create schema pgform;").unwrap();
    sql(&to, &refused.err[begins..]);
    expect(&pgform(dir, &["apply", "-d", url, "--yes", "--subscribers-ready"]), 0, "applied: 0001 first");
    sql(&to, TABLE);
    sql(&to, &format!("alter subscription s_{name} refresh publication"));
    arrives(&from, &to, "/first");

    // The subscriber has the new column already.
    change(dir, "path: text not null", "path: text not null\n      size: integer");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "0002-second.yaml");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0002 second");
    arrives(&from, &to, "/second");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
    arrives(&from, &to, "/third");
    // The journal goes along from the refresh on: a copy of the publisher's.
    let runs = sql(&from, "select count(*) from pgform.run");
    assert_eq!(sql(&to, "select count(*) from pgform.run"), runs);
    // Its slot would be in the way of other tests' looks at this server.
    sql(&to, &format!("drop subscription s_{name}"));
}
