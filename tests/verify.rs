//! A plan's SQL is what the planner makes, and whoever changes it is found: through the binary.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]
mod notes;

use crate::support::{Run, TestDatabase, Version, change, expect, fresh_database, pgform, pgform_with, project};
use pgform::model::Digest;
use std::{fs, path::Path};

const DECLARATION: &str = "\
schema: public
tables:
  documents:
    columns: {id: bigint generated always as identity, path: text not null, legacy: text}
    primary_key: [id]
  secrets:
    columns: {id: bigint}
views:
  paths: select path from documents where path in ('a', 'b')
";
const SECOND: &str = "plans/0002-second.yaml";

/// A project whose first plan is applied, and whose second one is made.
fn planned(database: &TestDatabase) -> tempfile::TempDir {
    let dir = project(DECLARATION);
    let path = dir.path();
    expect(&pgform(path, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    expect(&pgform(path, &["apply", "-d", &database.url, "--yes"]), 0, "applied: 0001 first");
    change(path, ", legacy: text", ", title: text, hits: bigint default 7");
    change(path, "primary_key: [id]", "primary_key: [id]\n    indexes: {documents_path_idx: [path]}");
    expect(&pgform(path, &["plan", "-m", "second"]), 0, "0002-second.yaml");
    dir
}

/// The text with the digest that it has: what somebody does who knows how.
fn sealed(text: &str) -> String {
    let end = text.rfind("digest: ").unwrap();
    format!("{}digest: {}\n", &text[..end], Digest::of("p1", &text.as_bytes()[..end]))
}

fn forge(dir: &Path, plan: &str, from: &str, to: &str) {
    let text = fs::read_to_string(dir.join(plan)).unwrap();
    assert!(text.contains(from), "no `{from}` in the plan:\n{text}");
    fs::write(dir.join(plan), sealed(&text.replacen(from, to, 1))).unwrap();
}

/// The planner that a plan names.
fn planner(dir: &Path, plan: &str) -> String {
    let text = fs::read_to_string(dir.join(plan)).unwrap();
    text.lines().find(|line| line.starts_with("planner: ")).unwrap().to_owned()
}

fn sql(database: &TestDatabase, sql: &str) -> String {
    database.server.sql(&database.name, sql)
}

fn apply(dir: &Path, database: &TestDatabase) -> Run {
    pgform(dir, &["apply", "-d", &database.url, "--yes", "--allow", "DataLoss:*", "--allow", "BreaksClients:*"])
}

#[test]
fn all_sql_is_shown_forward_and_back() {
    let dir = project(DECLARATION);
    let dir = dir.path();
    expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001-first.yaml");
    change(dir, ", legacy: text", ", title: text default 'a;b'");
    change(dir, "primary_key: [id]", "primary_key: [id]\n    indexes: {documents_path_idx: [path]}");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "0002-second.yaml");
    let run = pgform(dir, &["show", "second", "--sql"]);
    for words in [
        "-- segment 1 of 2: drop column documents.legacy, add column documents.title",
        "alter table public.documents drop column legacy;",
        "-- segment 1 of 2, back: comes back EMPTY",
        "-- counts values of documents.title written since: --   select count(*) from public.documents where",
        "alter table public.documents add column legacy text;",
        "create index concurrently documents_path_idx on public.documents",
        "-- how far it came: --   select",
        "drop index concurrently public.documents_path_idx;",
    ] {
        expect(&run, 0, words);
    }
    let json = pgform(dir, &["show", "second", "--sql", "--verify", "--format", "json"]);
    expect(&json, 0, "\"sql\": \"alter table public.documents drop column legacy\"");
    expect(&json, 0, "makes the same");
    assert!(!pgform(dir, &["show", "second"]).out.contains("alter table"), "nobody asked for it");
    expect(&pgform(dir, &["show", "second", "--sql", "--snapshot"]), 1, "cannot be used with");
}

/// Tries every command that reads the second plan alone, once it is forged.
fn told_as_forged(dir: &Path, says: &str) {
    expect(&pgform(dir, &["show", "second"]), 0, "Proof    full");
    let shown = pgform(dir, &["show", "second", "--sql", "--verify"]);
    expect(&shown, 4, "error[not-verified]");
    expect(&shown, 4, says);
    expect(&shown, 4, "Verified NO");
    expect(&pgform(dir, &["approve", "second", "--accept", "DataLoss:documents.legacy"]), 4, says);
}

#[test]
fn whatever_is_changed_by_hand_is_found_and_not_run() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let dir = dir.path();
    let whole = fs::read_to_string(dir.join(SECOND)).unwrap();
    let drops = "alter table public.documents drop column legacy";
    let statement = format!("- statement:\n      sql: {drops}\n");
    let cases: [(&str, String, &str); 10] = [
        (
            drops,
            format!("{drops}; drop table public.secrets"),
            "runs `alter table public.documents drop column legacy; drop",
        ),
        (
            &statement,
            format!("{statement}  - statement:\n      sql: drop table public.secrets\n"),
            "runs `drop table public.secrets`, which the planner does not make",
        ),
        (&statement, "- statement:\n      sql: select 1\n".to_owned(), "runs `select 1` in the place of `alter table"),
        (
            "sql: alter table public.documents drop column title",
            "sql: drop table public.secrets".to_owned(),
            "goes back with `drop table public.secrets` in the place of",
        ),
        ("select count(*) from public.documents where hits", "select 0 as hits".to_owned(), "counts with `select 0"),
        ("hazard: DataLoss", "hazard: LongScan".to_owned(), "its hazards are not what the planner makes"),
        ("mode: AccessExclusive", "mode: AccessShare".to_owned(), "its locks are not what the planner makes"),
        (
            "- drop column documents.legacy",
            "- tidy up documents".to_owned(),
            "its words are not what the planner makes",
        ),
        ("kind: StructureOnly", "kind: Exact".to_owned(), "its way back"),
        ("detail: bigint default 7", "detail: bigint".to_owned(), "the changes that its review lists"),
    ];
    for (from, to, says) in &cases {
        forge(dir, SECOND, from, to);
        told_as_forged(dir, says);
        expect(&apply(dir, &database), 4, says);
        let url = database.url.as_str();
        let tried = pgform(dir, &["dry-run", "second", "-d", url, "--yes", "--allow", "DataLoss:*"]);
        expect(&tried, 4, if *from == "hazard: DataLoss" { "not-verified" } else { says });
        let columns =
            "select string_agg(attname, ',' order by attnum) from pg_attribute where attnum > 0 and attrelid = ";
        assert_eq!(
            sql(&database, &format!("{columns} 'documents'::regclass")),
            "id,path,legacy",
            "{from}: something ran"
        );
        fs::write(dir.join(SECOND), &whole).unwrap();
    }
    expect(&pgform(dir, &["show", "second", "--verify"]), 0, "makes the same from the states before and after");
    // A segment more, and one less.
    let at = whole.find("segments:\n").unwrap() + "segments:\n".len();
    let more = "- does:\n  - tidy up\n  steps:\n  - statement:\n      sql: drop table public.secrets\n  back:\n    kind: Exact\n    parts: []\n";
    fs::write(dir.join(SECOND), sealed(&format!("{}{more}{}", &whole[..at], &whole[at..]))).unwrap();
    expect(&apply(dir, &database), 4, "drop table public.secrets");
    fs::write(dir.join(SECOND), &whole).unwrap();
    expect(&apply(dir, &database), 0, "applied: 0002 second");
    assert_eq!(sql(&database, "select count(*) from secrets"), "0");
}

/// The states are what planning starts from: SQL that is put into them, and into the steps alike, is found as well.
#[test]
fn what_is_put_into_the_states_too_is_found() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let dir = dir.path();
    fs::remove_file(dir.join(SECOND)).unwrap();
    change(
        dir,
        "documents_path_idx: [path]",
        "documents_path_idx: {keys: [lower(path)], where: \"path in ('a', 'b')\"}",
    );
    change(dir, "hits: bigint default 7", "hits: bigint default 7 + 1");
    expect(&pgform(dir, &["plan", "-m", "second"]), 0, "0002-second.yaml");
    expect(&pgform(dir, &["show", "second", "--verify"]), 0, "makes the same");
    let whole = fs::read_to_string(dir.join(SECOND)).unwrap();
    let predicate = "path = ANY(ARRAY['a'::text, 'b'::text])";
    for (from, to, says) in [
        (predicate, "path = ANY(ARRAY['a'::text, 'b'::text]) and public.evil(path)", "which names evil"),
        (predicate, "path = 'a'; drop table public.secrets", "holds several statements in one"),
        ("7 + 1", "7 + 1); drop table public.secrets; select (1", "holds several statements in one"),
    ] {
        assert!(whole.contains(from), "no `{from}` in:\n{whole}");
        fs::write(dir.join(SECOND), sealed(&whole.replace(from, to))).unwrap();
        expect(&pgform(dir, &["show", "second", "--verify"]), 4, says);
        expect(&apply(dir, &database), 4, says);
    }
}

#[test]
fn another_planner_cannot_tell_and_says_so_and_some_environments_refuse_that() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let dir = dir.path();
    let named = planner(dir, SECOND);
    // Another planner that makes the same is as good.
    forge(dir, SECOND, &named, "planner: 0.0.1+0");
    expect(&pgform(dir, &["show", "second", "--verify"]), 0, "makes the same");
    forge(dir, SECOND, "planner: 0.0.1+0\n", "");
    expect(&pgform(dir, &["show", "second", "--verify"]), 0, "makes the same");
    // One that does not is in doubt.
    forge(dir, SECOND, "title: second\n", &format!("title: second\n{named}\n"));
    forge(dir, SECOND, "drop column legacy", "drop column /* by another planner */ legacy");
    expect(&pgform(dir, &["show", "second", "--verify"]), 4, "is not what planner");
    forge(dir, SECOND, &named, "planner: 0.0.1+0");
    let shown = pgform(dir, &["show", "second", "--verify"]);
    expect(&shown, 4, "could not be told: planner 0.0.1+0 made it, and this is planner");
    expect(&shown, 4, "pgform show second --sql");
    let settings = "environments:\n  production: {url: {env: PROD}, requires: {verified: true}}\n";
    fs::write(dir.join("pgform.yaml"), settings).unwrap();
    let variables = [("PROD", database.url.as_str())];
    let allow = ["--allow", "DataLoss:*", "--allow", "BreaksClients:*", "--yes"];
    let refused = pgform_with(dir, &[&["apply", "--env", "production"][..], &allow].concat(), &variables);
    expect(&refused, 4, "0002 second could not be verified, which production demands");
    expect(&pgform_with(dir, &["status", "--env", "production"], &variables), 0, "not verified");
    fs::remove_file(dir.join("pgform.yaml")).unwrap();
    let applied = apply(dir, &database);
    expect(&applied, 0, "0002 second could not be verified");
    expect(&applied, 0, "applied: 0002 second");
}

#[test]
fn a_plan_whose_parent_is_gone_cannot_be_verified() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let dir = dir.path();
    fs::copy(dir.join(SECOND), dir.join("second.yaml")).unwrap();
    fs::remove_dir_all(dir.join("plans")).unwrap();
    let run = pgform(dir, &["show", "second.yaml", "--verify"]);
    expect(&run, 4, "the state before it is not known");
}

/// What a plan takes in beside the states stands in its header: it can be planned again from there.
#[test]
fn what_came_from_elsewhere_is_in_the_header() {
    let (Some(old), Some(new)) = (fresh_database(Version::V16), fresh_database(Version::V18)) else { return };
    let schema = "create table documents (id bigint primary key, path varchar(40), state varchar(9) check (state in ('a', 'b')), n int);
        create view paths as select d.*, path::text || 'x' as px from documents d where path = any ('{a,b}'); \
        create type mood as enum ('low', 'high');";
    for database in [&old, &new] {
        sql(database, schema);
        let folder = tempfile::tempdir().unwrap();
        let (dir, url) = (folder.path(), database.url.as_str());
        expect(&pgform(dir, &["import", "-d", url]), 0, "baseline");
        expect(&pgform(dir, &["show", "1", "--verify"]), 0, "nothing runs");
        expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "0001");
        // Dropped, retyped under a view, renamed: each takes in something that no state of the chain has.
        sql(database, "create table leftover (id int, note text default 'x')");
        everywhere(dir, "character varying(40)", "character varying(60)");
        let mood = "  mood:\n    labels: [low, higher]\n    renamed_labels: {higher: high}";
        everywhere(dir, "  mood:\n  - low\n  - high", mood);
        let run = pgform(dir, &["plan", "-m", "clean", "--drop", "leftover", "-d", url]);
        expect(&run, 0, "0002-clean.yaml");
        expect(&run, 0, "create view paths");
        expect(&pgform(dir, &["show", "clean", "--verify"]), 0, "makes the same");
        let allow = ["--allow", "DataLoss:leftover", "--allow", "BreaksClients:*"];
        expect(&pgform(dir, &[&["apply", "-d", url, "--yes"][..], &allow].concat()), 0, "applied: 0002 clean");
    }
}

/// Replaces a text in all files of the declaration.
fn everywhere(dir: &Path, from: &str, to: &str) {
    let mut folders = vec![dir.join("schema")];
    let mut found = false;
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            found |= text.contains(from);
            fs::write(&path, text.replace(from, to)).unwrap();
        }
    }
    assert!(found, "no `{from}` in the declaration");
}

/// The journal's copy of a plan, changed by whoever can write there, with the digest that it has then.
fn forge_journal(database: &TestDatabase, from: &str, to: &str) {
    let last = "(select plan from pgform.run order by id desc limit 1)";
    let bytes = sql(
        database,
        &format!("select encode(convert_to(bytes, 'UTF8'), 'base64') from pgform.plan where digest = {last}"),
    );
    let decoded =
        sql(database, &format!("select convert_from(decode('{}', 'base64'), 'UTF8')", bytes.replace('\n', "")));
    let text = format!("{}\n", decoded.trim_end());
    assert!(text.contains(from), "no `{from}` in the plan:\n{text}");
    let forged = sealed(&text.replacen(from, to, 1));
    let digest = Digest::of("p1", &forged.as_bytes()[..forged.rfind("digest: ").unwrap()]);
    sql(
        database,
        &format!(
            "begin; insert into pgform.plan (digest, body, parent, name, segments, bytes) select '{digest}', body, parent, name, \
             segments, $forged${forged}$forged$ from pgform.plan where digest = {last};
             update pgform.run set plan = '{digest}' where plan = {last}; commit"
        ),
    );
}

#[test]
fn a_way_back_is_planned_again_before_it_runs() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    expect(&apply(dir, &database), 0, "applied: 0002 second");
    let allow = ["--yes", "--allow", "DataLoss:*"];
    let back = [&["rollback", "-d", url][..], &allow].concat();
    // The file is gone, and the journal's copy goes back another way.
    let whole = fs::read_to_string(dir.join(SECOND)).unwrap();
    fs::remove_file(dir.join(SECOND)).unwrap();
    forge_journal(&database, "sql: drop index", "sql: drop table public.secrets; drop index");
    let refused = pgform(dir, &back);
    expect(&refused, 4, "error[not-verified]: 0002-second is not what planner");
    expect(&refused, 4, "drop table public.secrets");
    assert_eq!(sql(&database, "select count(*) from secrets"), "0");
    fs::write(dir.join(SECOND), &whole).unwrap();
}

#[test]
fn another_planner_cannot_tell_a_way_back_and_some_environments_refuse_that() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = planned(&database);
    let (dir, url) = (dir.path(), database.url.as_str());
    forge(dir, SECOND, &planner(dir, SECOND), "planner: 0.0.1+0");
    forge(
        dir,
        SECOND,
        "alter table public.documents drop column hits",
        "alter table public.documents drop /* as ever */ column hits",
    );
    expect(&apply(dir, &database), 0, "applied: 0002 second");
    let settings = "environments:\n  production: {url: {env: PROD}, requires: {verified: true}}\n";
    fs::write(dir.join("pgform.yaml"), settings).unwrap();
    let variables = [("PROD", url)];
    let back = ["rollback", "--env", "production", "--yes", "--allow", "DataLoss:*"];
    let refused = pgform_with(dir, &back, &variables);
    expect(&refused, 4, "0002 second could not be verified, which production demands");
    expect(&refused, 4, "the pgform that has planner 0.0.1+0 can tell, and goes back the same way");
    expect(&refused, 4, "pgform show second --sql");
    assert!(!refused.err.contains("--replace"), "{}", refused.err);
    fs::remove_file(dir.join("pgform.yaml")).unwrap();
    let done = pgform(dir, &["rollback", "-d", url, "--yes", "--allow", "DataLoss:*"]);
    expect(&done, 0, "warning[not-verified]: 0002 second could not be verified");
    expect(&done, 0, "rolled back: 0002 second");
}
