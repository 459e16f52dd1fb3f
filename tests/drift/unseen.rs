//! What no state holds is said by `import`, and no secret is written anywhere.
use crate::support::{Version, expect, fresh_database, pgform};
use std::{fs, path::Path};

/// All that a folder holds, as one text.
fn written(dir: &Path) -> String {
    let mut out = String::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        out += &if path.is_dir() { written(&path) } else { fs::read_to_string(&path).unwrap_or_default() };
    }
    out
}

const SECRETS: &str = "
create schema app; create extension hstore;
create foreign data wrapper nowhere;
create server far foreign data wrapper nowhere options (host 'example.org');
create server near foreign data wrapper nowhere options (host 'example.org', \"Password\" 'HUSH');
create foreign table app.remote (id integer) server far options (api_key 'HUSH');
create user mapping for public server far options (user 'me', password 'HUSH');
create subscription follows connection 'host=nowhere password=HUSH' publication p
    with (connect = false, enabled = false, slot_name = none);
select lo_create(4711);
revoke execute on function hstore_to_json(hstore) from public;";

#[test]
fn what_is_not_looked_at_is_said_and_no_secret_is_written() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (sql, name) = (|sql: &str| database.server.sql(&database.name, sql), &database.name);
    sql(SECRETS);
    sql(&format!(
        "alter database {name} set myapp.secret = 'HUSH'; alter role postgres in database {name} set lock_timeout = 5000;
         grant create on database {name} to public; comment on database {name} is 'x'"
    ));
    let dir = tempfile::tempdir().unwrap();
    let run = pgform(dir.path(), &["import", "-d", &database.url]);
    for said in [
        "user mapping public.far: its options, which may hold a password",
        "subscription follows: its connection, which may hold a password, and what it subscribes to",
        "server near: its text, which has an option that is called as a secret is",
        "foreign table remote: its text, which has an option that is called as a secret is",
        "1 large object, with owners and privileges",
        "settings of this database: myapp.secret",
        "settings of role postgres in this database: lock_timeout",
        "privileges on the database itself",
        "the comment on the database itself",
        "privileges on 1 member of extensions, which are not as the extension gave them",
    ] {
        expect(&run, 0, &format!("not looked at {said}"));
    }
    assert!(!run.out.contains("server far"), "{}", run.out);
    let all = written(dir.path());
    assert!(all.contains("example.org") && !all.contains("HUSH"), "{all}");
    // What cannot be printed stops a build, by name, before anything is made.
    let Some(empty) = fresh_database(Version::V18) else { return };
    let run = pgform(dir.path(), &["apply", "-d", &empty.url, "--yes"]);
    expect(&run, 1, "subscription follows cannot be made: there is no text of it that could be run");
    expect(&run, 1, "unmanaged:");
    assert_eq!(empty.server.sql(&empty.name, "select count(*) from pg_namespace where nspname = 'app'").trim(), "0");
    // That it went is seen.
    expect(&pgform(dir.path(), &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
    sql("drop subscription follows");
    expect(&pgform(dir.path(), &["check", "-d", &database.url]), 3, "- subscription follows");
}

#[test]
fn nothing_is_said_where_there_is_nothing() {
    let Some(database) = fresh_database(Version::V16) else { return };
    database.server.sql(&database.name, "create table t (id integer); create extension vector");
    let dir = tempfile::tempdir().unwrap();
    let run = pgform(dir.path(), &["import", "-d", &database.url]);
    expect(&run, 0, "0001-baseline.yaml");
    assert!(!run.out.contains("not looked at"), "{}", run.out);
}
