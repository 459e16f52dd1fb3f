//! Walks every case forward, back and forward again, with rows, and keeps beside it what a reviewer would read.
#![allow(unreachable_pub, clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]

use crate::support::{
    cases::{self, Case},
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

/// What no declaration can ask for yet: a case shows that it is refused.
const NOT_YET: &[&str] = &[];
/// The plan of a case, proven; none where nothing differs. And whether planning again from there finds a change.
async fn walk(bench: &mut Bench, project: &Project, case: &Case) -> Result<Option<(PlanFile, bool)>, Diagnostics> {
    let (before, declared) = (case.before.clone()?, case.after.as_ref().map_err(Clone::clone)?);
    let head = settled_state(bench, project, &before).await?;
    let between =
        Between { project, head: &head, parent: None, ran: &[], declared, title: &case.name, small: &case.small };
    let Some(plan) = between.plan(bench).await? else { return Ok(None) };
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

/// What is wrong with a case, if anything. Its segments' words are added to `seen`.
async fn judge(bench: &mut Bench, project: &Project, case: &Case, seen: &mut BTreeSet<String>) -> Option<String> {
    let text = match (walk(bench, project, case).await, case.is_refused()) {
        (Ok(None), _) => return Some(format!("{}: nothing differs between the two files", case.name)),
        (Ok(Some((_, true))), false) => {
            return Some(format!("{}: planning again from there finds a change", case.name));
        }
        (Ok(Some((plan, _))), false) => {
            seen.extend(plan.body.segments.iter().flat_map(|s| s.does.clone()));
            shown(plan)
        }
        (Err(diagnostics), true) => refused(&diagnostics),
        (Ok(_), true) => return Some(format!("{}: is planned, although its name says that it is refused", case.name)),
        (Err(diagnostics), false) => return Some(format!("{}: {}", case.name, refused(&diagnostics))),
    };
    let (kind, name) = case.name.split_once('/').unwrap_or_default();
    let same = std::panic::catch_unwind(|| kept(&format!("cases/{kind}"), name, &text));
    same.is_err().then(|| format!("{}: its snapshot differs", case.name))
}

#[tokio::test]
async fn every_case_is_walked_forward_and_back() {
    let (mut cases, project, began) = (cases::all(), cases::project(), Instant::now());
    // For whoever works on some of them: PGFORM_CASES=schema/ walks those alone, and says so by failing at the end.
    let only = std::env::var("PGFORM_CASES").ok();
    assert_eq!(cases::snapshots_without_case(&cases), [] as [&str; 0], "snapshots of no case");
    cases.retain(|case| only.as_ref().is_none_or(|start| case.name.starts_with(start.as_str())));
    let mut bench = cases::bench().await;
    let (mut wrong, mut seen) = (Vec::new(), BTreeSet::new());
    for case in &cases {
        wrong.extend(judge(&mut bench, &project, case, &mut seen).await);
    }
    bench.close().await.unwrap();
    let operations = operations::all();
    let unreached = operations::unreached(&operations, &seen);
    let seconds = began.elapsed().as_secs_f32();
    let reached = operations.len() - unreached.len();
    eprintln!("{} cases, {reached} of {} operations, {seconds:.1} s", cases.len(), operations.len());
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert_eq!(only, None, "{} cases were walked, not all", cases.len());
    assert_eq!(unreached, NOT_YET, "operations that no case reaches");
}
