//! What a way back goes over where no plan is named, and what no pattern lets go.
use super::{DECLARATION, changed, sql};
use crate::support::{TestDatabase, Version, change, expect, fresh_database, pgform, pgform_with, project};
use std::{fs, path::Path};

fn plan(dir: &Path, from: &str, to: &str, name: &str) {
    change(dir, from, to);
    expect(&pgform(dir, &["plan", "-m", name]), 0, name);
}

/// Refused with the name of what would go back, and with nothing changed; the command that is printed does it.
#[track_caller]
fn must_be_named(dir: &Path, database: &TestDatabase, more: &[&str], because: &str, name: &str) {
    let back = [&["rollback", "-d", &database.url, "--yes"], more].concat();
    let before = database.server.dump(&database.name, &[]);
    let run = pgform(dir, &back);
    expect(&run, 4, because);
    expect(&run, 4, &format!("pgform rollback {name} -d"));
    assert_eq!(database.server.dump(&database.name, &[]), before, "something went back");
}

/// Keeps any table from getting a column of this name.
fn refuse_column(database: &TestDatabase, column: &str) {
    sql(
        database,
        &format!(
            "create function stop() returns event_trigger language plpgsql as $$ begin \
             if exists (select from pg_attribute where attname = '{column}' and not attisdropped) then \
             raise exception 'no column {column} here'; end if; end $$; \
             create event trigger stop on ddl_command_end execute function stop()"
        ),
    );
}

#[test]
fn after_an_apply_that_changed_nothing_the_plan_before_it_is_named() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let dir = changed(&database, "code: varchar(5)", "code: varchar(5)\n      title: text", &[]);
        let (dir, url) = (dir.path(), database.url.as_str());
        plan(dir, "title: text", "title: text\n      extra: text", "third");
        // Never begun: what waits is what was meant.
        must_be_named(dir, &database, &[], "0003 third is pending here and has not run", "second");
        refuse_column(&database, "extra");
        expect(&pgform(dir, &["apply", "-d", url, "--yes", "--as", "anna"]), 5, "stopped in segment 1 of 1");
        must_be_named(dir, &database, &["--allow", "DataLoss:*"], "an apply of 0003-third, changed nothing", "second");
        let status = pgform(dir, &["status", "-d", url]);
        expect(&status, 0, "failed: apply of 0003 third by anna");
        expect(&status, 0, "nothing changed: no column extra here");
        let json = pgform(dir, &["status", "-d", url, "--format", "json"]).out;
        assert!(json.contains("\"outcome\": \"failed\""), "{json}");
        // Named, it goes; and the one before that is named again.
        sql(&database, "drop event trigger stop; drop function stop");
        expect(&pgform(dir, &["rollback", "second", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
        must_be_named(dir, &database, &["--allow", "DataLoss:*"], "a rollback, undid 0002-second", "first");
    }
}

#[test]
fn after_an_apply_that_had_nothing_to_do_the_last_plan_is_named() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = changed(&database, "code: varchar(5)", "code: varchar(5)\n      title: text", &[]);
    let (dir, url) = (dir.path(), database.url.as_str());
    for _ in 0..3 {
        expect(&pgform(dir, &["apply", "-d", url, "--yes"]), 0, "nothing to do");
    }
    assert_eq!(sql(&database, "select count(*) from pgform.run"), "3", "each such apply has a row of its own");
    must_be_named(dir, &database, &[], "an apply of 0002-second, changed nothing (nothing to do", "second");
    // Nothing failed: `status` has nothing to say of it.
    assert!(!pgform(dir, &["status", "-d", url]).out.contains("failed"));
    expect(&pgform(dir, &["history", "-d", url]), 0, "nothing to do: every plan was applied here");
    expect(&pgform(dir, &["rollback", "second", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
    expect(&pgform(dir, &["apply", "-d", url, "--yes", "--again"]), 0, "applied: 0002 second");
    expect(&pgform(dir, &["rollback", "-d", url, "--yes"]), 0, "rolled back: 0002 second");
}

#[test]
fn after_a_dry_run_the_last_plan_is_named() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let dir = changed(&database, "code: varchar(5)", "code: varchar(5)\n      title: text", &[]);
    let (dir, url) = (dir.path(), database.url.as_str());
    plan(dir, "title: text", "title: text\n      extra: text", "third");
    expect(&pgform(dir, &["dry-run", "third", "-d", url, "--yes"]), 0, "the database is as before");
    must_be_named(dir, &database, &[], "a dry run of 0003-third, left nothing", "second");
}

#[test]
fn what_was_recorded_has_no_way_back_named_or_not() {
    let (Some(old), Some(new)) = (fresh_database(Version::V18), fresh_database(Version::V18)) else { return };
    sql(
        &old,
        "create table t (id int primary key, a text); insert into t select i, 'a' from generate_series(1, 1000) i",
    );
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    expect(&pgform(dir, &["import", "-d", &old.url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", &old.url, "--yes"]), 0, "adopted");
    expect(&pgform(dir, &["apply", "-d", &new.url, "--yes"]), 0, "applied: 0001 baseline");
    for (database, word) in [(&old, "was adopted here"), (&new, "was built here")] {
        for name in [&[][..], &["baseline"]] {
            let back = [&["rollback", "-d", &database.url, "--yes", "--allow", "DataLoss:*"], name].concat();
            expect(&pgform(dir, &back), 4, word);
            expect(&pgform(dir, &back), 4, "it has no way back here");
        }
        assert_eq!(sql(database, "select count(*) from pg_class where relname = 't'"), "1");
    }
}

#[test]
fn what_no_plan_made_is_lost_by_its_name_alone() {
    let Some(database) = fresh_database(Version::V18) else { return };
    sql(&database, "create table t (id int primary key, a text, b text); create table other (id int primary key)");
    sql(&database, "insert into t select i, 'a', 'b' from generate_series(1, 600) i; insert into other values (1)");
    let dir = tempfile::tempdir().unwrap();
    let (dir, url) = (dir.path(), database.url.as_str());
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    let file = dir.join("schema/tables/t.yaml");
    let text = fs::read_to_string(&file).unwrap();
    // Made by a plan, under a renamed table: its loss may be allowed by a pattern. The column from before may not.
    let renamed = text.replace("  t:\n", "  u:\n    renamed_from: t\n").replace("      b:", "      c: text\n      b:");
    fs::write(&file, &renamed).unwrap();
    expect(&pgform(dir, &["plan", "-m", "rename"]), 0, "0002-rename");
    let apply =
        |more: &[&str]| pgform(dir, &[&["apply", "-d", url, "--yes", "--allow", "BreaksClients:*"], more].concat());
    expect(&apply(&[]), 0, "applied: 0002 rename");
    fs::write(&file, renamed.replace("      c: text\n", "").replace("      b: text\n", "")).unwrap();
    fs::remove_file(dir.join("schema/tables/other.yaml")).unwrap();
    expect(&pgform(dir, &["plan", "-m", "drop"]), 0, "0003-drop");
    for pattern in ["DataLoss", "DataLoss:*", "DataLoss:u.*"] {
        let refused = apply(&["--allow", pattern]);
        expect(&refused, 4, "DataLoss of 0003 drop: column u.b is not allowed");
        expect(&refused, 4, "only its name");
        assert!(!refused.err.contains("u.c is not allowed"), "{pattern}: {}", refused.err);
    }
    let named = ["--allow", "DataLoss:*", "--allow", "DataLoss:u.b", "--allow", "DataLoss:other"];
    expect(&apply(&named), 0, "applied: 0003 drop");
}

#[test]
fn a_dry_run_loses_nothing_where_that_matters_and_says_what_it_lost_elsewhere() {
    for version in [Version::V18, Version::V16] {
        let Some(database) = fresh_database(version) else { return };
        let index = "    indexes:\n      documents_code_idx: {keys: [code], unique: true}\n";
        let dir = project(&DECLARATION.replace(index, ""));
        let dir = dir.path();
        let settings = "environments:\n  development: {url: {env: THERE}}\n  staging: {url: {env: THERE}}\n";
        fs::write(dir.join("pgform.yaml"), settings).unwrap();
        let variables = [("THERE", database.url.as_str())];
        let run = |args: &[&str]| pgform_with(dir, args, &variables);
        expect(&run(&["plan", "-m", "first"]), 0, "0001");
        expect(&run(&["apply", "--env", "staging", "--yes"]), 0, "applied");
        plan(dir, "      code: varchar(5)\n", "", "drop");
        let again = ["dry-run", "drop", "--env", "staging", "--yes", "--allow", "DataLoss:*"];
        // Nothing is in it: nothing is lost.
        expect(&run(&again), 0, "the database is as before");
        sql(&database, "insert into documents (path, code) select i::text, i::text from generate_series(1, 600) i");
        sql(&database, "insert into documents (path) values ('without')");
        let before = database.server.dump(&database.name, &[]);
        for allow in ["DataLoss:*", "DataLoss:documents.code"] {
            let refused = run(&["dry-run", "drop", "--env", "staging", "--yes", "--allow", allow]);
            expect(&refused, 4, "would lose here what its way back does not bring back: 600 values of documents.code");
        }
        assert_eq!(database.server.dump(&database.name, &[]), before, "something was lost");
        expect(&run(&["adopt", "--relabel", "--env", "development", "--yes"]), 0, "relabelled");
        let done = run(&["dry-run", "drop", "--env", "development", "--yes", "--allow", "DataLoss:*"]);
        expect(&done, 0, "LOST, as was allowed: 600 values of documents.code; all else is as before");
        assert!(!done.out.contains("the database is as before"), "{}", done.out);
    }
}
