//! Suggested commands: one place makes them, each one is a command line that pgform takes, and run as printed it leads out
//! of what the message tells, on the database that was asked about.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails where it must")]

mod drift;
mod printed;
mod source;

use crate::support::{self, Run, TestDatabase, Version, change, expect, pgform, project};
use printed::{as_printed, hint, run_as_printed};
use std::path::Path;

const DECLARATION: &str = "\
tables:
  documents:
    columns:
      id: bigint generated always as identity
      path: text not null
      size: integer
    primary_key: [id]
";

/// A project whose `pgform.yaml` names another database, which nothing here may touch.
fn scene() -> Option<(tempfile::TempDir, TestDatabase)> {
    let database = support::fresh_database(Version::V18)?;
    let dir = project(DECLARATION);
    let settings = "environments:\n  elsewhere: {url: {env: ELSEWHERE}}\n";
    std::fs::write(dir.path().join("pgform.yaml"), settings).unwrap();
    Some((dir, database))
}

fn on(dir: &Path, database: &TestDatabase, args: &[&str]) -> Run {
    let mut all = args.to_vec();
    all.extend(["-d", &database.url]);
    pgform(dir, &all)
}

/// Runs the command that is suggested for a purpose; it must name the database that was asked about.
#[track_caller]
fn take(dir: &Path, database: &TestDatabase, said: &Run, does: &str) -> Run {
    let command = hint(said, does);
    let names_another = command.contains("-d ") && !command.contains(&database.name);
    assert!(!names_another && !command.contains("--env"), "another database: {command}");
    run_as_printed(dir, &command)
}

fn planned(dir: &Path) -> Run {
    let run = pgform(dir, &["plan", "-m", "first"]);
    expect(&run, 0, "0001-first.yaml");
    run
}

#[test]
fn from_the_first_file_to_a_database_in_step() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    let plan = run_as_printed(dir, &hint(&pgform(dir, &["validate"]), "next"));
    expect(&plan, 0, "Plan 0001");
    let approved = run_as_printed(dir, &hint(&plan, "next"));
    expect(&approved, 0, "is approved");
    // Nobody asked about a database: an environment of pgform.yaml is named.
    assert_eq!(hint(&approved, "next"), "pgform apply --env elsewhere");
    let status = on(dir, &database, &["status"]);
    expect(&take(dir, &database, &status, "next"), 0, "applied: 0001");
    expect(&on(dir, &database, &["check"]), 0, "drift: none");
}

#[test]
fn an_import_leads_to_adopting_what_was_imported() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    std::fs::remove_dir_all(dir.join("schema")).unwrap();
    database.server.sql(&database.name, "create table t (id bigint primary key, \"it's\" text)");
    let imported = on(dir, &database, &["import"]);
    expect(&take(dir, &database, &imported, "next"), 0, "adopted: 0001 baseline");
    expect(&on(dir, &database, &["check"]), 0, "drift: none");
}

#[test]
fn hazards_are_accepted_or_allowed_all_at_once() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
    change(dir, "      path: text not null\n      size: integer\n", "");
    let review = pgform(dir, &["plan", "-m", "less"]);
    let refused = on(dir, &database, &["apply", "--yes"]);
    expect(&refused, 4, "error[hazard]");
    expect(&take(dir, &database, &refused, "or for this run"), 0, "applied: 0002 less");
    expect(&run_as_printed(dir, &hint(&review, "next")), 0, "is approved");
}

#[test]
fn a_stop_says_how_to_go_on_and_how_to_go_back() {
    for (way, ends) in [("go on", "applied: 0002 unique"), ("go back", "rolled back: 0002 unique")] {
        let Some((dir, database)) = scene() else { return };
        let dir = dir.path();
        planned(dir);
        expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
        change(dir, "size: integer", "size: integer\n      note: text");
        change(dir, "primary_key: [id]", "primary_key: [id]\n    unique:\n      documents_size_key: [size]");
        expect(&pgform(dir, &["plan", "-m", "unique"]), 0, "0002");
        let stop = "create function stop() returns event_trigger language plpgsql as $$ begin raise 'no'; end $$;
            create event trigger stop on ddl_command_start when tag in ('CREATE INDEX') execute function stop()";
        database.server.sql(&database.name, stop);
        let stopped = on(dir, &database, &["apply", "--yes"]);
        expect(&stopped, 5, "stopped in segment");
        database.server.sql(&database.name, "drop event trigger stop; drop function stop");
        let status = on(dir, &database, &["status"]);
        assert!(hint(&status, way).contains(&database.name), "{}", status.out);
        expect(&take(dir, &database, &stopped, way), 0, ends);
    }
}

#[test]
fn what_is_held_runs_again_or_is_replaced() {
    for (way, ends) in [("again", "applied: 0001 first"), ("or make a plan that replaces it", "Plan 0002 first")] {
        let Some((dir, database)) = scene() else { return };
        let dir = dir.path();
        planned(dir);
        expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
        expect(&on(dir, &database, &["rollback", "first", "--yes"]), 0, "rolled back");
        change(dir, "size: integer", "size: bigint");
        let status = on(dir, &database, &["status"]);
        expect(&take(dir, &database, &status, way), 0, ends);
    }
}

#[test]
fn a_way_back_that_loses_rows_names_the_command_that_allows_it() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
    database.server.sql(&database.name, "insert into documents (path) values ('a')");
    let refused = on(dir, &database, &["rollback", "first", "--yes"]);
    expect(&refused, 4, "1 row of documents written since");
    expect(&take(dir, &database, &refused, "if they may go"), 0, "rolled back: 0001 first");
}

#[test]
fn no_password_is_repeated_and_the_address_still_is() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    let url = database.url.replacen('@', ":it-is-secret@", 1);
    assert!(url.contains("it-is-secret"), "the address has a user: {url}");
    let status = pgform(dir, &["status", "-d", &url]);
    assert!(!format!("{}{}", status.out, status.err).contains("secret"), "{status:?}");
    expect(&take(dir, &database, &status, "next"), 0, "applied: 0001");
}

#[test]
fn variables_and_folders_are_repeated_as_a_shell_takes_them() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    std::fs::rename(dir.join("schema"), dir.join("it's here")).unwrap();
    let folders = ["--schema-dir", "it's here", "--plans-dir", "db/plans"];
    let with =
        |args: &[&str], variables: &[(&str, &str)]| support::pgform_with(dir, &[args, &folders].concat(), variables);
    expect(&with(&["plan", "-m", "first"], &[]), 0, "0001-first.yaml");
    let named = [("PGVECTOR_DB_URL", database.url.as_str())];
    let command = hint(&with(&["status"], &named), "next");
    let expected = "pgform apply -d \"$PGVECTOR_DB_URL\" --schema-dir 'it'\\''s here' --plans-dir db/plans";
    assert_eq!(command, expected);
    expect(&as_printed(dir, &format!("{command} --yes"), &named), 0, "applied: 0001");
    // What only `.env` says is read first.
    std::fs::write(dir.join(".env"), format!("PGVECTOR_DB_URL='{}'\n", database.url)).unwrap();
    let file = dir.join("it's here/documents.yaml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("size: integer", "size: integer\n      note: text")).unwrap();
    expect(&with(&["plan", "-m", "second"], &[]), 0, "0002");
    let command = hint(&with(&["status"], &[]), "next");
    assert!(command.starts_with(". ./.env && pgform apply"), "{command}");
    expect(&as_printed(dir, &format!("{command} --yes"), &[]), 0, "applied: 0002");
}

#[test]
fn a_plan_outside_of_the_plans_folder_is_named_by_its_file() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
    change(dir, "      size: integer\n", "");
    let review = pgform(dir, &["plan", "-m", "less", "--output", "p.yaml"]);
    let refused = on(dir, &database, &["apply", "p.yaml", "--yes"]);
    expect(&run_as_printed(dir, &hint(&review, "next")), 0, "p is approved");
    expect(&refused, 4, "error[hazard]");
    expect(&take(dir, &database, &refused, "or for this run"), 0, "applied: p");
}

#[test]
fn an_approval_beside_a_plan_outside_of_the_plans_folder_counts() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
    change(dir, "      size: integer\n", "");
    std::fs::create_dir(dir.join("reviewed")).unwrap();
    let review = pgform(dir, &["plan", "-m", "less", "--output", "reviewed/p.yaml"]);
    let approved = run_as_printed(dir, &hint(&review, "next"));
    expect(&approved, 0, "p is approved\nreviewed/p.receipts/review.yaml");
    expect(&approved, 0, "next: pgform apply reviewed/p.yaml --env elsewhere");
    expect(&pgform(dir, &["show", "reviewed/p.yaml"]), 0, "next: pgform apply reviewed/p.yaml");
    let applied = on(dir, &database, &["apply", "reviewed/p.yaml", "--yes"]);
    expect(&applied, 0, "to do: p (approved)");
    expect(&applied, 0, "accepted: DataLoss documents.size\n");
    // It is in no chain, and nobody says that it should be.
    expect(&on(dir, &database, &["rollback", "reviewed/p.yaml", "--yes"]), 0, "rolled back: p");
}

#[test]
fn a_plan_outside_of_the_plans_folder_whose_file_has_a_number_is_named_by_its_file_too() {
    let Some((dir, database)) = scene() else { return };
    let dir = dir.path();
    planned(dir);
    expect(&on(dir, &database, &["apply", "--yes"]), 0, "applied");
    change(dir, "      size: integer\n", "");
    let review = pgform(dir, &["plan", "-m", "less", "--output", "0009-less.yaml"]);
    let refused = on(dir, &database, &["apply", "0009-less.yaml", "--yes"]);
    expect(&run_as_printed(dir, &hint(&review, "next")), 0, "0009 less is approved");
    let applied = take(dir, &database, &refused, "or for this run");
    expect(&applied, 0, "applied: 0009 less");
    // Its file is not given: the journal has it.
    let back = on(dir, &database, &["rollback", "--yes"]);
    expect(&back, 0, "rolled back: 0009-less");
    assert!(back.out.contains("0009-less.yaml --again"), "{}", back.out);
    expect(
        &on(dir, &database, &["apply", "0009-less.yaml", "--yes", "--again", "--allow", "DataLoss:*"]),
        0,
        "applied: 0009 less",
    );
    // Its file is given.
    expect(&on(dir, &database, &["rollback", "0009-less.yaml", "--yes"]), 0, "rolled back: 0009 less");
    let held = on(dir, &database, &["apply", "0009-less.yaml", "--yes"]);
    expect(&held, 4, "held");
    assert!(held.err.contains("pgform apply 0009-less.yaml --again"), "{}", held.err);
}
