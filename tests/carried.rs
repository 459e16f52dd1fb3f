//! What pgform carries along without modelling it, through renames and drops: through the binary, on a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod forms;
mod paths;
mod schemas;

use crate::support::{TestDatabase, Version, by_name, expect, fresh_database, pgform};
use std::{fs, path::Path};

/// A database with this content, imported and adopted.
fn adopted(sql: &str) -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = fresh_database(Version::V18)?;
    database.server.sql(&database.name, sql);
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir.path(), &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
    Some((database, dir))
}

/// Says something else in a file of the declaration.
#[track_caller]
fn edit(dir: &Path, file: &str, old: &str, new: &str) {
    let path = dir.join("schema").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "no `{old}` in {text}");
    fs::write(&path, text.replacen(old, new, 1)).unwrap();
}

/// Plans and applies, and is then in step.
#[track_caller]
fn applied(dir: &Path, database: &TestDatabase, name: &str) {
    expect(&pgform(dir, &["plan", "-m", name]), 0, "Proof    full");
    let names = by_name(dir, name, &[]);
    let allowed: Vec<&str> = names.iter().map(String::as_str).collect();
    expect(&pgform(dir, &[&["apply", "-d", &database.url, "--yes"], &allowed[..]].concat()), 0, &format!(" {name}"));
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
}

const RENAMED: &str = "
create table documents (id bigint primary key, path text not null, kind text);
create rule documents_touch as on update to documents where new.path = 'no' do instead nothing;
create rule documents_own as on delete to documents where old.path = current_user do instead nothing;
create materialized view kinds as select kind, count(*) as n from documents group by kind;";

#[test]
fn what_leans_on_several_columns_that_go_is_told_once_and_a_default_said_aloud_is_no_change() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let (folder, url) = (tempfile::tempdir().unwrap(), database.url.as_str());
    let dir = folder.path();
    database.server.sql(
        &database.name,
        "create table t (id int primary key, a int, b int, c int); create statistics st on a, b, c from t; create table u (id int)",
    );
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    let path = dir.join("schema/tables/u.yaml");
    let text = fs::read_to_string(&path).unwrap().replace("  u:\n", "  u:\n    access_method: heap\n");
    fs::write(path, text).unwrap();
    expect(&pgform(dir, &["plan", "-m", "heap"]), 0, "no changes");
    let path = dir.join("schema/tables/t.yaml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("      a: integer\n      b: integer\n", "")).unwrap();
    let run = pgform(dir, &["plan", "-m", "columns"]);
    expect(&run, 1, "statistics st uses column t.a and column t.b: changing them would drop or rebuild it");
    fs::remove_file(path).unwrap();
    let run = pgform(dir, &["plan", "-m", "drop"]);
    expect(&run, 1, "statistics st uses table t: changing that would drop or rebuild it");
    assert_eq!(run.err.matches("error[").count(), 1, "{}", run.err);
}

#[test]
fn a_list_of_opaque_objects_from_before_a_rename_is_told_and_taken_as_it_is_now() {
    let Some((database, dir)) = adopted(RENAMED) else { return };
    let dir = dir.path();
    let opaque = fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap();
    assert!(opaque.contains("ON UPDATE TO public.documents"), "{opaque}");
    edit(dir, "materialized_views.yaml", "documents", "files");
    edit(dir, "tables/documents.yaml", "  documents:\n", "  files:\n    renamed_from: documents\n");
    edit(
        dir,
        "tables/documents.yaml",
        "path: text not null",
        "place: {type: text, not_null: true, renamed_from: path}",
    );
    applied(dir, &database, "rename");
    // The list still says what it said: that is a warning with the way out, and no change, now and with later plans.
    for _ in 0..2 {
        let run = pgform(dir, &["plan", "-m", "again"]);
        expect(&run, 0, "no changes");
        expect(&run, 0, "rule documents.documents_touch is declared as it was before a rename");
        expect(&run, 0, "as the chain has it now, files.documents_touch");
        expect(&run, 0, "rule documents.documents_own is declared as it was before a rename");
        edit(dir, "tables/documents.yaml", "kind: text", "kind: text not null default 'x'");
        applied(dir, &database, "kind");
        edit(dir, "tables/documents.yaml", "kind: text not null default 'x'", "kind: text");
        applied(dir, &database, "back");
    }
    // What was never there is another matter.
    edit(dir, "opaque.yaml", "new.path", "new.kind");
    let run = pgform(dir, &["plan", "-m", "trigger"]);
    expect(&run, 1, "is declared otherwise than it was before its rename, and pgform cannot change a rule yet");
    expect(&run, 1, "opaque.yaml");
    // Nor is a name that nothing has.
    fs::write(dir.join("schema/opaque.yaml"), opaque.replace("documents_own", "documents_others")).unwrap();
    let run = pgform(dir, &["plan", "-m", "rule"]);
    expect(&run, 1, "rule documents.documents_others is new in the declaration, and pgform cannot make a rule yet");
    expect(&run, 1, "rule files.documents_own is not in the declaration any more, and pgform cannot drop a rule yet");
    // Without the list all is carried along unsaid.
    fs::remove_file(dir.join("schema/opaque.yaml")).unwrap();
    let run = pgform(dir, &["plan", "-m", "none"]);
    expect(&run, 0, "no changes");
    assert!(!run.err.contains("before a rename"), "{}", run.err);
}

const BODIES: &str = "
create table documents (id bigint primary key, path text not null, size integer, note text);
create table notes (id bigint primary key);
create function sizes() returns bigint language plpgsql as $$ begin return (select sum(size) from documents); end $$;
create procedure forget() language plpgsql as $$ begin delete from \"notes\"; end $$;
create function far() returns text language sql as 'select ''documents_of_others, resize''';
create function stamp() returns trigger language plpgsql as $$ begin new.note := 'x'; return new; end $$;
create trigger documents_stamp before insert on documents for each row execute function stamp();";

#[test]
fn a_body_that_has_the_word_of_what_goes_is_told() {
    let Some((database, dir)) = adopted(BODIES) else { return };
    let dir = dir.path();
    let file = "tables/documents.yaml";
    edit(dir, file, "size: integer", "bytes: {type: integer, renamed_from: size}");
    let run = pgform(dir, &["plan", "-m", "bytes"]);
    expect(&run, 0, "function sizes() may use column documents.size, which the plan renames");
    expect(&run, 0, "declare it with the new name or without it, in this plan");
    assert!(!run.err.contains("far()") && !run.err.contains("stamp()"), "{}", run.err);
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"]), 0, "bytes");
    // A trigger's function names the columns of its table alone.
    edit(dir, file, "note: text", "remark: {type: text, renamed_from: note}");
    let run = pgform(dir, &["plan", "-m", "remark"]);
    expect(&run, 0, "function stamp() may use column documents.note, which the plan renames");
    assert!(!run.err.contains("sizes()"), "{}", run.err);
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"]), 0, "remark");
    fs::remove_file(dir.join("schema/tables/notes.yaml")).unwrap();
    let run = pgform(dir, &["plan", "-m", "notes"]);
    expect(&run, 0, "procedure forget() may use table notes, which the plan drops");
    assert!(!run.err.contains("notes.id"), "the columns of a dropped table are not told one by one: {}", run.err);
    assert!(!run.err.contains("sizes()") && !run.err.contains("far()"), "{}", run.err);
}

const DEFAULTS: &str = "
create sequence numbers;
create type mood as enum ('sad', 'ok');
create table documents (id bigint primary key, number bigint, mood mood);
create view seen as select id, number, mood from documents;
alter view seen alter column number set default nextval('numbers');
alter view seen alter column mood set default 'ok'::mood;";

#[test]
fn defaults_of_a_views_columns_follow_renames() {
    let Some((database, dir)) = adopted(DEFAULTS) else { return };
    let dir = dir.path();
    edit(dir, "sequences.yaml", "  numbers: {}", "  counter: {renamed_from: numbers}");
    edit(dir, "enums.yaml", "  mood:\n  - sad\n  - ok", "  feeling: {renamed_from: mood, labels: [sad, ok]}");
    edit(dir, "tables/documents.yaml", "public.mood", "public.feeling");
    edit(dir, "views.yaml", "'ok'::public.mood", "'ok'::public.feeling");
    // What still has the old name is a mistake, at its place.
    let run = pgform(dir, &["plan", "-m", "rename"]);
    expect(&run, 1, "numbers");
    expect(&run, 1, "views.yaml");
    edit(dir, "views.yaml", "public.numbers", "public.counter");
    applied(dir, &database, "rename");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    let plan = fs::read_to_string(dir.join("plans/0002-rename.yaml")).unwrap();
    assert!(plan.contains("nextval('public.counter'"), "{plan}");
}

#[test]
fn an_import_remembers_which_pgvector_it_saw() {
    let Some((database, dir)) =
        adopted("create extension vector; create table t (e vector(3)); create extension pg_trgm")
    else {
        return;
    };
    let text = fs::read_to_string(dir.path().join("schema/extensions.yaml")).unwrap();
    assert!(
        text.contains("vector:\n    version: '>= 0.8'") || text.contains("vector:\n    version: \">= 0.8\""),
        "{text}"
    );
    assert!(text.contains("pg_trgm: {}"), "{text}");
    expect(&pgform(dir.path(), &["plan", "-m", "nothing", "-d", &database.url]), 0, "no changes");
    expect(&pgform(dir.path(), &["check", "-d", &database.url]), 0, "drift: none");
}
