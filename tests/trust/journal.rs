//! pgform's own schema, made or changed by somebody who would like to run something as whoever reads it.
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, project};
use std::path::Path;

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
    primary_key: [id]
";

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

/// A role that may make schemas, and functions of its that write down as whom they were called, in every shape.
fn attacker(database: &TestDatabase) -> String {
    let role = format!("app_{}", database.name);
    sql(
        database,
        &format!(
            "create role {role} login; grant create on database {0} to {role}; grant create on schema public to {role};
             set role {role};
             create schema evil; create sequence evil.caught;
             create function evil.run() returns boolean language plpgsql volatile as $$ begin
                 if session_user = 'postgres' then perform nextval('evil.caught'); end if;
                 begin execute 'set role none; alter role {role} superuser'; exception when others then null; end;
                 return true; end $$;
             create function evil.text() returns text language sql volatile as 'select case when evil.run() then null end';
             create function evil.same(text) returns text language plpgsql immutable as $$ begin
                 perform evil.run(); return $1; end $$;
             create function evil.fire() returns trigger language plpgsql as $$ begin
                 perform evil.run(); return new; end $$;
             create domain evil.word as text check (evil.run())",
            database.name
        ),
    );
    role
}

/// Nobody was caught, and the attacker is what they were.
#[track_caller]
fn nothing_ran(database: &TestDatabase, role: &str, what: &str) {
    let caught = sql(database, "select is_called from evil.caught");
    let superuser = sql(database, &format!("select rolsuper from pg_roles where rolname = '{role}'"));
    assert_eq!((caught.as_str(), superuser.as_str()), ("f", "f"), "{what} was run");
}

/// Every command that reads or writes the journal refuses, and says what it saw.
#[track_caller]
fn refused(dir: &Path, database: &TestDatabase, role: &str, (what, words): (&str, &str), more: &[&str]) {
    let url = database.url.as_str();
    for command in [
        &["status"][..],
        &["history"],
        &["check"],
        &["apply", "--yes"],
        &["rollback", "--yes"],
        &["dry-run", "second", "--yes"],
        &["adopt", "--yes"],
    ] {
        let all = [command, &["-d", url], more].concat();
        let run = pgform(dir, &all);
        assert_eq!(run.code, 4, "{what}: {command:?}\n{}\n{}", run.out, run.err);
        expect(&run, 4, words);
        nothing_ran(database, role, what);
    }
}

fn planned() -> tempfile::TempDir {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    change(dir.path(), "path: text not null", "path: text not null\n      title: text");
    expect(&pgform(dir.path(), &["plan", "-m", "second"]), 0, "0002-second.yaml");
    dir
}

#[test]
fn a_schema_made_by_a_stranger_is_not_read() {
    for version in [Version::V18, Version::V16, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let role = attacker(&database);
        let dir = planned();
        // Views in the place of all five tables.
        let views = "create schema pgform;
            create view pgform.journal_format as select 1 as id, 1 as format, evil.text() as made_by;
            create view pgform.label as select 1 as id, evil.text() as environment, ''::text as target, '{}'::text as requires;
            create view pgform.plan as select evil.text() as digest, ''::text as body, ''::text as parent, ''::text as name,
                0 as segments, ''::text as bytes, now() as recorded_at where evil.run();
            create view pgform.run as select 1::bigint as id, evil.text() as plan, ''::text as direction, ''::text as kind,
                ''::text as status, ''::text as login, ''::text as role, ''::text as pgform, ''::text as message,
                now() as started_at, now() as finished_at where evil.run();
            create view pgform.segment as select 1::bigint as run, 1 as number, 1 as part, 1::bigint as seq, 1 as parts,
                evil.text() as status, ''::text as message, now() as started_at, now() as finished_at where evil.run()";
        sql(&database, &format!("set role {role}; {views}"));
        refused(dir.path(), &database, &role, ("views", "has a view. Nothing in it was read"), &[]);
        refused(dir.path(), &database, &role, ("views", "has a view. Nothing in it was read"), &["--role", &role]);
        // The very tables, which only belong to a stranger.
        sql(&database, &format!("drop schema pgform cascade; set role {role}; {}", pgform::execute::Journal::ddl()));
        sql(&database, "insert into pgform.journal_format values (1, 1, 'x')");
        let words = format!("belongs to {role}, who is neither postgres nor a superuser");
        refused(dir.path(), &database, &role, ("tables", &words), &[]);
        // Whoever knows them says so, and all goes on.
        sql(&database, "drop schema pgform cascade");
        let url = database.url.as_str();
        expect(
            &pgform(dir.path(), &["apply", "-d", url, "--yes", "--role", &role]),
            0,
            "applied: 0001 first, 0002 second",
        );
        expect(&pgform(dir.path(), &["status", "-d", url]), 4, &format!("--role {role}"));
        expect(&pgform(dir.path(), &["status", "-d", url, "--role", &role]), 0, "0002 second");
        expect(&pgform(dir.path(), &["check", "-d", &url.replace("postgres@", &format!("{role}@"))]), 0, "");
        assert_eq!(sql(&database, "select distinct role || ' ' || login from pgform.run"), format!("{role} postgres"));
        nothing_ran(&database, &role, "an honest journal");
    }
}

/// What an owner may add to the journal: its word, how it is made and taken away, and how pgform tells it.
const ADDED: [(&str, &str, &str, &str); 14] = [
    (
        "a trigger",
        "create trigger t before insert or update on pgform.segment for each row execute function evil.fire()",
        "drop trigger t on pgform.segment",
        "pgform.segment has trigger t",
    ),
    (
        "a trigger on statements",
        "create trigger t after insert on pgform.run for each statement execute function evil.fire()",
        "drop trigger t on pgform.run",
        "pgform.run has trigger t",
    ),
    (
        "a rule",
        "create rule r as on insert to pgform.run do also select evil.run()",
        "drop rule r on pgform.run",
        "pgform.run has rule r",
    ),
    (
        "a policy",
        "create policy p on pgform.plan using (evil.run()); alter table pgform.plan enable row level security, \
                 force row level security",
        "drop policy p on pgform.plan; alter table pgform.plan disable row level security, no force row level security",
        "pgform.plan has policy p",
    ),
    (
        "a default",
        "alter table pgform.segment alter column message set default evil.text()",
        "alter table pgform.segment alter column message drop default",
        "default evil.text()",
    ),
    (
        "a default of PostgreSQL's own that runs a text",
        "alter table pgform.run alter column login set default query_to_xml('select evil.run()', true, true, '')::text",
        "alter table pgform.run alter column login set default session_user",
        "query_to_xml",
    ),
    (
        "a check",
        "alter table pgform.run add constraint c check (evil.run()) not valid",
        "alter table pgform.run drop constraint c",
        "evil.run()",
    ),
    (
        "an index on an expression",
        "create index i on pgform.segment (evil.same(status))",
        "drop index pgform.i",
        "evil.same(status)",
    ),
    (
        "an index with a condition",
        "create index i on pgform.run (id) where evil.same(status) = 'x'",
        "drop index pgform.i",
        "evil.same(status)",
    ),
    ("a child", "create table evil.child () inherits (pgform.run)", "drop table evil.child", "a parent or a child"),
    (
        "a column of another type",
        "alter table pgform.segment alter column message type evil.word",
        "alter table pgform.segment alter column message type text",
        "column message evil.word",
    ),
    (
        "a generated column",
        "alter table pgform.segment add column more text generated always as (evil.same(status)) stored",
        "alter table pgform.segment drop column more",
        "column more",
    ),
    (
        "a view in a table's place",
        "alter table pgform.label rename to kept; create view pgform.label as select 1 as id, evil.text() as \
                 environment, evil.text() as target, evil.text() as requires",
        "drop view pgform.label; alter table pgform.kept rename to label",
        "pgform.label has a view",
    ),
    (
        "a reference from outside",
        "create table evil.t (run bigint references pgform.run on update cascade)",
        "drop table evil.t",
        "pgform.run has trigger",
    ),
];

#[test]
fn what_an_owner_adds_to_the_journal_is_not_run() {
    for version in [Version::V18, Version::V16, Version::V15] {
        let Some(database) = fresh_database(version) else { continue };
        let role = attacker(&database);
        let dir = planned();
        let url = database.url.as_str();
        expect(&pgform(dir.path(), &["apply", "first", "-d", url, "--yes", "--role", &role]), 0, "applied: 0001 first");
        for (what, make, unmake, words) in ADDED {
            sql(&database, &format!("set role {role}; {make}"));
            sql(&database, &format!("alter role {role} nosuperuser; select setval('evil.caught', 1, false)"));
            refused(dir.path(), &database, &role, (what, words), &["--role", &role]);
            sql(&database, &format!("set role {role}; {unmake}"));
        }
        // An index of plain columns runs nothing.
        sql(&database, &format!("set role {role}; create index i on pgform.run (started_at)"));
        expect(&pgform(dir.path(), &["apply", "-d", url, "--yes", "--role", &role]), 0, "applied: 0002 second");
        expect(
            &pgform(dir.path(), &["rollback", "second", "-d", url, "--yes", "--role", &role]),
            0,
            "rolled back: 0002 second",
        );
        nothing_ran(&database, &role, "an honest journal");
    }
}

#[test]
fn a_copy_in_the_journal_is_run_by_its_owner_alone() {
    let (Some(database), Some(workshop)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    let role = attacker(&database);
    let dir = planned();
    let url = database.url.as_str();
    expect(&pgform(dir.path(), &["apply", "first", "-d", url, "--yes", "--role", &role]), 0, "applied: 0001 first");
    // The owner makes a plan of their own somewhere else, and says that it was applied here.
    expect(&pgform(dir.path(), &["apply", "-d", &workshop.url, "--yes"]), 0, "applied: 0001 first, 0002 second");
    for table in ["plan", "run", "segment"] {
        let rows = sql(&workshop, &format!("select row_to_json(t) from pgform.{table} t"));
        for row in rows.lines().filter(|row| row.contains("0002") || !row.contains("0001")) {
            let row = row.replace('\'', "''");
            let insert = format!(
                "set role {role}; insert into pgform.{table} overriding system value select * from \
                 json_populate_record(null::pgform.{table}, '{row}') on conflict do nothing"
            );
            sql(&database, &insert);
        }
    }
    sql(&database, "alter table public.documents add column title text");
    std::fs::remove_file(dir.path().join("plans/0002-second.yaml")).unwrap();
    let back = ["rollback", "--yes", "-d", url, "--role", &role];
    let run = pgform(dir.path(), &back);
    expect(&run, 4, &format!("only the copy in pgform's journal, which belongs to {role}: run by postgres"));
    expect(&run, 4, "put the file back");
    assert_eq!(
        sql(
            &database,
            "select count(*) from pg_attribute where attrelid = 'documents'::regclass and attname = 'title'"
        ),
        "1"
    );
}

#[test]
fn the_journal_that_pgform_makes_is_the_one_that_it_reads() {
    for version in Version::ALL {
        let Some(database) = fresh_database(version) else { continue };
        let dir = planned();
        expect(&pgform(dir.path(), &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first, 0002 second");
        expect(&pgform(dir.path(), &["status", "-d", &database.url]), 0, "0002 second");
        // As a dump brings it back.
        let Some(copy) = fresh_database(version) else { continue };
        let dump = database.server.dump(&database.name, &["--inserts"]);
        assert_eq!(copy.server.load(&copy.name, &dump), Vec::<String>::new());
        expect(&pgform(dir.path(), &["status", "-d", &copy.url]), 0, "0002 second");
    }
}
