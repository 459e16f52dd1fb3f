//! Whose objects are and who may use them, declared: given, taken and brought back on real servers.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
use crate::support::{TestDatabase, Version, expect, fresh_database, pgform, project, roles};
use std::path::Path;

const ROLES: [&str; 4] = ["access_first", "access_second", "access_app", "access_other"];

const TABLES: &str = "create schema shop authorization access_first;
  create table shop.notes (id bigint primary key, title text, body text);
  alter table shop.notes owner to access_first;
  grant select, update on shop.notes to access_app with grant option;
  grant select, insert on shop.notes to access_other;
  grant update (body) on shop.notes to access_other;
  create view shop.titles as select id, title from shop.notes;
  create type shop.mood as enum ('fine', 'sad');
  create sequence shop.numbers;
  insert into shop.notes select n, 'title ' || n, 'body' from generate_series(1, 50) n;";

fn sql(database: &TestDatabase, text: &str) -> String {
    database.server.sql(&database.name, text)
}

fn change(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{text}");
    std::fs::write(file, text.replacen(from, to, 1)).unwrap();
}

/// Takes out what `import` wrote of the access to the table, and that it is all: what nothing is said of, nobody manages.
fn say_nothing(dir: &Path) {
    std::fs::remove_file(dir.join("schema/privileges.yaml")).unwrap();
    let file = dir.join("schema/shop/tables/notes.yaml");
    let (mut kept, mut within) = (String::new(), false);
    for line in std::fs::read_to_string(&file).unwrap().lines() {
        let deep = line.starts_with("      ");
        within = line.starts_with("    owner:") || line.starts_with("    grants:") || within && deep;
        if !within {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    std::fs::write(&file, kept).unwrap();
}

fn run(dir: &Path, database: &TestDatabase, args: &[&str], code: i32, words: &str) -> String {
    let url = database.url.as_str();
    let mut all: Vec<&str> = args.to_vec();
    all.extend(["-d", url]);
    let run = pgform(dir, &all);
    expect(&run, code, words);
    run.out
}

/// Who may do what, as the server tells it.
fn access(database: &TestDatabase) -> String {
    sql(
        database,
        "select string_agg(what, E'\\n' order by what) from (
           select c.oid::regclass::text || ' ' || relowner::regrole || ' ' || coalesce(relacl::text, '') as what
           from pg_class c where relnamespace = 'shop'::regnamespace and relkind in ('r', 'v', 'S')
           union all select attname || ' ' || coalesce(attacl::text, '') from pg_attribute
           where attrelid = 'shop.notes'::regclass and attnum > 0
           union all select typname || ' ' || typowner::regrole || ' ' || coalesce(typacl::text, '') from pg_type
           where oid = 'shop.mood'::regtype
           union all select nspname || ' ' || nspowner::regrole || ' ' || coalesce(nspacl::text, '') from pg_namespace
           where nspname = 'shop') x",
    )
}

fn walked(version: Version) {
    let Some(database) = fresh_database(version) else { return };
    sql(&database, &roles(&ROLES));
    sql(&database, TABLES);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    run(dir, &database, &["import"], 0, "");
    say_nothing(dir);
    run(dir, &database, &["adopt", "--yes"], 0, "");
    let before = access(&database);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(
        &file,
        "    columns:",
        "    owner: access_second\n    grants:\n      access_app: [select, \"update (title)\"]\n      public: [select]\n    columns:",
    );
    run(dir, &database, &["plan", "-m", "hand over"], 0, "access_app loses update");
    run(dir, &database, &["apply", "--yes", "--allow", "BreaksClients:shop.notes"], 0, "");
    run(dir, &database, &["plan", "-m", "nothing"], 0, "no changes");
    run(dir, &database, &["check"], 0, "");
    let may = |who: &str, right: &str| {
        sql(&database, &format!("select has_table_privilege('{who}', 'shop.notes', '{right}')")) == "t"
    };
    assert!(
        may("access_app", "select") && !may("access_app", "update") && !may("access_app", "select with grant option")
    );
    assert!(may("access_other", "insert"), "who is not named keeps all");
    assert!(may("access_first", "select") && !may("access_first", "delete"), "as everybody, not as the owner");
    assert!(may("access_second", "delete"));
    assert_eq!(sql(&database, "select has_column_privilege('access_app', 'shop.notes', 'title', 'update')"), "t");
    run(dir, &database, &["rollback", "--yes"], 0, "");
    assert_eq!(access(&database), before);
    // Exactly: nobody else is left, forward and back.
    change(&file, "      public: [select]\n", "      exact: true\n");
    run(dir, &database, &["plan", "-m", "exactly", "--replace", "hand-over"], 0, "access_other loses insert, select");
    run(dir, &database, &["apply", "--yes", "--allow", "BreaksClients:*"], 0, "");
    run(dir, &database, &["plan", "-m", "nothing"], 0, "no changes");
    assert!(!may("access_other", "select"));
    assert_eq!(sql(&database, "select has_column_privilege('access_other', 'shop.notes', 'body', 'update')"), "f");
    run(dir, &database, &["rollback", "--yes"], 0, "");
    assert_eq!(access(&database), before);
    assert_eq!(sql(&database, "select count(*) from shop.notes"), "50");
}

#[test]
fn owners_and_grants_go_and_come_back_on_18() {
    walked(Version::V18);
}

#[test]
fn owners_and_grants_go_and_come_back_on_16() {
    walked(Version::V16);
}

/// From 17 on an owner has `maintain` with all other rights, although no declaration and no older server says so.
fn narrowed(version: Version) {
    let Some(database) = fresh_database(version) else { return };
    sql(&database, &roles(&ROLES));
    sql(&database, TABLES);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    run(dir, &database, &["import"], 0, "");
    say_nothing(dir);
    run(dir, &database, &["adopt", "--yes"], 0, "");
    let before = access(&database);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(&file, "    columns:", "    owner: access_first\n    grants: {access_first: [select]}\n    columns:");
    run(dir, &database, &["plan", "-m", "narrow"], 0, "access_first loses delete, insert, maintain");
    run(dir, &database, &["apply", "--yes", "--allow", "BreaksClients:shop.notes"], 0, "");
    assert!(access(&database).contains("access_first=r/access_first"), "{}", access(&database));
    run(dir, &database, &["plan", "-m", "nothing"], 0, "no changes");
    run(dir, &database, &["check"], 0, "drift: none");
    run(dir, &database, &["rollback", "--yes"], 0, "");
    assert_eq!(access(&database), before);
}

#[test]
fn an_owner_that_keeps_less_keeps_nothing_else_on_18() {
    narrowed(Version::V18);
}

#[test]
fn an_owner_that_keeps_less_keeps_nothing_else_on_16() {
    narrowed(Version::V16);
}

#[test]
fn what_no_object_has_is_told_at_its_place() {
    let folder = project(
        "tables:
  notes:
    columns: {id: bigint}
    grants: {app: [select, execute, \"update (titel)\"]}
  users:
    columns: {id: bigint}
    grants: {app: [select], exact: true}
enums:
  mood: {labels: [fine], grants: {app: [selekt]}}
",
    );
    let run = pgform(folder.path(), &["validate"]);
    for words in [
        "`execute` of `grants` of the table notes is no privilege that a table has",
        "`selekt` of `grants` of the enum mood is no privilege that an enum has",
        "`grants` of the table users says `exact`, and not whose it is",
        "names the column titel, which it does not have",
    ] {
        expect(&run, 1, words);
    }
}

/// What somebody else than the owner gave is theirs to take.
#[test]
fn what_others_gave_is_told_and_by_whom() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, &roles(&ROLES));
    sql(&database, TABLES);
    sql(
        &database,
        "grant usage on schema shop to access_app; set role access_app; grant select on shop.notes to public",
    );
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    run(dir, &database, &["import"], 0, "");
    say_nothing(dir);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(&file, "    columns:", "    grants: {public: []}\n    columns:");
    let run = pgform(dir, &["plan", "-m", "take", "-d", &database.url]);
    expect(&run, 1, "what public may do with table notes was given by access_app");
}

/// What somebody gave on leans on what they have: it is told before anything runs, not by PostgreSQL in the middle.
#[test]
fn what_was_given_on_is_told_and_not_taken() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, &roles(&ROLES));
    sql(&database, TABLES);
    sql(
        &database,
        "grant usage on schema shop to access_app; set role access_app; grant select on shop.notes to access_second",
    );
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    run(dir, &database, &["import"], 0, "");
    say_nothing(dir);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(&file, "    columns:", "    grants: {access_app: [select]}\n    columns:");
    let run = pgform(dir, &["plan", "-m", "take", "-d", &database.url]);
    expect(&run, 1, "access_app gave on what it may do with table notes, and would lose it: select");
}

/// An owner that is declared as it is there is found there, and made so on another database.
#[test]
fn a_declared_owner_that_is_taken_over_is_given_elsewhere() {
    let (Some(database), Some(other)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    for database in [&database, &other] {
        sql(database, &roles(&ROLES));
        sql(database, TABLES);
    }
    run(dir, &database, &["import"], 0, "");
    say_nothing(dir);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(&file, "    columns:", "    owner: access_first\n    columns:");
    run(dir, &database, &["adopt", "--yes"], 0, "");
    run(dir, &other, &["adopt", "--yes"], 0, "");
    sql(&database, "alter table shop.notes owner to access_second");
    run(dir, &database, &["check"], 3, "declare it as it is here, then take over");
    change(&file, "owner: access_first", "owner: access_second");
    run(dir, &database, &["plan", "-m", "take over", "--absorb", "shop.notes"], 0, "");
    run(dir, &database, &["apply", "--yes"], 0, "");
    run(dir, &database, &["check"], 0, "drift: none");
    run(dir, &other, &["apply", "--yes"], 0, "");
    assert_eq!(
        sql(&other, "select relowner::regrole from pg_class where oid = 'shop.notes'::regclass"),
        "access_second"
    );
}

/// What `import` writes is all that there is: a line that is taken out ends what it gave, by hand is drift, and an empty
/// database gets the same.
#[test]
fn what_import_wrote_says_all_that_there_is() {
    let (Some(database), Some(other)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    sql(&database, &roles(&ROLES));
    sql(&database, TABLES);
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    run(dir, &database, &["import"], 0, "");
    run(dir, &database, &["adopt", "--yes"], 0, "");
    let before = access(&database);
    let file = dir.join("schema/shop/tables/notes.yaml");
    change(&file, "      access_other:\n      - insert\n      - select\n      - update (body)\n", "");
    run(dir, &database, &["plan", "-m", "less"], 0, "access_other loses insert, select");
    run(dir, &database, &["apply", "--yes", "--allow", "BreaksClients:*"], 0, "");
    run(dir, &database, &["plan", "-m", "nothing"], 0, "no changes");
    run(dir, &database, &["check"], 0, "drift: none");
    assert_eq!(sql(&database, "select has_column_privilege('access_other', 'shop.notes', 'body', 'update')"), "f");
    sql(&database, "grant delete on shop.notes to access_second");
    run(dir, &database, &["check"], 3, "access_second");
    sql(&database, "revoke delete on shop.notes from access_second");
    run(dir, &database, &["rollback", "--yes"], 0, "");
    assert_eq!(access(&database), before);
    // Without the chain: the files alone.
    let alone = tempfile::tempdir().unwrap();
    run(alone.path(), &database, &["import"], 0, "");
    std::fs::remove_dir_all(alone.path().join("plans")).unwrap();
    run(alone.path(), &other, &["plan", "-m", "all"], 0, "");
    run(alone.path(), &other, &["apply", "--yes"], 0, "");
    assert_eq!(access(&other), before);
    run(alone.path(), &other, &["check"], 0, "drift: none");
}
