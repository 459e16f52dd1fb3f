//! Verification of a plan's SQL: planning is deterministic, so the plan is made again from its states and compared.
use super::hidden_sql;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics, shown};
use crate::model::{Digest, State};
use crate::plan::format::{Segment, Step};
use crate::report::{Words, some_of};
use crate::store::{PlanFile, PlannedChange, Plans, StoredPlan, fold};
use crate::workflow::database::label::Demands;
use crate::workflow::database::position::is_copy;
use crate::workflow::invocation::project::Project;
use crate::workflow::planning::absorb;
use crate::workflow::planning::inputs::{Inputs, PLANNER};
use crate::workflow::preflight::approvals::replace;
use std::borrow::Cow;
use std::sync::Arc;

/// Differences that are written out.
const SHOWN: usize = 12;

/// The outcome of planning again.
pub(crate) enum Verdict {
    /// Equal: the plan came out again; or nothing runs.
    Same,
    /// Different: this planner, which the plan names, makes another plan; with the differences.
    Other(Vec<String>),
    /// Undecided, with the reason.
    Unknown(String),
}

/// Plans a stored plan again, and compares. Gives the result as a review tells it.
///
/// # Errors
/// [`Code::NotVerified`] if another plan came out, or if there is no answer.
pub fn verify(project: &Project, plan: &StoredPlan) -> Result<String, Diagnostics> {
    let plans = project.plans()?;
    match judged(plan.file(), &before(&plans, plan.file(), None)) {
        Verdict::Same if plan.file().is_baseline() => Ok("nothing runs".to_owned()),
        Verdict::Same => Ok(format!("planner {PLANNER} makes the same from the states before and after")),
        Verdict::Other(differences) => Err(not_what_is_made(plan, &differences).into()),
        Verdict::Unknown(why) => {
            let message = format!("whether {} is what a planner makes could not be told: {why}", plan.title_line());
            Err(ways(Diagnostic::error(Code::NotVerified, message), plan).into())
        }
    }
}

/// Tells whether a plan is what the planner makes.
pub(crate) fn is_verified(plans: &Plans, plan: &StoredPlan) -> bool {
    matches!(judged(plan.file(), &before(plans, plan.file(), None)), Verdict::Same)
}

/// Refuses a plan that the planner which it names does not make: nobody is to approve it unseen.
///
/// # Errors
/// [`Code::NotVerified`].
pub(crate) fn refuse_changed(plans: &Plans, plan: &StoredPlan) -> Result<(), Diagnostic> {
    match judged(plan.file(), &before(plans, plan.file(), None)) {
        Verdict::Other(differences) => Err(not_what_is_made(plan, &differences)),
        Verdict::Same | Verdict::Unknown(_) => Ok(()),
    }
}

/// Plans again the plans that are about to run. Without an answer it warns, or refuses where verification is demanded.
///
/// # Errors
/// [`Code::NotVerified`], for all plans at once.
pub(crate) fn vouched(plans: &Plans, todo: &[Arc<StoredPlan>], demands: &Demands) -> Result<Diagnostics, Diagnostics> {
    vouched_for(plans, todo, demands, ways)
}

/// Plans again the plans that are about to go back, as [`vouched`] does: the stored way back must be the planner's.
///
/// # Errors
/// [`Code::NotVerified`], for all plans at once.
pub(crate) fn vouched_back(
    plans: &Plans,
    back: &[Arc<StoredPlan>],
    demands: &Demands,
) -> Result<Diagnostics, Diagnostics> {
    vouched_for(plans, back, demands, ways_back)
}

fn vouched_for(
    plans: &Plans,
    todo: &[Arc<StoredPlan>],
    demands: &Demands,
    ways: fn(Diagnostic, &StoredPlan) -> Diagnostic,
) -> Result<Diagnostics, Diagnostics> {
    let demanded_by = demands.verified.then(|| demands.by());
    let mut said = Diagnostics::default();
    let mut last: Option<(Digest, State)> = None;
    for plan in todo {
        let state = before(plans, plan.file(), last.take());
        match (judged(plan.file(), &state), &demanded_by) {
            (Verdict::Same, _) => {}
            (Verdict::Other(differences), _) => said.push(ways(not_made(plan, &differences), plan)),
            (Verdict::Unknown(why), None) => {
                let message = format!("{} could not be verified: {why}", plan.title_line());
                said.push(ways(Diagnostic::warning(Code::NotVerified, message), plan));
            }
            (Verdict::Unknown(why), Some(who)) => {
                let message = format!("{} could not be verified, which {who} demands: {why}", plan.title_line());
                said.push(ways(Diagnostic::error(Code::NotVerified, message), plan));
            }
        }
        last = state.ok().map(|state| (plan.digest().clone(), fold(state.into_owned(), &plan.file().header)));
    }
    said.or_value(()).map(|((), said)| said)
}

/// State before a plan: after the one that was verified last, or folded from the chain's beginning.
fn before<'a>(plans: &Plans, file: &'a PlanFile, last: Option<(Digest, State)>) -> Result<Cow<'a, State>, Diagnostics> {
    match (&file.header.base, &file.header.parent, last) {
        (Some(base), _, _) => Ok(Cow::Borrowed(base)),
        (None, Some(parent), Some((digest, state))) if *parent == digest => Ok(Cow::Owned(state)),
        (None, _, _) => plans.fold_before(file).map(Cow::Owned),
    }
}

fn judged(file: &PlanFile, before: &Result<Cow<'_, State>, Diagnostics>) -> Verdict {
    if file.is_baseline() {
        return Verdict::Same;
    }
    let before = match before {
        Ok(state) => state,
        Err(why) => {
            let why = why.0.first().map_or_else(String::new, |d| d.message.clone());
            return Verdict::Unknown(format!("the state before it is not known ({why})"));
        }
    };
    let differences = differences(file, before);
    match file.header.planner.as_deref() {
        _ if differences.is_empty() => Verdict::Same,
        Some(PLANNER) => Verdict::Other(differences),
        Some(other) => {
            let other = shown(other);
            let more = format!("planner {other} made it, and this is planner {PLANNER}, which makes something else");
            Verdict::Unknown(format!("{more}: {}", some_of(&differences, SHOWN)))
        }
        None => {
            let more = "it does not say which planner made it";
            Verdict::Unknown(format!(
                "{more}, and planner {PLANNER} makes something else: {}",
                some_of(&differences, SHOWN)
            ))
        }
    }
}

fn not_what_is_made(plan: &StoredPlan, differences: &[String]) -> Diagnostic {
    ways(not_made(plan, differences), plan)
}

fn not_made(plan: &StoredPlan, differences: &[String]) -> Diagnostic {
    let message = format!(
        "{} is not what planner {PLANNER} makes, which it names: {}",
        plan.title_line(),
        some_of(differences, SHOWN)
    );
    let found = Diagnostic::error(Code::NotVerified, message);
    found.help("somebody changed it after it was planned: bring the file back from version control")
}

/// Adds ways to judge for oneself, or to go back all the same: planning an applied plan again does not make it anew.
fn ways_back(diagnostic: Diagnostic, plan: &StoredPlan) -> Diagnostic {
    let diagnostic = match plan.file().header.planner.as_deref() {
        Some(other) if other != PLANNER => {
            let other = shown(other);
            diagnostic.help(format!(
                "the pgform that has planner {other} can tell, and goes back the same way (pgform --version)"
            ))
        }
        Some(_) | None => diagnostic,
    };
    if is_copy(plan) {
        return diagnostic;
    }
    diagnostic.way("read what it runs", Command::new("show").arg(plan.called()).flag("--sql"))
}

/// Adds ways to judge for oneself, or to have this planner make the plan.
fn ways(diagnostic: Diagnostic, plan: &StoredPlan) -> Diagnostic {
    diagnostic
        .way("read what it runs", Command::new("show").arg(plan.called()).flag("--sql"))
        .way("or make it again", replace(plan))
}

/// Differences between a stored plan and one that is made again from the state before it: none, where nobody changed
/// it.
#[must_use]
pub fn differences(file: &PlanFile, before: &State) -> Vec<String> {
    let header = &file.header;
    let noted = &absorb::with_notes(before, header);
    let inputs = Inputs::of(header);
    let basis = inputs.basis(noted);
    let made = match basis.segments(&inputs) {
        Ok(made) => made,
        Err(problems) => {
            let reasons: Vec<&str> = problems.iter().map(|p| p.message.as_str()).collect();
            return vec![format!("the planner makes nothing of its states ({})", reasons.join("; "))];
        }
    };
    let mut out = Vec::new();
    let (notes, stored) =
        file.body.segments.split_at(usize::from(!header.records.is_empty()).min(file.body.segments.len()));
    let note = absorb::segment(&header.records, &header.after);
    if !header.records.is_empty() && *notes != [note] {
        out.push("segment 1 is not the one in which the planner takes note".to_owned());
    }
    let numbers = notes.len() + 1..;
    let pairs = numbers.zip(stored.iter().zip(&made));
    out.extend(pairs.filter_map(|(n, (stored, made))| other_segment(n, stored, made)));
    let numbered = |segments: &[Segment], from: usize, says: &str| -> Vec<String> {
        let rest = segments.iter().enumerate().skip(from);
        rest.map(|(at, s)| format!("segment {} ({}) {says}", at + 1 + notes.len(), shown(&s.does.join(", ")))).collect()
    };
    out.extend(numbered(stored, made.len(), "is one that the planner does not make"));
    out.extend(numbered(&made, stored.len(), "is missing"));
    out.extend(hidden_sql::forged(file));
    out.extend(other_words(file, (before, noted), |schemas| basis.changes(&inputs, schemas)));
    out
}

/// Differences in the header's text for people, and in the guards.
fn other_words(
    file: &PlanFile,
    (before, noted): (&State, &State),
    changes: impl Fn(&[String]) -> Vec<PlannedChange>,
) -> Vec<String> {
    let header = &file.header;
    let mut out = Vec::new();
    let untold = header.records.iter().filter(|id| !header.after.contains_key(*id));
    out.extend(untold.map(|id| format!("it takes note of {} {}, and of nothing there", id.word(), id.short())));
    let otherwise = header.records.iter().filter(|id| absorb::planned_otherwise(id, before, header));
    out.extend(
        otherwise.map(|id| format!("it takes note of {} {}, and plans as if it were not so", id.word(), id.short())),
    );
    // Names are short where the settings have one schema; the header's scope may hold more.
    let one = header.scope.schemas.iter().map(|schema| vec![schema.clone()]);
    let told = |schemas: Vec<String>| {
        let changes = changes(&schemas);
        let words = Words::new(&schemas);
        // The header lists all changes, whether the plan makes or records them.
        absorb::told(before, header, &words).into_iter().any(|notes| {
            let (first, rest) = header.changes.split_at(notes.len().min(header.changes.len()));
            first == notes && rest == changes
        })
    };
    if !one.chain([header.scope.schemas.clone(), Vec::new()]).any(told) {
        out.push("the changes that its review lists are not those between its states".to_owned());
    }
    for (id, digest) in &header.guards {
        if noted.get(id).is_some_and(|object| object.digest() != *digest) {
            out.push(format!("{} {} is guarded as something else than was there", id.word(), file.name_of(id)));
        }
    }
    out
}

fn other_segment(number: usize, stored: &Segment, made: &Segment) -> Option<String> {
    // The digests that a segment leaves come from the proof; all else is planned.
    let planned = Segment { leaves: stored.leaves.clone(), ..made.clone() };
    if *stored == planned {
        return None;
    }
    let name = format!("segment {number} ({})", shown(&stored.does.join(", ")));
    for (way, has, makes) in all_sql(stored, made) {
        // Statements alike at both ends are left out: those left between were put in, taken out, or replaced.
        let begin = has.iter().zip(&makes).take_while(|(a, b)| a == b).count();
        let (has, makes) = (&has[begin..], &makes[begin..]);
        let end = has.iter().rev().zip(makes.iter().rev()).take_while(|(a, b)| a == b).count();
        match (&has[..has.len() - end], &makes[..makes.len() - end]) {
            ([], []) => {}
            ([has, ..], []) => return Some(format!("{name} {way} `{}`, which the planner does not make", shown(has))),
            ([], [makes, ..]) => return Some(format!("{name} does without what it {way}: `{}`", shown(makes))),
            ([has, ..], [makes, ..]) => {
                return Some(format!("{name} {way} `{}` in the place of `{}`", shown(has), shown(makes)));
            }
        }
    }
    let parts = [
        (stored.hazards != planned.hazards, "hazards"),
        (stored.locks != planned.locks || stored.each != planned.each, "locks"),
        (stored.back != planned.back || stored.revive != planned.revive, "way back"),
        (stored.does != planned.does, "words"),
        (stored.absorb != planned.absorb, "absorption"),
        (stored.looks != planned.looks || stored.rule != planned.rule, "looks at rows"),
    ];
    let which = parts.iter().find(|(other, _)| *other).map_or("probes and roles", |(_, word)| word);
    Some(format!("{name}: its {which} are not what the planner makes"))
}

type Way<'a> = (&'static str, Vec<&'a str>, Vec<&'a str>);

/// All SQL of two segments, way by way.
fn all_sql<'a>(stored: &'a Segment, made: &'a Segment) -> [Way<'a>; 4] {
    let back =
        |s: &'a Segment| s.back.parts.iter().flat_map(|part| texts(&part.steps).chain(texts(&part.relief))).collect();
    let revive = |s: &'a Segment| {
        let all = s.revive.iter().flat_map(|r| std::iter::once(r.probe.as_str()).chain(texts(&r.steps)));
        all.collect()
    };
    let counts = |s: &'a Segment| {
        let looks = s.looks.iter().flat_map(|look| std::iter::once(look.rows.as_str()).chain(look.behind.as_deref()));
        let ahead = looks.chain(s.rule.iter().map(|rule| rule.rows.as_str()));
        s.back.conditions.iter().map(|c| c.count.as_str()).chain(ahead).collect()
    };
    [
        ("runs", texts(&stored.steps).collect(), texts(&made.steps).collect()),
        ("goes back with", back(stored), back(made)),
        ("counts with", counts(stored), counts(made)),
        ("brings back with", revive(stored), revive(made)),
    ]
}

fn texts(steps: &[Step]) -> impl Iterator<Item = &str> {
    steps.iter().flat_map(hidden_sql::texts)
}
