//! Schemas that real projects run, and small ones with what they use: imported through the binary, planned to "no
//! changes", used with another major version, changed, and walked forward, back and forward again. The dumps stand beside
//! the checkout and are not a part of it: where they are missing, that is said aloud.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot be set up fails, and what is skipped is said aloud"
)]

mod built;
mod carried;
mod walks;

use crate::support::{self, TestDatabase, Version, expect, fresh_database, pgform};
use std::{fs, path::Path, path::PathBuf};

/// A folder of the real schemas; none, and said aloud, if they are not on this machine.
fn folder(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("PGFORM_SCHEMAS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"), PathBuf::from);
    let folder = root.join(name);
    if !folder.is_dir() {
        let message = format!("{} is not on this machine (PGFORM_SCHEMAS names the folder)", folder.display());
        support::skipped(&message);
        return None;
    }
    Some(folder)
}

/// The dumps in a folder with their names, in order.
fn dumps_in(folder: &Path) -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "sql"));
    files.sort();
    let read =
        |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
    files.into_iter().map(read).collect()
}

fn dumps() -> Vec<(String, String)> {
    folder("real").map(|folder| dumps_in(&folder)).unwrap_or_default()
}

/// All real schemas: those of before, those with much that is only carried, and the last states of the histories.
pub(crate) fn schemas() -> Vec<(String, String)> {
    let mut all = dumps();
    all.extend(folder("more").into_iter().flat_map(|folder| dumps_in(&folder)));
    let Some(histories) = folder("history") else { return all };
    let mut histories: Vec<PathBuf> = fs::read_dir(histories).unwrap().map(|e| e.unwrap().path()).collect();
    histories.sort();
    for history in histories {
        let last = dumps_in(&history).pop();
        all.extend(last.map(|(state, dump)| (format!("{} {state}", history.file_name().unwrap().display()), dump)));
    }
    all
}

/// The schemas that a dump makes, as `pgform.yaml` names them.
fn settings(dump: &str) -> String {
    let made = dump.lines().filter_map(|line| line.strip_prefix("CREATE SCHEMA ")?.strip_suffix(';'));
    let names: Vec<&str> = made.chain(["public"]).collect();
    format!("scope:\n  schemas: [{}]\n", names.join(", "))
}

/// Imports a database into `schema-NAME` and `plans-NAME`, and plans to "no changes".
pub(crate) fn import(dir: &Path, database: &TestDatabase, name: &str) {
    let (schema, plans) = (format!("schema-{name}"), format!("plans-{name}"));
    let folders = ["--schema-dir", schema.as_str(), "--plans-dir", plans.as_str()];
    expect(&pgform(dir, &[&["import", "-d", &database.url], folders.as_slice()].concat()), 0, "");
    unchanged(dir, name, name);
}

/// The declaration of one import on the baseline of another.
fn unchanged(dir: &Path, declaration: &str, baseline: &str) {
    let (schema, plans) = (format!("schema-{declaration}"), format!("plans-{baseline}"));
    let plan = ["plan", "-m", "none", "--detailed-exitcode", "--schema-dir", &schema, "--plans-dir", &plans];
    expect(&pgform(dir, &plan), 0, "no changes");
}

#[test]
fn real_schemas_import_and_plan_to_no_changes_on_18_and_16() {
    for (name, dump) in dumps() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("pgform.yaml"), settings(&dump)).unwrap();
        let mut whole = Vec::new();
        for (version, label) in [(Version::V18, "18"), (Version::V16, "16")] {
            let Some(database) = fresh_database(version) else { continue };
            let errors = database.server.load(&database.name, &dump);
            import(dir.path(), &database, label);
            if errors.is_empty() {
                whole.push((label, database));
            } else {
                eprintln!("{name} is not whole on {label}: {}", errors[0]);
            }
        }
        let [(_, _), (_, on_16)] = whole.as_slice() else { continue };
        // What the other major prints otherwise is no change, and no drift.
        unchanged(dir.path(), "16", "18");
        unchanged(dir.path(), "18", "16");
        let project = ["--schema-dir", "schema-18", "--plans-dir", "plans-18"];
        let run = |words: &[&str]| pgform(dir.path(), &[words, project.as_slice()].concat());
        expect(&run(&["adopt", "-d", &on_16.url, "--yes"]), 0, "");
        expect(&run(&["check", "-d", &on_16.url]), 0, "");
        eprintln!("{name}: imported from 18 and used with 16");
    }
}
