//! What cannot be tested here is counted and named; in CI what must be there and is not fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use crate::support::{self, install_script};
use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

/// Set where this test runs itself as one that lacks something.
const LACKING: &str = "PGFORM_TEST_LACKS";

fn lacking(note: &Path, ci: bool, kind: &str) -> Output {
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .args(["--exact", "skipped::what_is_missing_is_noted_and_fails_in_ci"])
        .env(LACKING, kind)
        .env("PGFORM_SKIPPED", note);
    if ci {
        command.env("CI", "true")
    } else {
        command.env_remove("CI")
    };
    command.output().unwrap()
}

#[test]
fn what_is_missing_is_noted_and_fails_in_ci() {
    match env::var(LACKING).as_deref() {
        Ok("missing") => return support::missing("a server is not here"),
        Ok(_) => return support::skipped("a server may be missing"),
        Err(_) => {}
    }
    let dir = tempfile::tempdir().unwrap();
    let note = dir.path().join("note");
    for (kind, ci, passes) in [("missing", false, true), ("missing", true, false), ("skipped", true, true)] {
        let _ = fs::remove_file(&note);
        let done = lacking(&note, ci, kind);
        assert_eq!(done.status.success(), passes, "{kind} {ci}: {}", String::from_utf8_lossy(&done.stdout));
        let noted = fs::read_to_string(&note).unwrap_or_default();
        assert_eq!(noted.starts_with("skipped::what_is_missing_is_noted_and_fails_in_ci: "), passes, "{noted}");
    }
}

/// `scripts/test.sh` with a cargo of ours: what that prints and notes, and how it ends.
fn summed(prints: &str, notes: &str, exit: i32) -> (String, Option<i32>) {
    let dir = tempfile::tempdir().unwrap();
    let cargo = dir.path().join("cargo");
    let script = format!("#!/bin/sh\ncat <<'X'\n{prints}X\nprintf '{notes}' >>\"$PGFORM_SKIPPED\"\nexit {exit}\n");
    install_script(&script, &cargo);
    let path = format!("{}:{}", dir.path().display(), env::var("PATH").unwrap());
    let test = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/test.sh");
    let done = Command::new(test).env("PATH", path).output().unwrap();
    (String::from_utf8_lossy(&done.stdout).into_owned(), done.status.code())
}

#[test]
fn the_run_ends_with_what_passed_failed_and_was_skipped_by_name() {
    let line = |passed, failed| {
        let word = if failed == 0 { "ok" } else { "FAILED" };
        format!(
            "test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 2 filtered out; finished in 1s\n"
        )
    };
    let (out, code) = summed(&(line(10, 0) + &line(5, 0)), "", 0);
    assert!(out.ends_with("\n15 passed, 0 failed, 0 skipped\n"), "{out}");
    assert_eq!(code, Some(0));
    let notes = "b::two: no server\\na::one: no server\\na::one: no other\\n";
    let (out, code) = summed(&(line(10, 0) + &line(4, 1)), notes, 101);
    assert!(
        out.contains("SKIPPED, in whole or in part:\n  a::one: no other\n  a::one: no server\n  b::two: no server\n"),
        "{out}"
    );
    assert!(out.ends_with("\n12 passed, 1 failed, 2 skipped\n"), "{out}");
    assert_eq!(code, Some(101));
    let ignored = "test c::three ... ignored, needs a machine\n";
    let result = "test result: ok. 4 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1s\n";
    let (out, _) = summed(&format!("{ignored}{result}"), "", 0);
    let named = "SKIPPED, in whole or in part:\n  c::three: needs a machine\n\n4 passed, 0 failed, 1 skipped\n";
    assert!(out.ends_with(named), "{out}");
}
