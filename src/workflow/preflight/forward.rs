//! Checks before plans run: the live catalog against the state that they start from, before the first statement.
use super::approvals::apply_of;
use super::back::as_it_was_left;
use super::first_plan::{Base, base_of, not_adopted};
use super::outcome::Preflight;
use super::taken_over::{found, noted, taken};
use super::unrelated_drift::unrelated;
use crate::catalog;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::PlanRecord;
use crate::model::{ObjectId, ObjectKind, State};
use crate::plan::format::Segment;
use crate::store::{Plans, StoredPlan};
use crate::workflow::database::position::Position;
use crate::workflow::drift::compare::{DriftLine, There, drift};
use crate::workflow::drift::halfway::Half;
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::running::guard::Watch;
use crate::workflow::running::plan_to_run::touched;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Refuses plans that do not start from the state of the database: in the objects that each of them touches and no
/// earlier one changes, and in those that these need. Settled once, before the first statement.
///
/// # Errors
/// If the catalog differs, or was never adopted, or has the name of an object that a plan makes.
pub(crate) async fn starts_here(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    stand: &Position,
    todo: &[Arc<StoredPlan>],
) -> Result<Preflight, Diagnostics> {
    let Some(first) = todo.first() else { return Ok(Preflight::default()) };
    let expected = plans.fold_before(first.file())?;
    let mut start = Preflight::default();
    if !first.file().is_baseline() {
        start.watch = Some(Watch::over(project, plans, &mut connected.connection, first).await?);
    }
    let scope = scope_over(project, &expected, todo);
    let seen = Seen::new(catalog::read(connected.connection.diesel(), &scope).await?, connected, plans);
    let (live, there) = (&seen.live.state, seen.there(plans, project));
    if stand.journal.as_ref().is_none_or(|j| j.plans.is_empty()) {
        not_adopted(plans, first, live)?;
    }
    if stand.is_nowhere() {
        let makes_base = matches!(base_of(first, live)?, Base::Nowhere);
        let notes = todo.iter().any(|plan| !plan.file().header.records.is_empty());
        let bare = |id: &ObjectId| matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension);
        let of_nothing = first.file().header.base.as_ref().is_none_or(|base| base.objects.keys().all(bare));
        let from_nothing = notes && (makes_base || first.file().is_baseline() || of_nothing);
        if makes_base || first.file().is_baseline() || from_nothing {
            // Objects made in one go do not exist yet: only drift of the others can be told.
            let known =
                State { objects: expected.objects.clone().into_iter().filter(|(id, _)| live.has(id)).collect() };
            let all = known.objects.keys().cloned().collect();
            let warnings = unrelated(project, connected, (&known, there), (&all, Vec::new())).await?;
            return Ok(Preflight { makes_base, from_nothing, warnings, ..Preflight::default() });
        }
    }
    for plan in todo {
        let begun = stand.journal.as_ref().and_then(|j| j.plan(plan.digest()));
        let found = found(plans, plan, begun, there).await?;
        start.found.insert(plan.digest().clone(), found);
    }
    let mut settled = noted(plans, todo, there).await?;
    settled.extend(start.here_already(todo));
    if let Some(midway) = stand.midway() {
        if midway.digest != *first.digest() {
            return Ok(start);
        }
        start.warnings = goes_on(project, plans, connected, (todo, midway), there).await?;
        return Ok(start);
    }
    let guarded = guarded(todo, &expected).into_iter().filter(|id| !settled.contains(id)).collect();
    let (mut differs, beside) = related(drift(&expected, there, &guarded).await?, todo);
    differs.extend(taken(todo, &start, &expected, live));
    if !differs.is_empty() {
        return Err(stale(first, &differs));
    }
    let known = guarded.into_iter().chain(absorbed(todo)).chain(settled).collect();
    start.warnings = unrelated(project, connected, (&expected, there), (&known, beside)).await?;
    Ok(start)
}

/// Refuses to go on where the database is not as a plan left it that stopped in its middle, or differs in objects that
/// the plans after it depend on. Gives drift that is in nobody's way, such as a grant or a comment that came meanwhile.
async fn goes_on(
    project: &Project,
    plans: &Plans,
    connected: &Connected,
    (todo, midway): (&[Arc<StoredPlan>], &PlanRecord),
    there: There<'_>,
) -> Result<Diagnostics, Diagnostics> {
    let Some((first, later)) = todo.split_first() else { return Ok(Diagnostics::default()) };
    let half = Half::of(plans, first.file(), midway)?;
    let mut lines = half.differs(there).await?;
    let own: BTreeSet<ObjectId> = half.all().cloned().collect();
    let beside: BTreeSet<ObjectId> = guarded(later, &half.state).into_iter().filter(|id| !own.contains(id)).collect();
    lines.extend(drift(&half.state, there, &beside).await?);
    let (hard, soft): (Vec<DriftLine>, Vec<DriftLine>) = lines.into_iter().partition(|line| line.hard);
    let texts = |lines: Vec<DriftLine>| lines.into_iter().map(|line| line.text).collect::<Vec<String>>();
    if !hard.is_empty() {
        return Err(not_as_left(first, &texts(hard)));
    }
    let known = own.into_iter().chain(beside).chain(absorbed(todo)).collect();
    unrelated(project, connected, (&half.state, there), (&known, texts(soft))).await
}

fn not_as_left(plan: &StoredPlan, differs: &[String]) -> Diagnostics {
    let message =
        format!("this database is not what {} has left in its middle: {}", plan.title_line(), differs.join("; "));
    Diagnostic::error(Code::Stale, message)
        .help("put it back as the plan left it, or as it was before where the plan has not come to it yet")
        .way("see", Command::new("check").on_database())
        .way("then go on", apply_of(plan).on_database())
        .into()
}

/// Checks what can be checked before replaced plans go back: the state that their ways back start from, and the other
/// objects that the plans after them depend on.
///
/// # Errors
/// If the catalog differs, or was never adopted, or has the name of an object that a plan makes.
pub(crate) async fn could_start(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    stand: &Position,
    (going, todo): (&[Arc<StoredPlan>], &[Arc<StoredPlan>]),
) -> Result<Preflight, Diagnostics> {
    let mut start = Preflight::default();
    let mut change = BTreeSet::new();
    let journal = stand.journal.as_ref();
    for plan in going {
        if let Some(record) = journal.and_then(|j| j.plan(plan.digest())) {
            start.warnings.extend(as_it_was_left(project, plans, connected, (plan, record), &change).await?);
        }
        change.extend(leaves(&plan.file().body.segments).map(|(id, _)| *id));
        change.extend(plan.file().header.renames.iter().flat_map(|r| [r.from, r.to]));
    }
    let Some(first) = todo.first() else { return Ok(start) };
    let expected = plans.fold_before(first.file())?;
    let scope = scope_over(project, &expected, todo);
    let seen = Seen::new(catalog::read(connected.connection.diesel(), &scope).await?, connected, plans);
    let (live, there) = (&seen.live.state, seen.there(plans, project));
    // Objects that the plans record are looked for after the others have gone back.
    let notes: BTreeSet<&ObjectId> = todo.iter().flat_map(|plan| &plan.file().header.records).collect();
    let of = guarded(todo, &expected).into_iter().filter(|id| !change.contains(id) && !notes.contains(id)).collect();
    let (mut differs, _) = related(drift(&expected, there, &of).await?, todo);
    let new = |(id, left): &(&ObjectId, bool)| *left && !expected.has(id) && !change.contains(*id) && live.has(id);
    let named =
        |(id, _): (&ObjectId, bool)| format!("+ {} {}  is here already, and the plan makes it", id.word(), id.short());
    let once = |s: &&Segment| !s.absorb;
    let made = first.file().body.segments.iter().filter(once).flat_map(|s| &s.leaves);
    differs.extend(made.map(|(id, left)| (id, left.is_some())).filter(new).map(named));
    if differs.is_empty() { Ok(start) } else { Err(stale(first, &differs)) }
}

/// Scope of a state's schemas, and of those that plans make or rename on the way from it.
fn scope_over(project: &Project, before: &State, plans: &[Arc<StoredPlan>]) -> catalog::Scope {
    let touched: BTreeSet<ObjectId> = plans.iter().flat_map(|plan| touched(plan)).collect();
    project.catalog_scope_over(before, &touched)
}

/// Splits drift into the lines that stop these plans, and the others: comments, grants and the like stop only on
/// objects that a plan changes itself, as its way back would not bring them back.
fn related(lines: Vec<DriftLine>, todo: &[Arc<StoredPlan>]) -> (Vec<String>, Vec<String>) {
    let stops = |line: &DriftLine| line.hard || todo.iter().any(|p| p.file().header.after.contains_key(&line.object));
    let (stop, rest): (Vec<DriftLine>, Vec<DriftLine>) = lines.into_iter().partition(stops);
    let texts = |lines: Vec<DriftLine>| lines.into_iter().map(|line| line.text).collect();
    (texts(stop), texts(rest))
}

fn stale(first: &StoredPlan, differs: &[String]) -> Diagnostics {
    let message = format!("this database is not what {} starts from: {}", first.title_line(), differs.join("; "));
    Diagnostic::error(Code::Stale, message)
        .help("take it over with a plan, or bring the database back")
        .way("what ends each difference", Command::new("check").on_database())
        .into()
}

/// Objects that guard the plans, in the state before the first of them. An object that an earlier plan changes is
/// guarded by that plan; one in no state before them (a drop of an unknown object) is compared where it is dropped.
fn guarded(todo: &[Arc<StoredPlan>], expected: &State) -> BTreeSet<ObjectId> {
    let mut changed: BTreeSet<&ObjectId> = BTreeSet::new();
    let mut out = BTreeSet::new();
    for plan in todo {
        let file = plan.file();
        out.extend(file.header.guards.keys().filter(|id| !changed.contains(id) && expected.has(id)).cloned());
        changed.extend(leaves(&file.body.segments).map(|(id, _)| id));
        changed.extend(file.header.renames.iter().flat_map(|r| [&r.from, &r.to]));
    }
    out
}

/// Objects that the plans take over, or drop, although no state before them has them.
fn absorbed(todo: &[Arc<StoredPlan>]) -> impl Iterator<Item = ObjectId> + '_ {
    let segments = todo.iter().flat_map(|plan| &plan.file().body.segments).filter(|segment| segment.absorb);
    segments.flat_map(|segment| segment.leaves.keys().cloned())
}

fn leaves(segments: &[Segment]) -> impl Iterator<Item = (&ObjectId, bool)> {
    segments.iter().flat_map(|s| &s.leaves).map(|(id, left)| (id, left.is_some()))
}
