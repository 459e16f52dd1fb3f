//! The reference project, the demo and README's tour are one story, and each of them is true: `make reference` makes the
//! project again by this pgform's own commands.
#![allow(clippy::unwrap_used, reason = "a story that cannot be read fails")]
use crate::support::{expect, pgform};
use pgform::{store::Plans, workflow::differences};
use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names of a folder's files that end so, without the end.
fn names(folder: &str, end: &str) -> BTreeSet<String> {
    let files = fs::read_dir(here().join(folder)).unwrap().map(|entry| entry.unwrap().file_name());
    files.filter_map(|file| file.to_str().unwrap().strip_suffix(end).map(str::to_owned)).collect()
}

#[test]
fn its_plans_lead_to_its_declaration_and_its_reviews_are_as_reviewed() {
    expect(&pgform(here(), &["plan", "-m", "nothing"]), 0, "no changes");
    let plans = names("plans", ".yaml");
    assert!(plans.len() >= 4, "{plans:?}");
    assert_eq!(names("snapshots/plans", ".snap"), plans, "make reference");
    for plan in plans {
        expect(&pgform(here(), &["show", &plan, "--snapshot", "--check"]), 0, "the same");
    }
}

#[test]
fn its_plans_are_what_this_planner_makes() {
    let plans = Plans::load(&here().join("plans")).unwrap();
    for plan in plans.chain().unwrap().into_iter().filter(|plan| !plan.file().is_baseline()) {
        let other = differences(plan.file(), &plans.fold_before(plan.file()).unwrap());
        assert!(
            other.is_empty(),
            "make reference: {} is planned otherwise now: {}",
            plan.title_line(),
            other.join("; ")
        );
    }
}

#[test]
fn its_receipts_tell_of_a_team() {
    for plan in names("plans", ".receipts") {
        let receipts = |file: &str| {
            let text = fs::read_to_string(here().join(format!("plans/{plan}.receipts/{file}.yaml"))).unwrap();
            let kind = |line: &str| line.split("\"kind\":\"").nth(1)?.split('"').next().map(str::to_owned);
            text.lines().filter_map(kind).collect::<Vec<_>>()
        };
        assert_eq!(receipts("review"), ["made", "approved"], "{plan}");
        assert_eq!(receipts("on-staging"), ["dry_run", "applied"], "{plan}");
        assert_eq!(receipts("on-production"), ["applied"], "{plan}");
        expect(&pgform(here(), &["show", &plan]), 0, "next: pgform apply");
    }
}

/// What the demo prints, errors among it, with what differs from run to run as README has it.
fn demo() -> String {
    let dir = tempfile::tempdir().unwrap();
    let mut shell = Command::new("sh");
    shell.args(["-c", "exec \"$0\" demo 2>&1", env!("CARGO_BIN_EXE_pgform")]).current_dir(dir.path());
    let done = shell.output().unwrap();
    let out = String::from_utf8(done.stdout).unwrap();
    assert!(done.status.success(), "{out}");
    let url = out.split('\'').find(|part| part.starts_with("postgresql://")).unwrap().to_owned();
    let host = url.split(['@', '?']).nth(1).unwrap();
    let out = out.replace(&format!("'{url}'"), "URL").replace(host, "localhost:5432/vectordb");
    timed(&out.replace("\npostgres is at", "\nvectordb is at"))
}

/// A text whose lines of progress, ` 1/7  what  0.20 s`, end before what varies; each is there once.
fn timed(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().map(|line| progress(line).unwrap_or(line)).collect();
    // How long a count takes is told only where it takes long.
    lines.retain(|line| !line.starts_with("  is counted "));
    lines.dedup_by(|again, line| again == line && progress(&format!("{line}  0")).is_some());
    lines.join("\n") + "\n"
}

fn progress(line: &str) -> Option<&str> {
    let (number, rest) = line.trim_start().split_once('/')?;
    let (total, rest) = rest.split_once(' ')?;
    let counts = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let what = rest.trim_start().split("  ").next()?;
    (counts(number) && counts(total)).then(|| &line[..line.len() - rest.trim_start().len() + what.len()])
}

#[test]
fn readme_s_tour_is_what_the_demo_prints() {
    let demo = demo();
    let readme = fs::read_to_string(here().join("README.md")).unwrap();
    let tour = timed(readme.split("\n## Five minutes\n").nth(1).unwrap().split("\n## ").next().unwrap());
    let blocks: Vec<&str> = tour.split("\n```").skip(1).step_by(2).collect();
    assert!(blocks.len() >= 4, "{blocks:?}");
    for block in blocks {
        let text = block.split_once('\n').unwrap().1;
        let first = text.lines().next().unwrap_or_default();
        let there = demo.find(&format!("{first}\n")).unwrap_or_else(|| panic!("no `{first}` in:\n{demo}"));
        assert!(demo.contains(text), "README has\n{text}\nand the demo prints\n{}", &demo[there..]);
    }
    assert!(demo.contains("The rows are still there"), "{demo}");
}
