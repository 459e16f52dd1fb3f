//! Everything that is named through a schema follows when the schema gets another name, and comes back.
use super::{adopted, edit};
use crate::support::{TestDatabase, expect, pgform, pgform_with};
use std::{fs, path::Path};

const HELD: &str = "
create schema legacy;
create schema other;
create extension vector schema legacy;
set search_path = legacy, public;
create type mood as enum ('sad', 'ok');
create domain email as text check (value like '%@%');
create type pair as (a int, m mood);
create collation words (locale = 'C');
create sequence numbers;
create table users (id bigint generated always as identity primary key, mail email, mood mood default 'ok');
create table docs (id bigint primary key default nextval('numbers'), owner bigint references users, embedding vector(3),
    body text collate words, kind pair, span int4range, exclude using gist (span with &&));
create index on docs using hnsw (embedding vector_l2_ops);
create function feel(m mood, u users) returns mood language sql as 'select m';
create function bare() returns bigint language sql set search_path to legacy as 'select count(*) from users';
create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
create trigger docs_touch before update on docs for each row execute function touch();
create policy own on users using (mail = current_user);
create view happy as select id, mail from users where mood = 'ok';
create function no_insert() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger happy_insert instead of insert on happy for each row execute function no_insert();
create materialized view moods as select mood, count(*) as n from users group by mood;
create table parts (id int, at date) partition by range (at);
create table parts_2020 partition of parts for values from ('2020-01-01') to ('2021-01-01');
create statistics counted on id, owner from docs;
create cast (pair as text) with inout;
create function same(mood, mood) returns boolean language sql immutable as 'select $1::text = $2::text';
create operator === (function = same, leftarg = mood, rightarg = mood);
create publication users_only for table users;
alter default privileges in schema legacy grant select on tables to public;
create table notes (id bigint not null);
create table other.notes (author bigint references users, mood mood default 'sad', check (mood <> 'ok'));
create view other.authors as select u.id, n.mood from users u join other.notes n on n.author = u.id;
create function other.all_of(m mood[], d docs) returns setof users language sql as 'select * from legacy.users';
insert into users (mail) select i || '@b' from generate_series(1, 20) as i;
insert into docs (owner, embedding) select i, '[1,2,3]' from generate_series(1, 20) as i;
refresh materialized view moods;";

/// The whole database as `pg_dump` prints it, the journal left out.
fn dump(database: &TestDatabase) -> String {
    database.server.dump(&database.name, &["-N", "pgform"])
}

/// Gives the declared schema another name, in every file but the list of what is carried along.
fn rename(dir: &Path) {
    let folder = dir.join("schema");
    fs::rename(folder.join("legacy"), folder.join("web")).unwrap();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if !entry.ends_with("opaque.yaml") {
                let text = fs::read_to_string(&entry).unwrap();
                let text = text.replace("  legacy: {}", "  web: {renamed_from: OLD}");
                fs::write(&entry, text.replace("legacy", "web").replace("OLD", "legacy")).unwrap();
            }
        }
    }
}

#[test]
fn what_is_named_through_a_schema_follows_its_rename() {
    let Some((database, dir)) = adopted(HELD) else { return };
    let dir = dir.path();
    // What PostgreSQL named after a table keeps that name: a not-null constraint, for one.
    edit(dir, "legacy/tables/notes.yaml", "  notes:\n", "  lines:\n    renamed_from: notes\n");
    expect(&pgform(dir, &["plan", "-m", "lines"]), 0, "rename table notes to lines");
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"]), 0, "lines");
    let before = dump(&database);
    // Somebody says which schemas are managed, and changes that together with the rename.
    fs::write(dir.join("pgform.yaml"), "scope: {schemas: [public, legacy, other]}\n").unwrap();
    expect(&pgform(dir, &["plan", "-m", "nothing"]), 0, "no changes");
    edit(dir, "legacy/tables/notes.yaml", "    renamed_from: notes\n", "");
    fs::write(dir.join("pgform.yaml"), "scope: {schemas: [public, web, other]}\n").unwrap();
    rename(dir);
    // What PostgreSQL keeps as text has the old name still, and stays as it is for now.
    edit(dir, "web/functions.yaml", "search_path: web", "search_path: legacy");
    edit(dir, "other/functions.yaml", "from web.users", "from legacy.users");
    let run = pgform(dir, &["plan", "-m", "legacy is web"]);
    expect(&run, 0, "Proof    full");
    expect(&run, 0, "1 segment · no lock that stops anyone");
    expect(&run, 0, "objects are declared as they were before a rename");
    for function in ["bare()", "all_of(legacy.mood[], legacy.docs)"] {
        expect(&run, 0, &format!("function {function} may use schema legacy, which the plan renames"));
    }
    assert!(!run.err.contains("function touch()") && !run.err.contains("function feel("), "{}", run.err);
    let apply = ["apply", "-d", &database.url, "--yes"];
    expect(&pgform(dir, &apply), 4, "BreaksClients");
    assert_eq!(dump(&database), before);
    let allowed = [&apply[..], &["--allow", "BreaksClients"]].concat();
    expect(&pgform(dir, &allowed), 0, "legacy-is-web");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.replace("legacy", "web").lines().map(str::to_owned).collect();
        lines.sort();
        lines
    };
    let after = dump(&database);
    assert_ne!(after, before);
    assert_eq!(sorted(&after), sorted(&before), "only the name is another one");
    // A table of it changes as any other.
    edit(dir, "web/tables/users.yaml", "      mail:", "      nick: text\n      mail:");
    expect(&pgform(dir, &["plan", "-m", "nick"]), 0, "add column users.nick");
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes"]), 0, "nick");
    expect(&pgform(dir, &["rollback", "-d", &database.url, "--yes"]), 0, "column web.users.nick");
    let named = ["rollback", "legacy-is-web", "-d", &database.url, "--yes"];
    expect(&pgform(dir, &named), 0, "comes back   schema legacy, as it was");
    assert_eq!(dump(&database), before);
    expect(&pgform(dir, &["check", "-d", &database.url]), 2, "drift: none");
}

const TYPES: &str = "
create type mood as enum ('sad', 'ok');
create table users (id bigint primary key, mood mood);
create function feel(m mood, others users[]) returns mood language sql as 'select m';
create operator family moods using btree;
create function same(mood, mood) returns boolean language sql immutable as 'select $1::text = $2::text';
create operator === (function = same, leftarg = mood, rightarg = mood);
create view happy as select id from users where mood === 'ok';
create function no_insert() returns trigger language plpgsql as $$ begin return null; end $$;
create trigger happy_insert instead of insert on happy for each row execute function no_insert();";

#[test]
fn the_identity_of_a_function_follows_the_types_of_its_arguments() {
    let Some((database, dir)) = adopted(TYPES) else { return };
    let dir = dir.path();
    let before = dump(&database);
    edit(dir, "enums.yaml", "  mood:\n  - sad\n  - ok", "  feeling: {renamed_from: mood, labels: [sad, ok]}");
    edit(dir, "tables/users.yaml", "  users:\n", "  people:\n    renamed_from: users\n");
    edit(dir, "tables/users.yaml", "public.mood", "feeling");
    edit(dir, "views.yaml", "  happy:\n", "  glad:\n    renamed_from: happy\n");
    edit(dir, "views.yaml", "public.users", "public.people");
    edit(dir, "views.yaml", "public.mood", "public.feeling");
    let functions = dir.join("schema/functions.yaml");
    let text = fs::read_to_string(&functions).unwrap();
    fs::write(functions, text.replace("public.mood", "public.feeling").replace("public.users", "public.people"))
        .unwrap();
    expect(&pgform(dir, &["plan", "-m", "names"]), 0, "Proof    full");
    let allowed = ["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"];
    expect(&pgform(dir, &allowed), 0, "names");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    expect(&pgform(dir, &["rollback", "-d", &database.url, "--yes"]), 0, "rolled back");
    assert_eq!(dump(&database), before);
}

const UNBUILDABLE: &str = "
create schema legacy;
create schema other;
create type legacy.e as enum ('a');
create type other.pair as (a legacy.e);
create table other.uses (id int primary key, p other.pair);
create function legacy.alike(text, text) returns real as '$libdir/pg_trgm', 'similarity' language c immutable;
create view legacy.compared as select legacy.alike('a', 'b') as how;
create text search dictionary legacy.words (template = simple, stopwords = english);
create text search configuration legacy.plain (copy = pg_catalog.simple);
alter text search configuration legacy.plain alter mapping for asciiword with legacy.words;
create type legacy.shell;
create type legacy.spans as range (subtype = float8, multirange_type_name = legacy.many_spans);
create table legacy.spanned (s legacy.many_spans);
create publication all_of_it for tables in schema legacy;
create table legacy.t (id int primary key, b text);
create sequence legacy.numbers;
create table other.numbered (id bigint default nextval('legacy.numbers'::text));
create function legacy.atomic() returns bigint begin atomic select count(*) from legacy.t; end;";

#[test]
fn what_no_shadow_can_build_follows_a_schema_as_well() {
    let Some((database, dir)) = adopted(UNBUILDABLE) else { return };
    let dir = dir.path();
    let before = dump(&database);
    rename(dir);
    edit(dir, "other/tables/numbered.yaml", "'web.numbers'", "'legacy.numbers'");
    let run = pgform(dir, &["plan", "-m", "legacy is web"]);
    expect(&run, 0, "1 segment · no lock that stops anyone");
    expect(&run, 0, "column numbered.id may name schema legacy, which the plan renames, in a string");
    assert!(!run.err.contains("atomic() may use"), "its body follows: {}", run.err);
    let plan = fs::read_to_string(dir.join("plans/0002-legacy-is-web.yaml")).unwrap();
    assert!(!plan.contains("return null") && plan.contains("FUNCTION web.alike"), "{plan}");
    let apply = ["apply", "-d", &database.url, "--yes", "--allow", "BreaksClients"];
    // A schema that somebody made meanwhile has the name.
    database.server.sql(&database.name, "create schema web");
    expect(&pgform(dir, &apply), 4, "+ schema web  is here already");
    database.server.sql(&database.name, "drop schema web");
    assert_eq!(dump(&database), before);
    expect(&pgform(dir, &apply), 0, "legacy-is-web");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
    expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
    edit(dir, "other/tables/uses.yaml", "      p:", "      more: text\n      p:");
    expect(&pgform(dir, &["plan", "-m", "more"]), 0, "add column uses.more");
    // What others made in it stays in it: the way back is the schema's name alone.
    let made = "alter table web.t add extra int; create index by_b on web.t (b);
        create view other.seen as select id from web.t; create publication one for table web.t";
    database.server.sql(&database.name, made);
    let run = pgform(dir, &["rollback", "legacy-is-web", "-d", &database.url, "--yes"]);
    expect(&run, 0, "rolled back: 0002 legacy-is-web");
    let unmade = "drop view other.seen; drop publication one; drop index legacy.by_b; alter table legacy.t drop extra";
    database.server.sql(&database.name, unmade);
    assert_eq!(dump(&database), before);
}

#[test]
fn a_rename_of_what_was_never_there_is_told() {
    let Some((_, dir)) = adopted("create schema legacy; create table legacy.t (id int, b text);") else { return };
    let dir = dir.path();
    rename(dir);
    edit(dir, "extensions.yaml", "renamed_from: legacy", "renamed_from: legcy");
    let words = "schema web is renamed from legcy, and the last plan has no schema of that name: it is made anew";
    for command in [&["validate"][..], &["plan", "-m", "typo"]] {
        let run = pgform(dir, command);
        expect(&run, 0, words);
        expect(&run, 0, "did you mean `renamed_from: legacy`?");
    }
    fs::remove_file(dir.join("plans/0002-typo.yaml")).unwrap();
    edit(dir, "extensions.yaml", "renamed_from: legcy", "renamed_from: legacy");
    expect(&pgform(dir, &["plan", "-m", "right"]), 0, "rename schema legacy to web");
    expect(&pgform(dir, &["validate"]), 0, "`renamed_from` of schema web does nothing: it has its name");
}

#[test]
fn a_table_with_a_collation_of_its_own_is_built_behind_it() {
    let content = "create collation words (locale = 'C'); create table t (a int, w text collate words);";
    let Some((database, dir)) = adopted(content) else { return };
    let dir = dir.path();
    edit(dir, "tables/t.yaml", "      a: integer", "      a: integer\n      more: text");
    expect(&pgform(dir, &["plan", "-m", "more"]), 0, "Proof    full");
    expect(&pgform(dir, &["apply", "-d", &database.url, "--yes"]), 0, "more");
    expect(&pgform(dir, &["check", "-d", &database.url]), 0, "drift: none");
}

#[test]
fn what_a_database_says_of_tables_is_asked_under_their_present_names() {
    let content = "create schema legacy; create table legacy.t (id int, b text);
        insert into legacy.t select i, 'x' from generate_series(1, 20) as i; analyze legacy.t;";
    let Some((database, dir)) = adopted(content) else { return };
    let dir = dir.path();
    rename(dir);
    edit(dir, "web/tables/t.yaml", "  t:\n", "  notes:\n    renamed_from: t\n");
    edit(dir, "web/tables/t.yaml", "      b: text\n", "");
    let run = pgform(dir, &["plan", "-m", "b goes", "-d", &database.url]);
    expect(&run, 0, "about 20 of 20 rows hold a value");
}

#[test]
fn rights_on_what_lies_in_a_renamed_schema_are_asked_for_under_its_old_name() {
    let content = "create schema legacy; create table legacy.t (id int); create table legacy.\"W b\" (id int);";
    let Some((database, dir)) = adopted(content) else { return };
    let (dir, role) = (dir.path(), format!("owner_of_{}", database.name));
    let sql = |text: &str| database.server.sql(&database.name, text);
    sql(&format!("create role {role}; grant create on database {} to {role}", database.name));
    sql(&format!("alter schema legacy owner to {role}; alter schema pgform owner to {role}"));
    sql(&format!(
        "do $do$ declare of_journal regclass; begin
             for of_journal in select oid::regclass from pg_class
                 where relnamespace = 'pgform'::regnamespace and relkind = 'r' loop
                 execute format('alter table %s owner to {role}', of_journal);
             end loop; end $do$"
    ));
    let text = format!("environments:\n  staging: {{url: {{env: STAGING}}, role: {role}}}\n");
    fs::write(dir.join("pgform.yaml"), text).unwrap();
    rename(dir);
    edit(dir, "web/tables/t.yaml", "      id: integer", "      id: integer\n      more: text");
    expect(&pgform(dir, &["plan", "-m", "web"]), 0, "rename schema legacy to web");
    let before = dump(&database);
    let staging = [("STAGING", database.url.as_str())];
    let apply = ["apply", "--env", "staging", "--yes", "--allow", "BreaksClients"];
    let run = pgform_with(dir, &apply, &staging);
    expect(&run, 1, &format!("legacy.t belongs to postgres, and the plan changes it as {role}"));
    assert_eq!(dump(&database), before, "nothing ran");
    sql(&format!("alter table legacy.t owner to {role}"));
    expect(&pgform_with(dir, &apply, &staging), 0, "applied");
    // What lies in it otherwise need not be one's own, forward or back.
    expect(
        &pgform_with(dir, &["rollback", "--env", "staging", "--yes", "--allow", "DataLoss"], &staging),
        0,
        "rolled back",
    );
    sql(&format!("drop schema pgform cascade; drop schema legacy cascade; drop owned by {role}; drop role {role}"));
}
