//! Walks every case forward, back and forward again, with rows, and keeps beside it what a reviewer would read.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]

use crate::support::{
    cases::{self, Case, Settled},
    kept, operations,
};
use pgform::{
    diagnostic::Diagnostics,
    model::Rename,
    plan::format::{BackPart, Lock, Segment, Step},
    report::snapshot,
    shadow::Bench,
    store::{PlanFile, SealedPlan, fold},
    workflow::{Between, Project, differences, settled_state},
};
use std::{collections::BTreeSet, time::Instant};

/// The plan of a case, proven; none where nothing differs. And whether planning again from there finds a change.
async fn walk(bench: &mut Bench, project: &Project, case: &Case) -> Result<Option<(PlanFile, bool)>, Diagnostics> {
    let (before, declared) = (case.before.clone()?, case.after.as_ref().map_err(Clone::clone)?);
    let head = settled_state(bench, project, &before).await?;
    let between =
        Between { project, head: &head, parent: None, ran: &[], declared, title: &case.name, small: &case.small };
    let Some(plan) = between.plan(bench).await? else { return Ok(None) };
    cases::planned(&case.name, Settled { head: head.clone(), segments: plan.body.segments.clone() });
    let stored = SealedPlan::new(plan.clone())?;
    let other = differences(stored.file(), &head);
    assert!(other.is_empty(), "{}: whoever plans it again finds something else: {}", case.name, other.join("; "));
    let there = fold(head.clone(), &plan.header);
    let own = plan.header.renames.iter().map(|r| Rename { from: r.from, to: r.to });
    let again = Between { head: &there, ran: &own.collect::<Vec<_>>(), ..between }.plan(bench).await?;
    Ok(Some((plan, again.is_some())))
}

fn locks(locks: &[Lock]) -> String {
    let words = |l: &Lock| format!("{} {}, {}", l.mode.as_str(), l.relation.short(), l.held.as_str());
    match locks {
        [] => "no lock".to_owned(),
        locks => locks.iter().map(words).collect::<Vec<_>>().join("; "),
    }
}

fn steps(steps: &[Step], alone: bool, out: &mut String) {
    for step in steps {
        let sql = match step {
            Step::Statement(statement) => statement.sql.clone(),
            Step::Assert(assert) => format!("holds: {}", assert.says),
        };
        let mark = if alone { "      (in no transaction) " } else { "      " };
        out.push_str(&format!("{mark}{}\n", sql.replace('\n', "\n        ")));
    }
}

fn part(number: usize, part: &BackPart, out: &mut String) {
    out.push_str(&format!("  {number}  {}\n", locks(&part.locks)));
    steps(&part.steps, !part.is_transactional(), out);
}

/// The review, then all statements forward, then all on the way back in the order in which they run.
fn shown(plan: PlanFile) -> String {
    let sealed = SealedPlan::new(plan).unwrap();
    let segments: Vec<(usize, &Segment)> = (1..).zip(&sealed.file().body.segments).collect();
    let mut out = format!("{}\nForward\n", snapshot(&sealed));
    for (number, segment) in &segments {
        out.push_str(&format!("  {number}  {}\n", locks(&segment.locks)));
        steps(&segment.steps, !segment.is_transactional(), &mut out);
    }
    out.push_str("\nBack\n");
    for (number, segment) in segments.iter().rev() {
        for condition in &segment.back.conditions {
            out.push_str(&format!("  {number}  first counts {}\n      {}\n", condition.says, condition.count));
        }
        segment.back.parts.iter().for_each(|p| part(*number, p, &mut out));
        if segment.back.parts.is_empty() {
            out.push_str(&format!("  {number}  nothing\n"));
        }
    }
    out
}

fn refused(diagnostics: &Diagnostics) -> String {
    let mut out = String::new();
    for d in &diagnostics.0 {
        out.push_str(&format!("error[{}]: {}\n", d.code.as_str(), d.message));
        for label in &d.labels {
            out.push_str(&format!("  {}:{} {}\n", label.place.source.name, label.place.line(), label.text));
        }
        out.extend(d.help.iter().map(|help| format!("  help: {help}\n")));
    }
    out
}

/// What the operations of a plan do, as the table of its review lists it: a row for each, with what it locks beside it; a
/// text that is too long goes on in the next row, indented, and what has no way back beside it is no operation.
fn operations_of(text: &str) -> BTreeSet<String> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("  #"));
    let Some(head) = lines.next() else { return BTreeSet::new() };
    let (from, until) = (head.find("step").unwrap(), head.find("locks").unwrap());
    let mut found: Vec<(String, bool)> = Vec::new();
    for row in lines.take_while(|line| !line.is_empty()) {
        let cell = row.chars().skip(from).take(until - from).collect::<String>();
        let is_operation = !row.chars().skip(until).all(char::is_whitespace);
        match (found.last_mut(), cell.strip_prefix("  ")) {
            (Some((before, _)), Some(more)) => *before = format!("{before} {}", more.trim_end()).trim_end().to_owned(),
            (_, _) => found.push((cell.trim_end().to_owned(), is_operation)),
        }
    }
    found.into_iter().filter(|(_, is_operation)| *is_operation).map(|(does, _)| does).collect()
}

/// What is wrong with a case, if anything.
async fn judge(bench: &mut Bench, project: &Project, case: &Case) -> Option<String> {
    let text = match (walk(bench, project, case).await, case.is_refused()) {
        (Ok(None), _) => return Some(format!("{}: nothing differs between the two files", case.name)),
        (Ok(Some((_, true))), false) => {
            return Some(format!("{}: planning again from there finds a change", case.name));
        }
        (Ok(Some((plan, _))), false) => {
            let does: BTreeSet<String> = plan.body.segments.iter().flat_map(|s| s.does.clone()).collect();
            let text = shown(plan);
            assert_eq!(operations_of(&text), does, "{}: its review lists other operations", case.name);
            text
        }
        (Err(diagnostics), true) => refused(&diagnostics),
        (Ok(_), true) => return Some(format!("{}: is planned, although its name says that it is refused", case.name)),
        (Err(diagnostics), false) => return Some(format!("{}: {}", case.name, refused(&diagnostics))),
    };
    let (kind, name) = case.name.split_once('/').unwrap_or_default();
    let same = std::panic::catch_unwind(|| kept(&format!("cases/{kind}"), name, &text));
    same.is_err().then(|| format!("{}: its snapshot differs", case.name))
}

/// Walks the cases in one folder.
async fn walk_all(kind: &str) {
    let (cases, project, began) = (cases::of(kind), cases::project(), Instant::now());
    let mut bench = cases::bench().await;
    let mut wrong = Vec::new();
    for case in &cases {
        wrong.extend(judge(&mut bench, &project, case).await);
    }
    bench.close().await.unwrap();
    eprintln!("{kind}: {} cases, {:.1} s", cases.len(), began.elapsed().as_secs_f32());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

cases::each_folder!(forward_and_back, walk_all);

#[test]
fn every_folder_is_walked_and_every_snapshot_has_a_case() {
    assert_eq!(
        cases::kinds(),
        forward_and_back::FOLDERS,
        "the folders under tests/cases are not those that are walked"
    );
    assert_eq!(cases::snapshots_without_case(&cases::all()), [] as [&str; 0], "snapshots of no case");
}

/// Each case's walk holds that its snapshot lists what its plan does, so the snapshots tell what all of them do.
#[test]
fn every_operation_is_reached_by_a_case() {
    let texts = cases::all().into_iter().filter(|case| !case.is_refused()).map(|case| cases::snapshot(&case.name));
    let seen = texts.flat_map(|text| operations_of(&text)).collect();
    let operations = operations::all();
    assert_eq!(operations::unreached(&operations, &seen), [] as [&str; 0], "operations that no case reaches");
}
