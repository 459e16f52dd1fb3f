//! Default privileges, declared: given, taken and brought back on real servers, and held against what plans make.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{TestDatabase, Version, dumped_differences, expect, fresh_database, pgform, roles};
use std::{fs, path::Path};

const ROLES: [&str; 4] = ["defaults_owner", "Defaults Reader", "defaults_writer", "defaults_runner"];

const HELD: &str = r#"
create schema app;
create table notes (id bigint primary key);
create function first_note() returns bigint language sql as 'select min(id) from public.notes';
alter default privileges for role defaults_owner grant select on tables to "Defaults Reader" with grant option;
alter default privileges for role defaults_owner grant all on tables to defaults_writer;
alter default privileges for role defaults_owner revoke execute on functions from public;
alter default privileges for role defaults_owner revoke truncate on tables from defaults_owner;
alter default privileges for role defaults_owner in schema app grant usage, select on sequences to defaults_writer;
alter default privileges for role defaults_owner in schema app grant usage on types to public;
alter default privileges for role "Defaults Reader" grant create on schemas to defaults_writer;
"#;

const WRITTEN: &str = r#"grants: complete
default_privileges:
  Defaults Reader:
    schemas:
      defaults_writer:
      - create
  defaults_owner:
    tables:
      Defaults Reader:
      - select with grant option
      defaults_owner:
      - delete
      - insert
      - maintain
      - references
      - select
      - trigger
      - update
      defaults_writer:
      - delete
      - insert
      - maintain
      - references
      - select
      - trigger
      - truncate
      - update
    functions:
      public: []
    in_schema:
      app:
        sequences:
          defaults_writer:
          - select
          - usage
        types:
          public:
          - usage
"#;

fn sql(database: &TestDatabase, text: &str) -> String {
    database.server.sql(&database.name, text)
}

fn imported(version: Version, held: &str) -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = fresh_database(version)?;
    sql(&database, &roles(&ROLES));
    sql(&database, held);
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir.path(), &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
    Some((database, dir))
}

#[track_caller]
fn edit(dir: &Path, file: &str, old: &str, new: &str) {
    let path = dir.join("schema").join(file);
    let text = fs::read_to_string(&path).unwrap_or_default();
    assert!(text.contains(old), "no `{old}` in {text}");
    fs::write(&path, text.replacen(old, new, 1)).unwrap();
}

fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &["-N", "pgform", "--schema-only"])
}

fn walked(version: Version) {
    let Some((database, dir)) = imported(version, HELD) else { return };
    let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
    let written = fs::read_to_string(dir.join("schema/privileges.yaml")).unwrap();
    let known = if version == Version::V18 {
        WRITTEN.to_owned()
    } else {
        WRITTEN.replacen(
            "      - maintain\n      - references\n      - select\n      - trigger\n      - truncate\n",
            "      - references\n      - select\n      - trigger\n      - truncate\n",
            1,
        )
    };
    assert_eq!(written, known);
    assert!(!fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap().contains("default privileges"));
    expect(&pgform(dir, &["plan", "-m", "nothing"]), 0, "no changes");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    let Some(built) = fresh_database(version) else { return };
    expect(&pgform(dir, &["apply", "-d", &built.url, "--yes"]), 0, "applied: 0001 baseline");
    assert_eq!(dumped_differences(&database, &built), "");
    // Changed, ended, and new ones.
    edit(dir, "privileges.yaml", "      - select with grant option\n", "      - select\n");
    edit(dir, "privileges.yaml", "    functions:\n      public: []\n", "    schemas: {public: [usage]}\n");
    edit(dir, "privileges.yaml", "        types:\n          public:\n          - usage\n", "");
    edit(dir, "privileges.yaml", "    schemas:\n      defaults_writer:\n      - create\n", "    types: {public: []}\n");
    let run = pgform(dir, &["plan", "-m", "others"]);
    for line in [
        "~ default privileges of defaults_owner on tables",
        "- default privileges of defaults_owner on functions",
        "+ default privileges of defaults_owner on schemas",
        "- default privileges of defaults_owner on types in schema app",
        "+ default privileges of \"Defaults Reader\" on types",
        "- default privileges of \"Defaults Reader\" on schemas",
        "Proof    full",
    ] {
        expect(&run, 0, line);
    }
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again", "-d", url]), 0, "no changes");
    let after = dump(&database);
    assert!(after != before && !after.contains("WITH GRANT OPTION") && !after.contains("ON FUNCTIONS"), "{after}");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
}

#[test]
fn they_go_and_come_back_on_18() {
    walked(Version::V18);
}

#[test]
fn they_go_and_come_back_on_16() {
    walked(Version::V16);
}

/// Who may do what with new objects: everybody but the owner, whose own rights may be written out or not.
const ACL: &str = "select string_agg(what, E'\\n' order by what) from (
    select relname || ' ' || coalesce(string_agg(case grantee when 0 then 'public' else grantee::regrole::text end || ' ' || privilege_type
        || case when is_grantable then '*' else '' end, ', ' order by grantee::regrole::text, privilege_type), 'nobody') as what
    from pg_class left join lateral (select * from aclexplode(relacl) where grantee <> relowner) a on true
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'S') group by relname
    union all
    select proname || ' ' || coalesce(string_agg(case grantee when 0 then 'public' else grantee::regrole::text end, ', '), 'nobody')
    from pg_proc left join lateral (select * from aclexplode(coalesce(proacl, acldefault('f', proowner))) where grantee <> proowner) a on true
    where pronamespace = 'public'::regnamespace group by oid, proname) x";

const MADE: &str = "
create table notes (id bigint primary key);
create view ids as select id from notes;
alter default privileges for role postgres grant select, insert on tables to \"Defaults Reader\";
alter default privileges for role postgres revoke execute on functions from public;";

const NEW: &str = "tables:
  words: {columns: {id: bigint}}
  lines: {columns: {id: bigint}, grants: {Defaults Reader: [select]}}
  pages: {columns: {id: bigint}, grants: {defaults_writer: [insert]}}
views:
  again: {query: select id from notes}
functions:
  one(): {returns: integer, language: sql, body: \"select 1\"}
  two(): {returns: integer, language: sql, body: \"select 2\", grants: {public: []}}
sequences:
  tickets: {grants: {defaults_writer: [usage]}}
";

/// New objects have what is declared of them and nothing else, whatever default privileges there are before and after the plan.
#[test]
fn what_a_plan_makes_has_what_is_declared() {
    for version in [Version::V18, Version::V16] {
        let Some((database, dir)) = imported(version, MADE) else { continue };
        let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
        edit(
            dir,
            "privileges.yaml",
            "      - select\n",
            "      - select\n      defaults_writer: [update]\n    sequences: {Defaults Reader: [usage]}\n",
        );
        fs::write(dir.join("schema/new.yaml"), NEW).unwrap();
        expect(&pgform(dir, &["plan", "-m", "new"]), 0, "Proof    full");
        expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
        let expected = "again nobody\nids nobody\nlines \"Defaults Reader\" SELECT\nnotes nobody\none public\npages defaults_writer INSERT\ntickets defaults_writer USAGE\ntwo nobody\nwords nobody";
        assert_eq!(sql(&database, ACL), expected);
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
        expect(&pgform(dir, &["plan", "-m", "again", "-d", url]), 0, "no changes");
        // What is dropped, and made anew, comes back as it was.
        edit(dir, "new.yaml", "views:\n  again: {query: select id from notes}\n", "");
        edit(
            dir,
            "new.yaml",
            "returns: integer, language: sql, body: \"select 1\"",
            "returns: bigint, language: sql, body: \"select 1\"",
        );
        edit(dir, "privileges.yaml", "    sequences: {Defaults Reader: [usage]}\n", "");
        expect(&pgform(dir, &["plan", "-m", "less"]), 0, "Proof    full");
        expect(&pgform(dir, &["apply", "-d", url, "--yes", "--allow", "BreaksClients"]), 0, "applied");
        assert_eq!(sql(&database, ACL), expected.replace("again nobody\n", ""));
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
        expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
        assert_eq!(sql(&database, ACL), expected);
        expect(&pgform(dir, &["rollback", "new", "-d", url, "--yes"]), 0, "rolled back");
        assert_eq!(dump(&database), before);
    }
}

/// Where nothing is said of grants, new objects have what the later state's default privileges give.
#[test]
fn what_nothing_is_said_of_is_made_under_the_later_ones() {
    let Some((database, dir)) = imported(Version::V18, MADE) else { return };
    let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
    edit(dir, "privileges.yaml", "grants: complete\n", "");
    edit(dir, "privileges.yaml", "      - insert\n", "      - update\n");
    fs::write(dir.join("schema/new.yaml"), "tables:\n  words: {columns: {id: bigint}}\nfunctions:\n  one(): {returns: integer, language: sql, body: \"select 1\"}\n").unwrap();
    let path = dir.join("schema/privileges.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("    functions:\n      public: []\n", "")).unwrap();
    expect(&pgform(dir, &["plan", "-m", "new"]), 0, "Proof    full");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
    let expected = "ids nobody\nnotes nobody\none public\nwords \"Defaults Reader\" SELECT, \"Defaults Reader\" UPDATE";
    assert_eq!(sql(&database, ACL), expected);
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
}

#[test]
fn what_a_role_may_not_do_is_told_before_anything_runs() {
    let Some((database, dir)) = imported(Version::V16, "create table notes (id bigint);") else { return };
    let dir = dir.path();
    sql(
        &database,
        &format!(
            "grant create on database {} to defaults_runner; alter schema pgform owner to defaults_runner; \
        grant create on schema public to defaults_runner; alter role defaults_runner login; \
        do $$ declare one text; begin for one in select oid::regclass from pg_class where relnamespace = 'pgform'::regnamespace and relkind = 'r' \
        loop execute 'alter table ' || one || ' owner to defaults_runner'; end loop; end $$;",
            database.name
        ),
    );
    let (url, before) = (database.url.replace("postgres@", "defaults_runner@"), dump(&database));
    edit(
        dir,
        "privileges.yaml",
        "grants: complete\n",
        "grants: complete\ndefault_privileges:\n  defaults_owner: {tables: {defaults_writer: [select]}}\n  defaults_nobody: {types: {defaults_none: [usage]}}\n",
    );
    fs::write(dir.join("schema/new.yaml"), "tables:\n  words: {columns: {id: bigint}}\n").unwrap();
    expect(&pgform(dir, &["plan", "-m", "defaults"]), 0, "Proof    full");
    let run = pgform(dir, &["apply", "-d", &url, "--yes"]);
    expect(&run, 4, "there is no role defaults_nobody on this server");
    expect(&run, 4, "there is no role defaults_none on this server");
    expect(
        &run,
        4,
        "the plan changes default privileges of defaults_owner, and defaults_runner does not have its privileges",
    );
    expect(&run, 4, "grant defaults_owner to defaults_runner, or run the plan as defaults_owner");
    assert_eq!(dump(&database), before);
}

#[test]
fn those_on_large_objects_are_of_18() {
    let on_large = "create table notes (id bigint); \
        alter default privileges for role defaults_owner grant select on large objects to defaults_writer;";
    let Some((database, dir)) = imported(Version::V18, on_large) else { return };
    let (dir, url, before) = (dir.path(), database.url.as_str(), dump(&database));
    let said = "    large_objects:\n      defaults_writer:\n      - select\n";
    let now =
        "    large_objects: {defaults_writer: [update], public: [select]}\n    tables: {defaults_writer: [select]}\n";
    edit(dir, "privileges.yaml", said, now);
    let run = pgform(dir, &["plan", "-m", "large"]);
    expect(&run, 0, "Proof    partial");
    expect(&run, 0, "default privileges of defaults_owner on large objects are not in the shadow");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied");
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again", "-d", url]), 0, "no changes");
    assert!(dump(&database).contains("GRANT UPDATE ON LARGE OBJECTS"));
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
    let Some((older, dir)) = imported(Version::V16, "create table notes (id bigint);") else { return };
    let dir = dir.path();
    edit(
        dir,
        "privileges.yaml",
        "grants: complete\n",
        &format!("grants: complete\ndefault_privileges:\n  defaults_owner:\n{now}"),
    );
    expect(&pgform(dir, &["plan", "-m", "large"]), 0, "large objects");
    let run = pgform(dir, &["apply", "-d", &older.url, "--yes"]);
    expect(&run, 1, "default privileges of defaults_owner on large objects, which servers have from 18 on");
}
