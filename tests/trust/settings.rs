//! What a database or a role sets for its application, and what is published: none of it holds for pgform unsaid.
use crate::support::{Version, change, expect, fresh_database, pgform, project};

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

#[test]
fn an_applications_settings_are_not_pgforms() {
    for version in [Version::V18, Version::V16, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let role = format!("hasty_{}", database.name);
        // What a reading session is told only behind its beginning leaves it the time for that.
        let mut own = vec![
            ("statement_timeout", "1s"),
            ("lock_timeout", "1ms"),
            ("idle_in_transaction_session_timeout", "200ms"),
            ("idle_session_timeout", "1s"),
        ];
        if version.major() >= 17 {
            own.push(("transaction_timeout", "1s"));
        }
        let set = |(name, value): &(&str, &str)| format!("alter role {role} set {name} = '{value}'");
        let mut settings: Vec<String> = own.iter().map(set).collect();
        let other = [
            "default_transaction_read_only = on",
            "default_transaction_isolation = 'serializable'",
            "bytea_output = 'escape'",
            "array_nulls = off",
            "transform_null_equals = on",
            "standard_conforming_strings = off",
            "default_tablespace = 'pg_default'",
        ];
        settings.extend(other.iter().map(|set| format!("alter database {} set {set}", database.name)));
        database.server.sql("postgres", &format!("create role {role} superuser login; {}", settings.join("; ")));
        let url = database.url.replace("postgres@", &format!("{role}@"));
        let dir = project(DECLARATION);
        let run = |code: i32, args: &[&str], words: &str| {
            expect(&pgform(dir.path(), &[args, &["-d", &url]].concat()), code, words);
        };
        run(0, &["plan", "-m", "first"], "0001-first.yaml");
        run(0, &["apply", "--yes"], "applied: 0001 first");
        run(0, &["check"], "drift: none");
        let column =
            "path: text not null\n      raw: \"bytea default '\\\\xff'\"\n      list: \"text[] default '{NULL}'\"";
        change(dir.path(), "path: text not null", column);
        run(0, &["plan", "-m", "second"], "0002-second.yaml");
        run(0, &["dry-run", "second", "--yes"], "as before");
        run(0, &["apply", "--yes"], "applied: 0002 second");
        run(0, &["check"], "drift: none");
        run(0, &["history"], "0002 second");
        run(0, &["apply", "second", "--yes"], "nothing to do: 0002 second is applied here already");
        run(0, &["rollback", "second", "--yes"], "rolled back: 0002 second");
    }
}

#[test]
fn a_database_that_is_published_whole_can_be_adopted() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let url = database.url.as_str();
    database
        .server
        .sql(&database.name, "create table documents (id int primary key); create publication p for all tables");
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", url]), 0, "0001-baseline.yaml");
    let run = pgform(dir.path(), &["adopt", "-d", url, "--yes"]);
    expect(&run, 4, "publication p");
    expect(&run, 4, "--subscribers-ready");
    expect(&run, 4, "create publication … for tables in schema");
    assert_eq!(database.server.sql(&database.name, "select count(*) from pg_namespace where nspname = 'pgform'"), "0");
    expect(&pgform(dir.path(), &["adopt", "-d", url, "--yes", "--subscribers-ready"]), 0, "adopted: 0001 baseline");
    expect(&pgform(dir.path(), &["check", "-d", url]), 0, "drift: none");
}

#[test]
fn a_journal_whose_sequences_are_behind_goes_on() {
    for version in [Version::V18, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let url = database.url.as_str();
        let dir = project(DECLARATION);
        expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
        expect(&pgform(dir.path(), &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
        expect(&pgform(dir.path(), &["rollback", "first", "-d", url, "--yes"]), 0, "rolled back: 0001 first");
        // As a copy has them that brought the rows alone.
        database.server.sql(
            &database.name,
            "alter table pgform.run alter id restart; alter table pgform.segment alter seq restart",
        );
        expect(&pgform(dir.path(), &["apply", "first", "--again", "-d", url, "--yes"]), 0, "applied: 0001 first");
        assert_eq!(database.server.sql(&database.name, "select count(*), max(id) from pgform.run"), "3|3");
        expect(&pgform(dir.path(), &["status", "-d", url]), 0, "at 0001 first");
    }
}
