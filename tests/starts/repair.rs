//! Plans that bring a database back to where its journal says that it is.
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, project};
use std::path::Path;

const DECLARATION: &str = "\
schema: public
enums:
  state: [new, old]
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      state: state not null default 'new'
      note: {type: varchar(20), comment: what they said}
    primary_key: [id]
    checks:
      documents_path_check: \"path <> ''\"
    indexes:
      documents_path_idx: [path]
  chunks:
    columns: {id: bigint, document_id: bigint}
    primary_key: [id]
    foreign_keys:
      chunks_document_fkey: {columns: [document_id], references: \"documents (id)\"}
views:
  paths:
    query: select id, path from documents
";

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

fn planned() -> tempfile::TempDir {
    let dir = project(DECLARATION);
    expect(&pgform(dir.path(), &["plan", "-m", "first"]), 0, "0001-first.yaml");
    dir
}

/// A copy of a project, so that its plans are made once.
fn copy(of: &Path) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let done = std::process::Command::new("cp").arg("-r").arg(of.join(".")).arg(dir.path()).status().unwrap();
    assert!(done.success());
    dir
}

const ALLOW: &[&str] =
    &["DataLoss", "Rewrite", "LongLock", "LongScan", "MayFailOnRows", "BreaksClients", "Irreversible", "IndexBuild"];

fn apply(dir: &Path, database: &TestDatabase, plan: &str) -> crate::support::Run {
    let allow = ALLOW.iter().flat_map(|hazard| ["--allow", hazard]);
    let arguments: Vec<&str> = ["apply", plan, "-d", &database.url, "--yes"].into_iter().chain(allow).collect();
    pgform(dir, &arguments)
}

#[test]
fn what_is_missing_or_altered_is_brought_back_and_what_is_unknown_stays() {
    let shapes: &[(&str, &[&str])] = &[
        ("drop table chunks", &["+ table chunks", "made again EMPTY"]),
        ("drop table documents cascade", &["+ table documents", "chunks_document_fkey", "+ view paths"]),
        ("alter table documents drop column note", &["documents.note", "made again EMPTY"]),
        ("drop view paths; drop index documents_path_idx", &["+ view paths", "documents_path_idx"]),
        ("alter table documents drop constraint documents_path_check, alter path drop not null", &["documents.path"]),
        ("alter table documents alter state set default 'old'; comment on column documents.note is 'else'", &["state"]),
        ("drop schema public cascade; create schema public", &["+ table documents", "+ enum state"]),
        (
            "alter type state add value 'other'; drop view paths; create view paths as select id, path, state from documents",
            &["paths"],
        ),
    ];
    let made = planned();
    for version in [Version::V18, Version::V16] {
        for (damage, words) in shapes {
            let Some(database) = fresh_database(version) else { return };
            let dir = copy(made.path());
            let (dir, url) = (dir.path(), database.url.as_str());
            expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
            sql(&database, "insert into documents (path, note) values ('/a', 'n'), ('/b', 'm')");
            sql(&database, damage);
            sql(&database, "create table unknown (id int primary key); insert into unknown values (1)");
            let run = pgform(dir, &["repair", "-d", url]);
            for word in *words {
                expect(&run, 0, word);
            }
            expect(&run, 0, "from what is there back to 0001 first");
            expect(&apply(dir, &database, "repair"), 0, "applied: 0002 repair");
            expect(&pgform(dir, &["check", "-d", url]), 3, "drift: 1 + table unknown");
            assert_eq!(sql(&database, "select count(*) from unknown"), "1");
            if !damage.contains("cascade") {
                assert_eq!(sql(&database, "select string_agg(path, '') from paths"), "/a/b", "{damage}");
            }
            expect(&pgform(dir, &["repair", "-d", url]), 0, "no changes");
        }
    }
}

#[test]
fn a_repair_is_in_no_chain_and_plans_go_on_and_back_over_it() {
    let Some(database) = fresh_database(Version::V16) else { return };
    let dir = planned();
    let (dir, url) = (dir.path(), database.url.as_str());
    expect(&pgform(dir, &["repair", "-d", url]), 4, "no plan is applied here");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0001 first");
    expect(&pgform(dir, &["repair", "-d", url]), 0, "no changes");
    // The same damage twice is two repairs.
    for plan in ["0002 repair", "0003 repair-2"] {
        sql(&database, "drop table chunks");
        expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 4, "pgform repair -d ");
        expect(&pgform(dir, &["repair", "-d", url]), 0, "made again EMPTY");
        expect(&pgform(dir, &["status", "-d", url]), 0, "first");
        expect(&apply(dir, &database, plan.split_once(' ').unwrap().1), 0, &format!("applied: {plan}"));
        expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    }
    let other = fresh_database(Version::V18).unwrap();
    expect(&apply(dir, &other, "repair"), 4, "brings a database back to");
    change(dir, "path: text not null", "path: text not null\n      title: text");
    expect(&pgform(dir, &["plan", "-m", "title"]), 0, "on 0001 first");
    expect(&pgform(dir, &["apply", "-d", &other.url, "--yes"]), 0, "applied: 0001 first, 0004 title");
    // What the last run did is a repair; by its name, the plan under it goes back.
    let run = pgform(dir, &["rollback", "-d", url, "--yes"]);
    expect(&run, 4, "0003 repair-2 would go back, which was not asked for by its name");
    expect(&pgform(dir, &["rollback", "repair-2", "-d", url, "--yes"]), 0, "rolled back: 0003 repair-2");
    assert_eq!(sql(&database, "select count(*) from pg_class where relname = 'chunks'"), "0");
    expect(&pgform(dir, &["repair", "-m", "again", "-d", url]), 0, "made again EMPTY");
    expect(&apply(dir, &database, "again"), 0, "applied: 0005 again");
    expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "applied: 0004 title");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0004 title");
    expect(&pgform(dir, &["rollback", "first", "-d", url, "--yes"]), 0, "rolled back: 0001 first");
    expect(&pgform(dir, &["check", "-d", url]), 2, "at no plan");
}

#[test]
fn what_pgform_carries_is_made_again_or_named() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(
        &database,
        "create table t (id int primary key, n int);
         create function touch() returns trigger language plpgsql as 'begin return new; end';
         create function kept() returns int language sql as 'select 1';
         create text search configuration twice (parser = default);
         create trigger touched before update on t for each row execute function touch();
         create policy own on t using (true)",
    );
    let dir = tempfile::tempdir().unwrap();
    let (dir, url) = (dir.path(), database.url.as_str());
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    sql(
        &database,
        "drop function touch cascade; drop policy own on t; create or replace function kept() returns int language sql as 'select 2';
         alter text search configuration twice add mapping for word with simple",
    );
    let run = pgform(dir, &["repair", "-d", url]);
    expect(&run, 0, "touched");
    expect(&run, 0, "not repaired: ~ text search configuration twice");
    expect(&run, 0, "replace function kept()");
    expect(&apply(dir, &database, "repair"), 0, "applied: 0002 repair");
    assert_eq!(sql(&database, "select count(*) from pg_trigger where tgname = 'touched'"), "1");
    assert_eq!(sql(&database, "select count(*) from pg_policy"), "1");
    expect(&pgform(dir, &["check", "-d", url]), 3, "drift: 1 ~ text search configuration twice");
}
