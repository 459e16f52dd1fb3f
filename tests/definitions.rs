//! Functions, procedures and triggers: through the binary, on a real server.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{TestDatabase, Version, dumped_differences, expect, fresh_database, pgform};
use std::{fs, path::Path};

const HELD: &str = r#"
create type mood as enum ('sad', 'ok');
create table notes (id bigint generated always as identity primary key, body text, mood mood, at timestamptz);
create function touch() returns trigger language plpgsql as $$
begin
  new.at := now();   
  return new;
end $$;
comment on function touch() is 'Keeps the time';
revoke execute on function touch() from public;
create function found(of_mood mood default 'ok', out id bigint, out body text) returns setof record
  language sql stable parallel safe rows 20 set search_path to public, pg_temp as 'select id, body from notes where mood = $1';
create function longest() returns bigint begin atomic select max(length(body)) from notes; end;
create function twice(n int) returns int language sql immutable strict cost 7 return n * 2;
create function "Odd (name)"(variadic texts text[]) returns text language sql as $$ select $1[1] || '$function$' $$;
create procedure forget(inout n int) language plpgsql security definer as $$ begin delete from notes where id = n; end $$;
create trigger notes_touch before insert or update of body on notes for each row when (new.body is not null) execute function touch();
create trigger "never {again} *" after delete on notes referencing old table as gone for each statement execute function touch('a, b', 'it''s');
alter table notes disable trigger "never {again} *";
comment on trigger notes_touch on notes is 'Each write';
create constraint trigger notes_late after insert on notes deferrable initially deferred for each row execute function touch();
create view shown as select id, body from notes;
create trigger shown_insert instead of insert on shown for each row execute function touch();
create table all_parts (id int, at date);
create table parts () inherits (all_parts);
create trigger parts_touch before insert on parts for each row execute function touch();
"#;

fn imported(sql: &str) -> Option<(TestDatabase, tempfile::TempDir)> {
    let database = fresh_database(Version::V18)?;
    database.server.sql(&database.name, sql);
    let dir = tempfile::tempdir().unwrap();
    expect(&pgform(dir.path(), &["import", "-d", &database.url]), 0, "0001-baseline.yaml");
    // What `validate` counts is called by its own word.
    expect(&pgform(dir.path(), &["validate"]), 0, "1 procedure, ");
    expect(&pgform(dir.path(), &["adopt", "-d", &database.url, "--yes"]), 0, "adopted");
    Some((database, dir))
}

#[track_caller]
fn edit(dir: &Path, file: &str, old: &str, new: &str) {
    let path = dir.join("schema").join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "no `{old}` in {text}");
    fs::write(&path, text.replace(old, new)).unwrap();
}

fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &["-N", "pgform", "--schema-only"])
}

#[test]
fn what_is_imported_reads_well_and_is_built_alike() {
    let Some((database, dir)) = imported(HELD) else { return };
    let dir = dir.path();
    let functions = fs::read_to_string(dir.join("schema/functions.yaml")).unwrap();
    assert!(!functions.contains("create:"), "{functions}");
    for line in [
        "  touch():\n    returns: trigger\n    language: plpgsql\n    body: |",
        "  found(public.mood):\n",
        "\"Odd (name)(text[])\":",
        "comment: Keeps the time",
    ] {
        assert!(functions.contains(line), "no {line} in {functions}");
    }
    let table = fs::read_to_string(dir.join("schema/tables/notes.yaml")).unwrap();
    for line in ["execute: touch()", "enabled: false", "deferrable: initially deferred", "comment: Each write"] {
        assert!(table.contains(line), "no {line} in {table}");
    }
    let carried = fs::read_to_string(dir.join("schema/opaque.yaml")).unwrap();
    assert!(carried.contains("trigger [public, parts, parts_touch]"), "{carried}");
    expect(&pgform(dir, &["plan", "-m", "nothing"]), 0, "no changes");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    let Some(built) = fresh_database(Version::V18) else { return };
    expect(&pgform(dir, &["apply", "-d", &built.url, "--yes"]), 0, "applied: 0001 baseline");
    assert_eq!(dumped_differences(&database, &built), "");
}

#[test]
fn what_is_made_anew_has_its_owner_its_privileges_and_its_comment() {
    let Some((database, dir)) = imported(HELD) else { return };
    let dir = dir.path();
    let before = dump(&database);
    // Another name of an argument: PostgreSQL takes that of a new function alone.
    edit(dir, "procedures.yaml", "INOUT n integer", "INOUT nr integer");
    edit(dir, "procedures.yaml", "where id = n;", "where id = nr;");
    edit(dir, "functions.yaml", "new.at := now();", "new.at := clock_timestamp();");
    edit(dir, "tables/notes.yaml", "initially deferred", "initially immediate");
    let run = pgform(dir, &["plan", "-m", "anew"]);
    expect(&run, 0, "replace function touch()");
    expect(&run, 0, "Proof    full");
    let apply = ["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"];
    expect(&pgform(dir, &apply), 0, "applied: 0002 anew");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    let after = dump(&database);
    for line in ["REVOKE ALL ON FUNCTION public.touch() FROM PUBLIC", "IS 'Keeps the time'", "clock_timestamp"] {
        assert!(after.contains(line), "no {line}");
    }
    expect(&pgform(dir, &["rollback", "-d", &database.url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
}

#[test]
fn silence_drops_what_was_declared_and_never_what_is_carried_along() {
    let Some((database, dir)) = imported(HELD) else { return };
    let dir = dir.path();
    fs::remove_file(dir.join("schema/opaque.yaml")).unwrap();
    fs::remove_file(dir.join("schema/procedures.yaml")).unwrap();
    let run = pgform(dir, &["plan", "-m", "less"]);
    expect(&run, 0, "drop procedure forget(integer)");
    assert!(!run.out.contains("parts_touch"), "{}", run.out);
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"]), 0, "applied: 0002 less");
    let count = "select count(*) from pg_trigger where tgname = 'parts_touch'";
    assert_eq!(database.server.sql(&database.name, count), "1");
    // What it leans on cannot go without it.
    edit(dir, "functions.yaml", "  touch():\n", "  touched():\n");
    edit(dir, "tables/notes.yaml", "touch(", "touched(");
    edit(dir, "views.yaml", "touch()", "touched()");
    let run = pgform(dir, &["plan", "-m", "touched"]);
    expect(&run, 1, "trigger parts.parts_touch uses function touch()");
}

#[test]
fn changes_by_hand_are_drift() {
    let Some((database, dir)) = imported(HELD) else { return };
    let (dir, url) = (dir.path(), database.url.as_str());
    for (sql, back, line) in [
        ("alter function twice(int) volatile", "alter function twice(int) immutable", "~ function twice(integer)"),
        ("alter function twice(int) cost 9", "alter function twice(int) cost 7", "~ function twice(integer)"),
        ("alter function touch() set work_mem to '1MB'", "alter function touch() reset work_mem", "~ function touch()"),
        (
            "grant execute on function touch() to public",
            "revoke execute on function touch() from public",
            "~ function touch()",
        ),
        (
            "alter table notes enable always trigger notes_touch",
            "alter table notes enable trigger notes_touch",
            "~ trigger notes.notes_touch",
        ),
        (
            "comment on procedure forget(int) is 'x'",
            "comment on procedure forget(int) is null",
            "~ procedure forget(integer)",
        ),
        ("create function other() returns int language sql return 1", "drop function other()", "+ function other()"),
    ] {
        database.server.sql(&database.name, sql);
        let run = pgform(dir, &["check", "-d", url]);
        expect(&run, 3, line);
        expect(&run, 3, "drift: 1");
        database.server.sql(&database.name, back);
    }
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
}

/// A body that its language cannot read is told before anything is planned; what a body names may be made later, or be
/// nobody's business.
#[test]
fn a_body_that_its_language_cannot_read_is_told() {
    let Some((_database, dir)) = imported(HELD) else { return };
    let dir = dir.path();
    let declared = |language: &str, body: &str| {
        let head = "functions:\n  f(integer):\n    arguments: [id integer]\n    returns: integer";
        let lines = body.replace('\n', "\n      ");
        let text = format!("{head}\n    language: {language}\n    body: |\n      {lines}\n");
        fs::write(dir.join("schema/f.yaml"), text).unwrap();
        pgform(dir, &["plan", "-m", "f"])
    };
    for (language, body, told) in [
        ("sql", "selct 1", "syntax error at or near \"selct\""),
        ("sql", "select (1", "is not SQL that PostgreSQL reads"),
        (
            "plpgsql",
            "begin\n  retrun 1;\nend",
            "PostgreSQL refuses function f(integer): syntax error at or near \"retrun\"",
        ),
        ("plpgsql", "begin\n  return 1\nend", "PostgreSQL refuses function f(integer)"),
        ("plpgsql", "begin\n  if id > 1 then return 1;\nend", "PostgreSQL refuses function f(integer)"),
        ("plpgsql", "begin\n  x := 1;\n  return x;\nend", "is not a known variable"),
    ] {
        let run = declared(language, body);
        expect(&run, 1, told);
        expect(&run, 1, "f.yaml");
    }
    let whole = "functions:\n  f(integer):\n    create: create function f(id integer) returns integer language sql as 'selct 1'\n";
    fs::write(dir.join("schema/f.yaml"), whole).unwrap();
    expect(&pgform(dir, &["validate"]), 1, "the body of the function f(integer) is not SQL that PostgreSQL reads");
    for (language, body) in [
        ("sql", "select count(*)::integer from not_there where f = $1"),
        ("sql", ""),
        ("plpgsql", "declare r other.not_there%rowtype; begin select * into r from other.not_there; return r.id; end"),
        ("plpgsql", "begin perform nobody.made(1); return id; end"),
    ] {
        expect(&declared(language, body), 0, "create function f(integer)");
        // Each is planned on its own.
        fs::remove_file(dir.join("plans/0002-f.yaml")).unwrap();
        fs::remove_dir_all(dir.join("plans/0002-f.receipts")).unwrap();
    }
}
