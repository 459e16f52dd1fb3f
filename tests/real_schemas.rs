//! Schemas that real projects run, and small ones with what they use: imported through the binary, planned to "no
//! changes", used with another major version, changed, and walked forward, back and forward again. The dumps stand beside
//! the checkout and are not a part of it: where they are missing, that is said aloud.
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test that cannot be set up fails, and what is skipped is said aloud"
)]
mod support;

#[path = "real_schemas/carried.rs"]
mod carried;
#[path = "real_schemas/walks.rs"]
mod walks;

use std::{fs, path::Path, path::PathBuf};
use support::{TestDatabase, Version, expect, fresh_database, pgform};

fn dumps() -> Vec<(String, String)> {
    let root = std::env::var_os("PGFORM_SCHEMAS")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/schemas"), PathBuf::from);
    let Ok(entries) = fs::read_dir(root.join("real")) else {
        support::skipped("the real schemas are not on this machine (PGFORM_SCHEMAS names their folder)");
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = entries.map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "sql"));
    files.sort();
    let read =
        |path: PathBuf| (path.file_stem().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap());
    files.into_iter().map(read).collect()
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
