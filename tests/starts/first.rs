//! The first plan of a database on which pgform never ran.
use crate::support::{Run, TestDatabase, Version, expect, fresh_database, pgform};
use std::{fs, path::Path};

const OLD: &str = "\
create schema app;
create table documents (id bigint primary key, path varchar(200) not null, note text, legacy text);
create index documents_path_idx on documents (path);
create table app.events (id bigint primary key, document_id bigint references documents (id), kind text);
create view app.kinds as select id, kind from app.events;
insert into documents values (1, '/a', 'n', 'l');
insert into app.events values (1, 1, 'seen')";

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

/// The declaration of a database, without its baseline: as somebody wrote it who has no plans yet.
fn declared(database: &TestDatabase) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
    fs::remove_dir_all(dir.path().join("plans")).unwrap();
    dir
}

/// Changes a file of the declaration that holds a text.
#[track_caller]
fn edit(dir: &Path, from: &str, to: &str) {
    let mut folders = vec![dir.join("schema")];
    let mut changed = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            if text.contains(from) {
                fs::write(&path, text.replace(from, to)).unwrap();
                changed += 1;
            }
        }
    }
    assert_eq!(changed, 1, "`{from}` in so many files");
}

fn apply(dir: &Path, database: &TestDatabase, more: &[&str]) -> Run {
    pgform(dir, &[&["apply", "-d", &database.url, "--yes"], more].concat())
}

/// Each kind of change of what the base has, in one schema and in several, and the text that it leaves in a dump.
const CHANGES: &[(&str, &str, &str)] = &[
    ("not null", "path: character varying(200) not null", "path: character varying(200)"),
    ("a type", "character varying(200)", "text"),
    ("a comment in another schema", "kind: text", "kind: {type: text, comment: of what kind}"),
];

#[test]
fn the_first_plan_of_a_database_alters_what_is_there_and_goes_back() {
    for version in [Version::V18, Version::V16] {
        for (what, from, to) in CHANGES {
            let Some(database) = fresh_database(version) else { return };
            sql(&database, OLD);
            let before = database.server.dump(&database.name, &["--schema-only", "--exclude-schema=pgform"]);
            let dir = declared(&database);
            let dir = dir.path();
            edit(dir, from, to);
            let plan = ["plan", "-m", what, "-d", &database.url, "--output", "p.yaml"];
            expect(&pgform(dir, &plan), 0, "Proof full");
            expect(&pgform(dir, &["apply", "p.yaml", "-d", &database.url, "--yes"]), 0, "applied: p");
            let after = database.server.dump(&database.name, &["--schema-only", "--exclude-schema=pgform"]);
            assert_ne!(before, after, "{what}");
            expect(&pgform(dir, &["plan", "-m", "again", "-d", &database.url]), 0, "no changes");
            expect(&pgform(dir, &["rollback", "p.yaml", "-d", &database.url, "--yes"]), 0, "rolled back: p");
            let back = database.server.dump(&database.name, &["--schema-only", "--exclude-schema=pgform"]);
            assert_eq!(before, back, "{what}");
            assert_eq!(sql(&database, "select path || legacy from documents"), "/al");
        }
    }
}

#[test]
fn the_one_loss_of_a_plan_that_is_named_needs_no_name_of_its_own() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, "create table notes (id bigint primary key, path text, size integer, kind text)");
    let folder = declared(&database);
    let dir = folder.path();
    let drop = |column: &str| edit(dir, &format!("      {column}: "), &format!("      # {column}: "));
    let plan = |file: &str| {
        let plan = ["plan", "-d", database.url.as_str(), "-m", "less", "--output", file];
        expect(&pgform(dir, &plan), 0, "DataLoss");
    };
    drop("size");
    plan("one.yaml");
    // A pattern, or no plan by its name, is no name of what was there before pgform came.
    expect(&apply(dir, &database, &["one.yaml", "--allow", "DataLoss:*"]), 4, "no pattern allows its loss");
    expect(&apply(dir, &database, &["one.yaml", "--allow", "DataLoss"]), 0, "applied: one");
    edit(dir, "      path: ", "      # path: ");
    drop("kind");
    plan("two.yaml");
    // Which of two is meant nobody knows.
    let refused = apply(dir, &database, &["two.yaml", "--allow", "DataLoss"]);
    expect(&refused, 4, "notes.path is not allowed: no plan");
    expect(&refused, 4, "notes.kind is not allowed: no plan");
    let both = ["two.yaml", "--allow", "DataLoss:notes.path", "--allow", "DataLoss:notes.kind"];
    expect(&apply(dir, &database, &both), 0, "applied: two");
    // Going back is another matter: the way back of what was here is never a pattern's.
    let columns = "select string_agg(attname, ',' order by attnum) from pg_attribute where attnum > 0 and not attisdropped \
                   and attrelid = 'notes'::regclass";
    assert_eq!(sql(&database, columns), "id");
}

#[test]
fn plans_outside_of_the_folder_follow_each_other_on_their_database() {
    let Some(database) = fresh_database(Version::V16) else { return };
    sql(&database, OLD);
    let dir = declared(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    for (number, (from, to)) in [
        ("note: text", "note: {type: text, comment: one}"),
        ("comment: one", "comment: two"),
        ("legacy: text", "legacy: {type: text, comment: three}"),
    ]
    .into_iter()
    .enumerate()
    {
        edit(dir, from, to);
        let file = format!("p{number}.yaml");
        expect(&pgform(dir, &["plan", "-m", "x", "-d", url, "--output", &file]), 0, "Proof");
        expect(&apply(dir, &database, &[&file]), 0, &format!("applied: p{number}"));
        expect(&pgform(dir, &["plan", "-m", "again", "-d", url]), 0, "no changes");
    }
    expect(&pgform(dir, &["rollback", "p2.yaml", "-d", url, "--yes"]), 0, "rolled back: p2");
    expect(&pgform(dir, &["rollback", "p1.yaml", "-d", url, "--yes"]), 0, "rolled back: p1");
    assert_eq!(sql(&database, "select col_description('documents'::regclass, 3)"), "one");
}

#[test]
fn the_first_plan_of_a_chain_has_its_base_made_where_nothing_is() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V16)) else { return };
    sql(&old, OLD);
    let dir = declared(&old);
    let dir = dir.path();
    edit(dir, "      legacy: text\n", "");
    expect(&pgform(dir, &["plan", "-m", "no legacy", "-d", &old.url]), 0, "0001-no-legacy.yaml");
    let loss = ["--allow", "DataLoss:public.documents.legacy"];
    expect(&apply(dir, &old, &loss), 0, "applied: 0001 no-legacy");
    // A dry run has nothing to go back to.
    let dry =
        pgform(dir, &["dry-run", "no-legacy", "-d", &new.url, "--yes", "--allow", "DataLoss:public.documents.legacy"]);
    expect(&dry, 4, "has nothing of what 0001 no-legacy starts from");
    let run = apply(dir, &new, &loss);
    expect(&run, 0, "applied: 0001 no-legacy");
    expect(&run, 0, "makes first what 0001 no-legacy starts from");
    expect(&pgform(dir, &["check", "-d", &new.url]), 0, "no-legacy");
    let dump = |d: &TestDatabase| {
        d.server.sql(&d.name, "select string_agg(attname, ',' order by attnum) from pg_attribute where attrelid = 'documents'::regclass and attnum > 0 and not attisdropped")
    };
    assert_eq!(dump(&old), dump(&new));
    assert_eq!(sql(&new, "select count(*) from app.kinds"), "0");
}

#[test]
fn a_part_of_what_the_first_plan_starts_from_stops_it_and_is_named() {
    let (Some(old), Some(part)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    sql(&old, OLD);
    sql(&part, "create table documents (id bigint primary key, path varchar(200) not null, note text, legacy text)");
    let dir = declared(&old);
    let dir = dir.path();
    edit(dir, "note: text", "note: {type: text, comment: x}");
    expect(&pgform(dir, &["plan", "-m", "x", "-d", &old.url]), 0, "0001-x.yaml");
    let run = apply(dir, &part, &[]);
    expect(&run, 4, "this database is not what 0001 x starts from");
    expect(&run, 4, "- table app.events");
    expect(&run, 4, "- index documents_path_idx");
    assert_eq!(sql(&part, "select count(*) from pg_namespace where nspname in ('pgform', 'app')"), "0");
}

#[test]
fn what_the_first_plan_makes_and_is_here_is_adopted_as_the_message_says() {
    for outside in [false, true] {
        let (Some(old), Some(twin)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
        sql(&old, OLD);
        sql(&twin, OLD);
        let dir = declared(&old);
        let dir = dir.path();
        edit(dir, "note: text", "note: text\n      size: integer");
        let output = ["--output", "p.yaml"];
        let plan: Vec<&str> =
            ["plan", "-m", "x", "-d", &old.url].iter().chain(output.iter().filter(|_| outside)).copied().collect();
        expect(&pgform(dir, &plan), 0, "documents.size");
        sql(&twin, "alter table documents add column size integer");
        let run = apply(dir, &twin, if outside { &["p.yaml"] } else { &[] });
        expect(&run, 4, "not-adopted");
        expect(&run, 4, "column documents.size");
        let adopt = if outside { "p.yaml" } else { "x" };
        expect(&run, 4, &format!("pgform adopt {adopt} -d "));
        expect(&pgform(dir, &["adopt", adopt, "-d", &twin.url, "--yes"]), 0, "adopted: ");
        expect(&pgform(dir, &["plan", "-m", "again", "-d", &twin.url]), 0, "no changes");
    }
}

#[test]
fn a_baseline_is_built_beside_what_it_does_not_know() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    sql(&old, OLD);
    sql(&new, "create table theirs (id int); create function theirs() returns int language sql as 'select 1'");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline.yaml");
    let run = pgform(dir, &["apply", "-d", &new.url, "--yes"]);
    expect(&run, 0, "applied: 0001 baseline");
    expect(&run, 0, "+ table theirs");
    expect(&pgform(dir, &["check", "-d", &new.url]), 3, "+ table theirs");
}

#[test]
fn an_extension_that_is_there_already_is_taken_as_it_is() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, "create extension vector");
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    fs::create_dir(dir.join("schema")).unwrap();
    let text =
        "extensions: {vector: {}}\ntables:\n  t:\n    columns: {id: bigint, v: \"vector(3)\"}\n    primary_key: [id]\n";
    fs::write(dir.join("schema/t.yaml"), text).unwrap();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "first");
}
