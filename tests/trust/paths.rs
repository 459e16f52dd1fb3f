//! Everything that SQL looks up by name is there twice, and the other one comes first.
use crate::support::{Run, TestDatabase, Version, change, fresh_database, pgform, project};
use std::{fs, path::Path};

const DECLARATION: &str = "\
schema: public
enums:
  mood: [calm, busy]
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null default 'x'
      mood: mood
    primary_key: [id]
    checks:
      path_trimmed: path = btrim(path)
";

/// Lays the traps in a database that belongs to the role `evil_…`, and gives the role's name.
fn lay(database: &TestDatabase) -> String {
    let evil = format!("evil_{}", database.name);
    database.server.sql("postgres", &format!("create role {evil} login"));
    database.server.sql("postgres", &format!("alter database {} owner to {evil}", database.name));
    let traps = include_str!("traps.sql");
    database.server.sql(&database.name, &format!("set role {evil}; {traps}"));
    evil
}

/// Whether a trap has caught anybody. Asked in a session that stays out of them.
fn caught(database: &TestDatabase) -> String {
    database.server.sql(&database.name, "set search_path = pg_catalog; select is_called from evil.caught")
}

fn safe(database: &TestDatabase, what: &str, run: &Run, code: i32) {
    assert!(!run.err.contains("TRAPPED") && !run.out.contains("TRAPPED"), "{what}: {}\n{}", run.out, run.err);
    assert_eq!(run.code, code, "{what}: {}\n{}", run.out, run.err);
    assert_eq!(caught(database), "f", "{what}: somebody was caught");
}

/// The whole way, as a superuser.
fn walk(database: &TestDatabase, url: &str) {
    let dir = project(DECLARATION);
    let dir = dir.path();
    fs::write(dir.join("pgform.yaml"), "scope:\n  schemas: [public]\n").unwrap();
    let run = |what: &str, code: i32, args: &[&str]| {
        let all = [args, &["-d", url]].concat();
        safe(database, what, &pgform(dir, &all), code);
    };
    run("plan", 0, &["plan", "-m", "first"]);
    run("status", 0, &["status"]);
    run("apply", 0, &["apply", "--yes"]);
    let checked = pgform(dir, &["check", "-d", url]);
    // The casts may be told: they are nobody's that pgform knows.
    safe(database, "check", &checked, if checked.code == 3 { 3 } else { 0 });
    change(dir, "default 'x'", "default 'y'\n      title: text not null default 'none'\n      at: timestamptz");
    change(dir, "primary_key: [id]", "primary_key: [id]\n    indexes:\n      documents_path_idx: [path]");
    run("second plan", 0, &["plan", "-m", "second"]);
    run("dry run", 0, &["dry-run", "second", "--yes"]);
    run("second apply", 0, &["apply", "--yes"]);
    run("history", 0, &["history"]);
    run("rollback", 0, &["rollback", "second", "--yes"]);
    run("status of what is held", 0, &["status"]);
    imported(database, url, dir);
}

fn imported(database: &TestDatabase, url: &str, settings: &Path) {
    let other = tempfile::tempdir().unwrap();
    fs::copy(settings.join("pgform.yaml"), other.path().join("pgform.yaml")).unwrap();
    safe(database, "import", &pgform(other.path(), &["import", "-d", url]), 0);
}

#[test]
fn nothing_of_the_databases_owner_is_taken_for_postgresqls() {
    for version in [Version::V18, Version::V16, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let evil = lay(&database);
        let alter = format!("set role {evil}; alter database {} set search_path = evil, pg_catalog", database.name);
        database.server.sql(&database.name, &alter);
        let trapped = "set search_path = evil, pg_catalog; do $$ begin perform 1 where session_user = 'x'::pg_catalog.name; \
                       exception when raise_exception then null; end $$";
        database.server.sql(&database.name, trapped);
        assert_eq!(caught(&database), "t", "the traps are none");
        database.server.sql(&database.name, "set search_path = pg_catalog; select setval('evil.caught', 1, false)");
        walk(&database, &database.url);
    }
}

#[test]
fn nor_where_the_path_is_the_roles_own() {
    for version in [Version::V18, Version::V16, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        lay(&database);
        let root = format!("root_{}", database.name);
        database.server.sql("postgres", &format!("create role {root} superuser login"));
        let alter = format!("alter role {root} set search_path = evil, pg_catalog");
        database.server.sql("postgres", &alter);
        walk(&database, &database.url.replace("postgres@", &format!("{root}@")));
        database.server.sql("postgres", &format!("alter role {root} reset search_path"));
    }
}

#[test]
fn a_superuser_stays_one_whatever_role_the_database_gives() {
    for version in [Version::V18, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let evil = lay(&database);
        let alter = format!("set role {evil}; alter database {} set role = {evil}", database.name);
        database.server.sql(&database.name, &alter);
        walk(&database, &database.url);
        let owner = "set role none; select relowner::regrole from pg_class where oid = 'public.documents'::regclass";
        assert_eq!(database.server.sql(&database.name, owner), "postgres");
    }
}
