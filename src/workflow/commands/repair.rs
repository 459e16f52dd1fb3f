//! `repair`: plans the way from the live catalog back to the state that the journal of a database records.
use super::plan::{Planned, keep, limit, too_long};
use crate::declaration::named_schemas;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics, Severity};
use crate::diff::{Hints, complete, with_unrecorded};
use crate::execute::PlanRecord;
use crate::model::{Body, ObjectId, ObjectKind, State};
use crate::plan::Problem;
use crate::report::some_of;
use crate::shadow::{Bench, BuildError};
use crate::store::{Mark, StoredPlan, titled};
use crate::workflow::database::position::{self, Position};
use crate::workflow::drift::compare::{DriftLine, drift};
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::project::Project;
use crate::workflow::planning::made_plan::{Made, make};
use crate::workflow::planning::plan_args::PlanArgs;
use crate::workflow::planning::settled_sides::explain;
use crate::workflow::planning::starting_point::{Looked, StartingPoint};
use crate::workflow::preflight::first_plan::NAMED;
use std::collections::BTreeSet;

/// Makes a plan that brings a database back to the state that its journal records: missing objects are made again,
/// empty; altered ones are altered back; objects that no plan knows stay. The plan is reviewed, approved and applied as
/// any other, on this database alone.
///
/// # Errors
/// If no plan is applied there, or one stopped midway; if the catalog cannot be read; a proof that fails.
pub async fn repair(project: &Project, args: &PlanArgs) -> Result<Planned, Diagnostics> {
    titled(&args.title)?;
    let mut plans = project.plans()?;
    args.output.as_deref().map_or(Ok(()), |path| plans.may_write_to(path))?;
    let mut connected = project.connect_reading(&args.database).await?;
    let stand = position::read(&mut connected, &plans).await?;
    let at = stands_at(&stand)?.clone();
    let expected = stand.state(&plans)?;
    let seen = Seen::new(connected.read(&project.catalog_scope(&expected)).await?, &connected, &plans);
    let (live, there) = (&seen.live.state, seen.there(&plans, project));
    let all: BTreeSet<ObjectId> = expected.objects.keys().cloned().collect();
    let lines = drift(&expected, there, &all).await?;
    let wanted = wanted(&with_unrecorded(&expected, live, there.major), live, &lines);
    let scope = project.scope_of(&named_schemas(live.objects.keys().chain(wanted.objects.keys())));
    // The last repair is the parent, if there is one: so the plan for the same damage twice is not one that ran
    // already.
    let last = stand.journal.as_ref().and_then(|j| j.repaired()).or(Some(&at));
    let mut start = StartingPoint::behind(live.clone(), last.map(|last| last.digest.clone()));
    start.begins = true;
    start.repairs = Some(at.digest.clone());
    start.uses = seen.uses.clone();
    start.newly_used = crate::workflow::planning::outside_uses::recorded(&seen.live.uses);
    start.looked = Some(Looked { connected, live: live.clone(), beside: Vec::new() });
    let titled = (args.title.as_str(), scope.schemas.as_slice());
    let mut told = not_taken(&expected, live, &wanted, &lines);
    let (made, more) = attempts(&start, wanted, args, (titled, lines.len())).await?;
    told.extend(more);
    let Some(made) = made else { return Ok(Planned::NoChanges(told)) };
    told.extend(empty(&made).into_iter().collect());
    let (facts, stored, unsigned) = keep(project, &mut plans, args, &mut start, (scope, &[], made)).await?;
    told.extend(unsigned);
    Ok(Planned::Made(Box::new(stored), told, facts))
}

/// Plan that the database is at.
fn stands_at(stand: &Position) -> Result<&PlanRecord, Diagnostics> {
    let journal = stand.journal.as_ref();
    if let Some(midway) = stand.midway() {
        let message =
            format!("{} stopped midway here: what is to be repaired is known when it is done, or back", midway.name);
        return Err(Diagnostic::error(Code::PlanPosition, message)
            .way("go on", Command::new("apply").arg(&midway.name).on_database())
            .way("go back", Command::new("rollback").arg(&midway.name).on_database())
            .into());
    }
    journal.and_then(|journal| journal.position()).ok_or_else(|| {
        Diagnostic::error(Code::PlanPosition, "no plan is applied here: there is nothing to go back to")
            .way("see", Command::new("status").on_database())
            .into()
    })
}

/// Live state in which differing objects are as expected, and missing ones are added.
fn wanted(expected: &State, live: &State, lines: &[DriftLine]) -> State {
    let mut wanted = live.clone();
    let differs = lines.iter().map(|line| &line.object);
    let missing = expected.objects.keys().filter(|id| !live.has(id));
    for id in differs.chain(missing) {
        if let Some(object) = expected.get(id) {
            wanted.objects.insert(*id, object.clone());
        }
    }
    complete(live, wanted, &|_, _| false)
}

/// Warnings about differences that stay: pgform can make missing opaque objects again, but not change them.
fn not_taken(expected: &State, live: &State, wanted: &State, lines: &[DriftLine]) -> Diagnostics {
    let stays = |line: &&DriftLine| expected.has(&line.object) && wanted.get(&line.object) == live.get(&line.object);
    let one = |line: &DriftLine| {
        let warning = Diagnostic::warning(Code::NotRepaired, format!("not repaired: {}", line.text));
        match expected.body(&line.object) {
            Some(Body::Definition(definition)) => match definition.text() {
                Some(text) => warning.help(format!("it was made so; bring it back by hand:\n{text}")),
                None => warning.help("pgform has no text of it: bring it back by hand"),
            },
            _ => warning.help("bring it back by hand"),
        }
    };
    lines.iter().filter(stays).map(one).collect()
}

/// Makes the plan, leaving out objects that cannot be brought back, with a warning for each.
async fn attempts(
    start: &StartingPoint,
    mut wanted: State,
    args: &PlanArgs,
    (titled, differ): ((&str, &[String]), usize),
) -> Result<(Option<Made>, Diagnostics), Diagnostics> {
    let live = &start.head;
    let mut told = Diagnostics::default();
    let (limit, hints) = (limit(args, differ), Hints::default());
    loop {
        let mut bench = Bench::open_with(args.shadow.as_deref(), &[live, &wanted], &start.uses).await?;
        let work = make(&mut bench, start, (live, &wanted), (&[], &hints), titled);
        let Ok(made) = tokio::time::timeout(limit, work).await else {
            bench.abandon();
            return Err(too_long(limit).into());
        };
        let closed = bench.close().await;
        match made {
            Ok(made) => return closed.map(|()| (made, told)),
            Err(BuildError::Problems(problems)) => {
                let left: Vec<&Problem> = problems.iter().filter(|p| leave(&p.object, live, &mut wanted)).collect();
                if left.is_empty() {
                    return Err(explain(BuildError::Problems(problems), &|_, _| None));
                }
                told.extend(left.into_iter().map(not_repaired).collect::<Diagnostics>());
            }
            Err(error) => return Err(explain(error, &|_, _| None)),
        }
    }
}

/// Puts the live form of an object into the wanted state. Gives false where it was there already.
fn leave(id: &ObjectId, live: &State, wanted: &mut State) -> bool {
    if wanted.get(id) == live.get(id) {
        return false;
    }
    match live.get(id) {
        Some(object) => drop(wanted.objects.insert(*id, object.clone())),
        None => drop(wanted.objects.remove(id)),
    }
    true
}

fn not_repaired(problem: &Problem) -> Diagnostic {
    let told = problem.diagnostic(None);
    Diagnostic { severity: Severity::Warning, message: format!("not repaired: {}", told.message), ..told }
}

/// Warns that tables and columns made again are empty.
fn empty(made: &Made) -> Option<Diagnostic> {
    let holds = |id: &&ObjectId| matches!(id.kind(), ObjectKind::Table | ObjectKind::Column);
    let created = made.changes.iter().filter(|change| change.does == Mark::Created).map(|change| &change.object);
    let names: Vec<String> = created.filter(holds).map(crate::workflow::preflight::first_plan::named).collect();
    (!names.is_empty()).then(|| {
        let message = format!("made again without what they held: {}", some_of(&names, NAMED));
        Diagnostic::warning(Code::Unknown, message).help("no plan and no journal has rows: a backup may")
    })
}

/// Refuses a repair on a database that is not at the plan that the repair leads back to.
///
/// # Errors
/// [`Code::PlanPosition`] with where it stands.
pub(crate) fn leads_here(stand: &Position, plan: &StoredPlan) -> Result<(), Diagnostics> {
    let Some(of) = &plan.file().header.repairs else { return Ok(()) };
    let at = stand.journal.as_ref().and_then(|journal| journal.position());
    if at.is_some_and(|at| at.digest == *of) {
        return Ok(());
    }
    let at = at.map_or_else(|| "no plan".to_owned(), |at| at.name.clone());
    let message = format!("{} brings a database back to {}, and this one is at {at}", plan.title_line(), of.short());
    Err(Diagnostic::error(Code::PlanPosition, message)
        .way("plan from what is there", Command::new("repair").on_database())
        .into())
}
