//! `rollback`: undoes the last plan of a database by the way back that its journal stores.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics, Way};
use crate::execute::{self, JournalState, Kind, Observer, PlanRecord, Rollback, Standing};
use crate::plan::format::{ConditionKind, HazardKind};
use crate::settings::Asked;
use crate::store::{Plans, ReceiptKind, StoredPlan};
use crate::workflow::database::label::{demands, right_label};
use crate::workflow::database::last_run::is_of_last_run;
use crate::workflow::database::position;
use crate::workflow::database::reported::database;
use crate::workflow::invocation::confirm::{Confirm, Question};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::invocation::proposal::Proposal;
use crate::workflow::preflight::allowances::{Allowing, meant};
use crate::workflow::preflight::back::as_it_was_left;
use crate::workflow::preflight::copied_plans::may_run_copies;
use crate::workflow::preflight::rollback_summary::going_back;
use crate::workflow::running::arrival::came_back;
use crate::workflow::running::guard::Watch;
use crate::workflow::running::plan_to_run::{settings, to_run};
use crate::workflow::running::receipt::receipt;
use crate::workflow::verification::planned_again::vouched_back;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Arguments of `rollback`.
#[derive(Clone, Default)]
pub struct RollbackArgs {
    /// The plan; the one that the last run applied where not said.
    pub plan: Option<String>,
    /// True where the last plan applied is meant, whatever the last run did.
    pub last: bool,
    /// The database.
    pub database: Asked,
    /// Losses allowed, as typed.
    pub allow: Vec<String>,
    /// True where nobody is asked for confirmation.
    pub unattended: bool,
}

/// Result of `rollback`.
#[derive(Debug)]
pub struct RolledBack {
    /// The plan that was undone, by name.
    pub plan: String,
    /// The count of segments undone.
    pub segments: usize,
    /// Drift that was in nobody's way, and what the way back did not restore exactly.
    pub warnings: Diagnostics,
}

/// Undoes the plan that the last run applied, or one stopped midway, by the way stored in the journal. Any other last
/// plan is undone where it is named.
///
/// # Errors
/// Before anything is changed: a loss not allowed, a condition that does not hold, a plan that is not the last one, or
/// that the last run did not apply and nobody named.
/// After that, [`Code::Stopped`] with how to go on.
pub async fn rollback(
    project: &Project,
    args: &RollbackArgs,
    observer: &mut dyn Observer,
    confirm: Confirm<'_>,
) -> Result<RolledBack, Diagnostics> {
    let plans = project.plans()?;
    let (mut connected, stand) = position::open(project, &args.database, "rollback", &plans).await?;
    let mut warnings = right_label(project, &mut connected, stand.journal.as_ref())?;
    let Some(journal) = &stand.journal else {
        return Err(
            Diagnostic::error(Code::PlanPosition, "pgform never ran here: there is nothing to go back over").into()
        );
    };
    let Some(last) = journal.midway().or_else(|| last_to_undo(&plans, journal, args)) else {
        return Err(Diagnostic::error(Code::PlanPosition, "no plan is applied here").into());
    };
    // The journal has the plan's bytes: its file may be gone.
    let stored = match named(&plans, last, args) {
        Some(file) => file,
        None => position::stored(&plans, last)?,
    };
    may_run_copies(&mut connected, Some(journal), std::slice::from_ref(&stored)).await?;
    is_last(&plans, last, args)?;
    if args.plan.is_none() && !args.last {
        is_of_last_run(&stand, (&stored, last), args.unattended)?;
    }
    meant(&args.allow, [stored.as_ref()])?;
    let demands = demands(&connected, stand.journal.as_ref())?;
    warnings.extend(vouched_back(&plans, std::slice::from_ref(&stored), &demands)?);
    let protected = demands.protected.then_some(demands.who.as_str());
    let first = as_it_was_left(project, &plans, &mut connected, (&stored, last), &BTreeSet::new()).await?;
    warnings.extend(first);
    let began = Instant::now();
    let counted = counted(&mut connected, &stored).await?;
    let took = began.elapsed();
    let allowing = Allowing::of(&plans, stand.journal.as_ref(), &stored, &args.allow);
    let summary = going_back(&stored, last, journal, (&counted, &allowing), &project.receipts_of(&stored)?);
    let open = summary.is_lost.iter().filter(|loss| loss.count > 0 && !loss.allowed).map(|loss| loss.allow.clone());
    let allow: Vec<String> = args.allow.iter().cloned().chain(open).collect();
    let recount_ms = recounted(&connected, &counted, &allowing, took);
    let summary = crate::report::RollbackSummary { recount_ms, ..summary };
    let proposal = Proposal::Rollback(database(&connected, Some(journal)), summary);
    asked(&proposal, protected, confirm, || {
        execute::judge_conditions(&counted, &|kind, object| allowing.covers(*kind, object))
            .map_err(|refused| may_go(refused, &stored, allow))
    })?;
    position::keep_out(&mut connected, &stand).await?;
    let done = run(project, &plans, &mut connected, (&stored, last), &allowing, observer).await;
    position::let_in(connected).await;
    let (segments, more) = done?;
    warnings.extend(more);
    Ok(RolledBack { plan: stored.title_line(), segments, warnings })
}

/// Adds the command that allows all losses to the last error about a hazard.
fn may_go(mut refused: Diagnostics, plan: &StoredPlan, allow: Vec<String>) -> Diagnostics {
    let again = Command::new("rollback").arg(plan.called()).options("--allow", allow).on_database();
    if let Some(last) = refused.0.iter_mut().rfind(|diagnostic| diagnostic.code == Code::Hazard) {
        last.ways.push(Way::new("if they may go", again));
    }
    refused
}

/// Runs the way back, and compares the catalog after it. Gives the count of segments undone, and warnings about what
/// differs.
async fn run(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    (stored, record): (&StoredPlan, &PlanRecord),
    allowing: &Allowing<'_>,
    observer: &mut dyn Observer,
) -> Result<(usize, Diagnostics), Diagnostics> {
    let settings = settings(connected);
    let mut guard = Watch::over(project, plans, &mut connected.connection, stored).await?;
    let how = Rollback {
        settings: &settings,
        observer,
        guard: &mut guard,
        kind: Kind::Rollback,
        to: 0,
        allowed: &|kind, object| allowing.covers(*kind, object),
    };
    let outcome = execute::rollback(&mut connected.connection, &to_run(stored), how).await?;
    if plans.by_digest(stored.digest()).is_some() {
        receipt(project, stored, ReceiptKind::RolledBack, connected, &outcome, None)?;
    }
    let warnings = came_back(project, plans, connected, (stored, record)).await.map_err(|seen| unseen(stored, seen))?;
    Ok((outcome.measured.len(), warnings))
}

/// Adds to errors after a complete way back that the plan was undone.
fn unseen(plan: &StoredPlan, mut seen: Diagnostics) -> Diagnostics {
    if seen.0.iter().all(|diagnostic| diagnostic.code != Code::NotBack) {
        let message =
            format!("{} went back to its beginning; whether all is as it was could not be seen", plan.title_line());
        seen.push(Diagnostic::error(Code::NotBack, message).way("see", Command::new("check").on_database()));
    }
    seen
}

/// Time in ms that counting the losses that nobody allowed took, where it is longer than `max_stall`: they are counted
/// again inside the lock.
fn recounted(
    connected: &Connected,
    counted: &[execute::Counted],
    allowing: &Allowing<'_>,
    took: Duration,
) -> Option<u64> {
    let again = |c: &execute::Counted| {
        c.condition.kind == ConditionKind::Loses && !allowing.covers(HazardKind::DataLoss, &c.condition.object)
    };
    let waits = counted.iter().any(again) && took > settings(connected).max_stall;
    waits.then(|| u64::try_from(took.as_millis()).unwrap_or(u64::MAX))
}

/// Record of the plan to undo: the last one, or the repair of its state that the last run applied. With such a repair,
/// the last plan is undone where its name, or `--last`, says so: the repair led to no other state.
fn last_to_undo<'j>(plans: &Plans, journal: &'j JournalState, args: &RollbackArgs) -> Option<&'j PlanRecord> {
    let repaired = journal.repaired().filter(|repair| match &args.plan {
        Some(name) => plans.select(name).map_or_else(|_| *name == repair.name, |plan| *plan.digest() == repair.digest),
        None => !args.last,
    });
    repaired.or_else(|| journal.position())
}

/// File of the last plan, where it was named and lies outside of the plans' folder.
fn named(plans: &Plans, last: &PlanRecord, args: &RollbackArgs) -> Option<std::sync::Arc<StoredPlan>> {
    let plan = plans.select(args.plan.as_deref()?).ok()?;
    (*plan.digest() == last.digest).then_some(plan)
}

/// Refuses a plan that is not the last one here, or was recorded without being run.
fn is_last(plans: &Plans, last: &PlanRecord, args: &RollbackArgs) -> Result<(), Diagnostics> {
    if let Some(name) = &args.plan {
        let wanted = plans.select(name).map_or_else(|_| name == &last.name, |p| *p.digest() == last.digest);
        if !wanted {
            let message = format!("{} is the last plan here; {name} is not", last.name);
            return Err(Diagnostic::error(Code::PlanPosition, message)
                .help("plans are undone in order, the last one first")
                .into());
        }
    }
    let recorded = match last.standing {
        Standing::Adopted => "adopted",
        Standing::Built => "built",
        Standing::NotApplied | Standing::Applied | Standing::Held | Standing::Midway { .. } => return Ok(()),
    };
    let message = format!("{} was {recorded} here, not run: it has no way back here", last.name);
    Err(Diagnostic::error(Code::PlanPosition, message).into())
}

/// Shows the way back, and goes on if somebody confirms. A way back that is refused is shown all the same.
fn asked(
    proposal: &Proposal,
    protected: Option<&str>,
    confirm: Confirm<'_>,
    judge: impl FnOnce() -> Result<(), Diagnostics>,
) -> Result<(), Diagnostics> {
    let yes = confirm(&Question { proposal, protected });
    judge()?;
    if yes && !proposal.is_refused() {
        return Ok(());
    }
    let refused = Diagnostic::error(Code::NotConfirmed, "nothing was changed: nobody said yes");
    Err(refused.help("say --yes, or answer y").into())
}

/// Counts rows for the conditions of the way back, as the role that owns the tables.
async fn counted(connected: &mut Connected, plan: &StoredPlan) -> Result<Vec<execute::Counted>, Diagnostics> {
    let role = connected.role.clone();
    let (connection, act) = (&mut connected.connection, execute::act_as);
    act(connection, role.as_deref()).await?;
    let counted = execute::count_conditions(connection, &to_run(plan), 0).await;
    if role.is_some() && !connection.is_closed() {
        act(connection, None).await?;
    }
    counted
}
