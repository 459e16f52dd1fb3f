//! Journals of earlier formats: read as they are, and brought to this one by whoever writes to them; a newer one is refused.
use super::{DECLARATION, sql};
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, pgform_with, project};
use std::path::Path;

/// What the first format's pgform made.
const FORMAT_1: &str = "\
create schema pgform;
revoke all on schema pgform from public;
create table pgform.journal_format (
    id integer primary key check (id = 1),
    format integer not null,
    made_by text not null
);
create table pgform.label (
    id integer primary key check (id = 1),
    environment text,
    target text not null,
    requires text not null
);
create table pgform.plan (
    digest text primary key,
    body text not null,
    parent text,
    name text not null,
    segments integer not null,
    bytes text not null,
    recorded_at timestamptz not null default pg_catalog.clock_timestamp()
);
create table pgform.run (
    id bigint generated always as identity primary key,
    plan text not null references pgform.plan (digest),
    direction text not null check (direction in ('forward', 'back')),
    kind text not null check (kind in ('apply', 'rollback', 'adopt', 'build', 'dry_run')),
    status text not null check (status in ('running', 'done', 'failed', 'stopped')),
    login text not null default session_user,
    role text not null default current_user,
    pgform text not null,
    message text,
    started_at timestamptz not null default pg_catalog.clock_timestamp(),
    finished_at timestamptz
);
create table pgform.segment (
    run bigint not null references pgform.run (id),
    number integer not null,
    part integer not null,
    seq bigint generated always as identity unique,
    parts integer not null,
    status text not null check (status in ('started', 'done', 'undone', 'found')),
    message text,
    started_at timestamptz not null default pg_catalog.clock_timestamp(),
    finished_at timestamptz,
    primary key (run, number, part)
);
revoke all on all tables in schema pgform from public;
insert into pgform.journal_format values (1, 1, '0.1.0')";

/// A journal as the first format's pgform would have it: the rows that this one wrote, in its tables.
fn as_format_1(database: &TestDatabase, owner: &str) {
    let tables = ["label", "plan", "run", "segment"];
    let copy = |table: &str| {
        let columns = format!(
            "select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute \
             where attrelid = 'pgform.{table}'::regclass and attnum > 0 and attname <> 'who'"
        );
        let columns = sql(database, &columns);
        format!("insert into pgform.{table} ({columns}) overriding system value select {columns} from newer.{table};")
    };
    let rows = tables.map(copy).concat();
    sql(database, "alter schema pgform rename to newer");
    sql(database, &format!("set role {owner}; {FORMAT_1}; {rows} drop schema newer cascade"));
    assert_eq!(seen(database), "1 f");
}

/// The format, and whether runs have a place for who set them off.
fn seen(database: &TestDatabase) -> String {
    let has = "exists (select from pg_attribute where attrelid = 'pgform.run'::regclass and attname = 'who')";
    sql(database, &format!("select format || ' ' || left(({has})::text, 1) from pgform.journal_format"))
}

/// A database of a role that is no superuser, who works in it; and a project with one plan applied there and another waiting.
struct Scene {
    dir: tempfile::TempDir,
    database: TestDatabase,
    role: String,
    /// As that role.
    own: String,
}

impl Scene {
    fn new(version: Version) -> Option<Self> {
        let database = fresh_database(version)?;
        let role = format!("keeper_{}", database.name);
        sql(&database, &format!("create role {role} login; alter database {} owner to {role}", database.name));
        sql(&database, &format!("alter schema public owner to {role}"));
        let own = database.url.replace("postgres@", &format!("{role}@"));
        let dir = project(DECLARATION);
        let scene = Self { dir, database, role, own };
        expect(&scene.run(&["plan", "-m", "first"]), 0, "0001-first.yaml");
        expect(&scene.on(&["apply", "--yes"]), 0, "applied: 0001 first");
        change(scene.path(), "path: text not null", "path: text not null\n      title: text");
        expect(&scene.run(&["plan", "-m", "second"]), 0, "0002-second.yaml");
        as_format_1(&scene.database, &scene.role);
        Some(scene)
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn run(&self, args: &[&str]) -> crate::support::Run {
        pgform(self.path(), args)
    }

    fn on(&self, args: &[&str]) -> crate::support::Run {
        self.run(&[args, &["-d", &self.own]].concat())
    }
}

const VERSIONS: [Version; 3] = [Version::V18, Version::V16, Version::V15];

#[test]
fn an_earlier_journal_is_read_as_it_is() {
    for version in VERSIONS {
        let Some(scene) = Scene::new(version) else { continue };
        let whole = "select string_agg(r::text, '|' order by r.id) from pgform.run r";
        let rows = sql(&scene.database, whole);
        let superuser = ["-d", scene.database.url.as_str(), "--role", scene.role.as_str()];
        for asked in [&["-d", scene.own.as_str()][..], &superuser] {
            let read = |args: &[&str]| scene.run(&[args, asked].concat());
            expect(&read(&["status"]), 0, "0001 first");
            expect(&read(&["history"]), 0, "apply");
            expect(&read(&["check"]), 2, "drift: none");
            expect(&read(&["doctor"]), 0, "0001 first");
            let plan = read(&["plan", "-m", "third"]);
            expect(&plan, 0, "no changes");
        }
        assert_eq!((seen(&scene.database), sql(&scene.database, whole)), ("1 f".to_owned(), rows));
    }
}

#[test]
fn whoever_writes_brings_it_to_this_format() {
    for version in VERSIONS {
        let ways: [(&[&str], &str); 4] = [
            (&["apply", "--yes", "--as", "anna"], "applied: 0002 second"),
            (&["dry-run", "second", "--yes", "--as", "anna"], "the database is as before"),
            (&["rollback", "first", "--yes", "--as", "anna"], "rolled back: 0001 first"),
            (&["adopt", "--yes", "--as", "anna"], "adopted: 0001 first"),
        ];
        for (command, says) in ways {
            let Some(scene) = Scene::new(version) else { continue };
            if command[0] == "adopt" {
                sql(&scene.database, "delete from pgform.segment; delete from pgform.run; delete from pgform.plan");
                std::fs::remove_file(scene.path().join("plans/0002-second.yaml")).unwrap();
            }
            expect(&scene.on(command), 0, says);
            assert_eq!(seen(&scene.database), "2 t", "{command:?}");
            assert_eq!(
                sql(&scene.database, "select who || ' ' || login from pgform.run order by id desc limit 1"),
                format!("anna {}", scene.role)
            );
            let owner = "select relowner::regrole::text from pg_class where oid = 'pgform.run'::regclass";
            assert_eq!(sql(&scene.database, owner), scene.role);
            expect(&scene.on(&["history"]), 0, &format!("anna as {}", scene.role));
            assert_eq!(scene.on(&["status"]).code, 0, "{command:?}");
        }
    }
}

#[test]
fn a_superuser_brings_it_to_this_format_as_its_owner() {
    let Some(scene) = Scene::new(Version::V18) else { return };
    let (url, role) = (scene.database.url.as_str(), scene.role.as_str());
    let trap =
        "create event trigger seen on ddl_command_end when tag in ('ALTER TABLE') execute function public.note()";
    sql(
        &scene.database,
        &format!(
            "create table public.noted (who text); grant insert on public.noted to public;
             create function public.note() returns event_trigger language plpgsql as $$ begin
                 insert into public.noted select current_user where exists (
                     select from pg_event_trigger_ddl_commands() where objid = 'pgform.run'::regclass); end $$; {trap}"
        ),
    );
    expect(&scene.run(&["apply", "--yes", "-d", url, "--role", role]), 0, "applied: 0002 second");
    assert_eq!(seen(&scene.database), "2 t");
    assert_eq!(sql(&scene.database, "select string_agg(distinct who, ',') from public.noted"), role);
}

#[test]
fn nothing_to_do_changes_no_format() {
    let Some(scene) = Scene::new(Version::V16) else { return };
    std::fs::remove_file(scene.path().join("plans/0002-second.yaml")).unwrap();
    let done = scene.on(&["apply", "--yes"]);
    expect(&done, 0, "nothing to do");
    assert!(!done.err.contains("could not be written"), "{}", done.err);
    assert_eq!(seen(&scene.database), "1 f");
    expect(&scene.on(&["history"]), 0, "nothing to do");
}

#[test]
fn an_earlier_journal_that_is_published_is_not_changed_under_its_subscribers() {
    let Some(scene) = Scene::new(Version::V16) else { return };
    sql(&scene.database, "create publication everything for all tables");
    for command in [&["apply", "--yes"][..], &["rollback", "first", "--yes"], &["dry-run", "second", "--yes"]] {
        let refused = scene.on(command);
        expect(&refused, 4, "publication everything");
        expect(&refused, 4, "alter table pgform.run add column who text;");
        expect(&refused, 4, "--subscribers-ready");
        assert_eq!(seen(&scene.database), "1 f", "{command:?}");
    }
    expect(&scene.on(&["status"]), 0, "0001 first");
    expect(&scene.on(&["rollback", "first", "--yes", "--subscribers-ready"]), 0, "rolled back");
    assert_eq!(seen(&scene.database), "2 t");
    // It is there now: nobody is asked again.
    expect(&scene.on(&["apply", "--yes", "--again"]), 0, "applied: 0001 first, 0002 second");
}

#[test]
fn a_journal_that_is_neither_of_its_format_nor_of_this_one_is_refused() {
    let Some(scene) = Scene::new(Version::V18) else { return };
    sql(&scene.database, "update pgform.journal_format set format = 2");
    expect(&scene.on(&["status"]), 4, "pgform.run: column who text is missing");
    expect(&scene.on(&["apply", "--yes"]), 4, "pgform.run: column who text is missing");
    // Somebody ran by hand what subscribers are to run.
    sql(&scene.database, "update pgform.journal_format set format = 1; alter table pgform.run add column who text");
    expect(&scene.on(&["status"]), 0, "0001 first");
    expect(&scene.on(&["apply", "--yes"]), 0, "applied: 0002 second");
    // A column of another kind, or more of it, is not the one.
    for (make, words) in [
        ("alter table pgform.run alter column who type varchar(99)", "column who character varying(99)"),
        (
            "alter table pgform.run alter column who type text, alter column who set default 'x'",
            "column who text default",
        ),
        ("alter table pgform.run alter column who drop default, add column whom text", "column whom text"),
    ] {
        sql(&scene.database, make);
        expect(&scene.on(&["status"]), 4, words);
    }
    // A newer pgform's is told apart from a stranger's.
    sql(&scene.database, "update pgform.journal_format set format = 3, made_by = '9.1.0'");
    for command in [&["status"][..], &["history"], &["check"], &["apply", "--yes"], &["rollback", "second", "--yes"]] {
        let refused = scene.on(command);
        expect(&refused, 4, "the journal here is of format 3, and this pgform reads formats up to 2");
        expect(&refused, 4, "use pgform 9.1.0 or later");
    }
}

#[test]
fn who_waits_for_a_reader_of_the_journal_says_so() {
    let Some(scene) = Scene::new(Version::V18) else { return };
    let run = |args: &[&str]| pgform_with(scene.path(), &[args, &["-d", &scene.own]].concat(), &[]);
    let server = scene.database.server;
    let name = scene.database.name.clone();
    let reader = std::thread::spawn(move || {
        server.sql(&name, "begin; select count(*) from pgform.run; select pg_sleep(14); commit")
    });
    std::thread::sleep(std::time::Duration::from_secs(1));
    expect(&run(&["status"]), 0, "0001 first");
    expect(&run(&["apply", "--yes"]), 4, "pgform's journal is locked by another session");
    assert_eq!(seen(&scene.database), "1 f");
    reader.join().unwrap();
    expect(&run(&["apply", "--yes"]), 0, "applied: 0002 second");
}
