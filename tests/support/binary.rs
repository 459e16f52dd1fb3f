//! The binary, as its user runs it.
use super::planned::once;
use std::{fs, path::Path, process::Command};

/// What a command did.
#[derive(Clone, Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Runs pgform in a folder, without any variable of this machine that names a database.
pub fn pgform(dir: &Path, args: &[&str]) -> Run {
    pgform_with(dir, args, &[])
}

/// As [`pgform`], with variables.
pub fn pgform_with(dir: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    if variables.is_empty() { once(dir, args, || really(dir, args, &[])) } else { really(dir, args, variables) }
}

fn really(dir: &Path, args: &[&str], variables: &[(&str, &str)]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pgform"));
    for name in ["PGFORM_DATABASE_URL", "PGVECTOR_DB_URL", "DATABASE_URL"] {
        command.env_remove(name);
    }
    let done = command.args(args).envs(variables.iter().copied()).current_dir(dir).output().unwrap();
    Run {
        code: done.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&done.stdout).into_owned(),
        err: String::from_utf8_lossy(&done.stderr).into_owned(),
    }
}

/// Asserts an exit code, and words that must stand in what was printed.
#[track_caller]
pub fn expect(run: &Run, code: i32, words: &str) {
    // Long messages are wrapped where they are shown.
    let flat = |text: &str| text.split_whitespace().filter(|w| *w != "│").collect::<Vec<_>>().join(" ");
    assert_eq!(run.code, code, "{}\n{}", run.out, run.err);
    let wanted = flat(words);
    let found = flat(&run.out).contains(&wanted) || flat(&run.err).contains(&wanted);
    assert!(found, "no `{words}` in:\n{}\n{}", run.out, run.err);
}

/// `--allow`, with each hazard of a plan by its name; `folders` is what else the command needs.
pub fn by_name(dir: &Path, plan: &str, folders: &[&str]) -> Vec<String> {
    let run = pgform(dir, &[&["show", plan, "--format", "json"], folders].concat());
    assert_eq!(run.code, 0, "{}", run.err);
    let review: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    let hazards = review["data"]["hazards"].as_array().unwrap();
    let names = hazards.iter().filter_map(|hazard| hazard["accept"].as_str());
    names.flat_map(|name| ["--allow".to_owned(), name.to_owned()]).collect()
}

/// A project with one file of declarations.
pub fn project(text: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("schema")).unwrap();
    fs::write(dir.path().join("schema/documents.yaml"), text).unwrap();
    dir
}

/// Changes the declaration.
#[track_caller]
pub fn change(dir: &Path, from: &str, to: &str) {
    let path = dir.join("schema/documents.yaml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "no `{from}` in the declaration");
    fs::write(path, text.replace(from, to)).unwrap();
}
