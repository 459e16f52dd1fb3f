//! `dry-run`: really runs a plan on a database and its way back, measures both, and leaves a receipt.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{self, Apply, Journal, Kind, Observer, Rollback};
use crate::plan::format::HazardKind;
use crate::report::counted;
use crate::settings::Asked;
use crate::store::{Plans, ReceiptKind, StoredPlan};
use crate::workflow::database::label::{demands, label, right_label};
use crate::workflow::database::position::{self, Position};
use crate::workflow::invocation::confirm::{Confirm, Question};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::invocation::proposal::{Proposal, beginning};
use crate::workflow::preflight::allowances::{Allowing, by_name, meant};
use crate::workflow::preflight::forward::starts_here;
use crate::workflow::preflight::losses::lost;
use crate::workflow::preflight::outcome::Preflight;
use crate::workflow::running::arrival::came_back;
use crate::workflow::running::guard::Watch;
use crate::workflow::running::plan_to_run::{settings, to_run};
use crate::workflow::running::receipt::receipt;
use crate::workflow::verification::planned_again::vouched;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Result of a dry run.
#[derive(Debug)]
pub struct DryRun {
    /// The plan.
    pub plan: Arc<StoredPlan>,
    /// Seconds forward, by segment.
    pub forward: Vec<f64>,
    /// Seconds back, by segment.
    pub back: Vec<f64>,
    /// Rows or values that were in the database and are gone for good: `600 values of documents.embedding`.
    pub lost: Vec<String>,
    /// Warnings about the database.
    pub warnings: Diagnostics,
}

/// The environment whose databases may lose something in a dry run.
const DEVELOPMENT: &str = "development";

/// Runs a plan for real on a database that stands at its parent, goes back, and leaves a receipt.
///
/// # Errors
/// If the way back would lose data that is not allowed to go, or that is in a database which does not say that it is
/// development; or the plan does not run.
pub async fn dry_run(
    project: &Project,
    name: &str,
    (asked, allow): (&Asked, &[String]),
    observer: &mut dyn Observer,
    confirm: Confirm<'_>,
) -> Result<DryRun, Diagnostics> {
    let plans = project.plans()?;
    let plan = plans.select(name)?;
    meant(allow, [plan.as_ref()])?;
    let (mut connected, stand) = position::open(project, asked, &plan.name, &plans).await?;
    stand.sound()?;
    if stand.pending.first().is_none_or(|p| p.digest() != plan.digest()) {
        return Err(Diagnostic::error(
            Code::PlanPosition,
            format!("this database does not stand right before {}", plan.title_line()),
        )
        .into());
    }
    let allowing = Allowing::of(&plans, stand.journal.as_ref(), &plan, allow);
    comes_back(&plan, &allowing)?;
    let mut said = right_label(project, &mut connected, stand.journal.as_ref())?;
    let demands = demands(&connected, stand.journal.as_ref())?;
    let only = std::slice::from_ref(&plan);
    said.extend(vouched(&plans, only, &demands)?);
    let mut start = match starts_here(project, &plans, &mut connected, &stand, only).await {
        Ok(start) => start,
        Err(problems) => return Err(position::or_busy(&mut connected, problems).await),
    };
    if start.makes_base {
        let message = format!("this database has nothing of what {} starts from: nothing was run", plan.title_line());
        return Err(Diagnostic::error(Code::Stale, message)
            .way("a dry run needs it; apply makes it", Command::new("apply").on_database().arg(plan.called()))
            .into());
    }
    let proposal = Proposal::DryRun(beginning(&connected, &project.receipts_of(&plan)?, &stand, (&plans, only), allow));
    let protected = demands.protected.then_some(demands.who.as_str());
    if !confirm(&Question { proposal: &proposal, protected }) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was changed: nobody said yes").into());
    }
    position::keep_out(&mut connected, &stand).await?;
    let lost = gone_for_good(&plans, &mut connected, &plan).await;
    let may_lose = is_development(&connected);
    let done = match lost {
        Ok(_) => {
            there_and_back(
                project,
                (&plans, &plan, &allowing, may_lose),
                &mut connected,
                (&stand, &mut start),
                observer,
            )
            .await
        }
        Err(_) => Err(Diagnostics::default()),
    };
    position::let_in(connected).await;
    let mut lost = lost?;
    let (forward, back, more) = done?;
    lost.extend(back.lost.iter().map(|c| counted(c.count, &c.condition.says)));
    let mut warnings = said;
    warnings.extend(std::mem::take(&mut start.warnings));
    warnings.extend(more);
    let seconds = |outcome: &execute::Outcome| outcome.measured.iter().map(|m| m.seconds).collect();
    Ok(DryRun { forward: seconds(&forward), back: seconds(&back), plan, lost, warnings })
}

/// Runs a plan forward and back, compares the catalog after it, and writes the receipt. Gives warnings about what
/// differs.
async fn there_and_back(
    project: &Project,
    (plans, plan, allowing, may_lose): (&Plans, &StoredPlan, &Allowing<'_>, bool),
    connected: &mut Connected,
    (stand, start): (&Position, &mut Preflight),
    observer: &mut dyn Observer,
) -> Result<(execute::Outcome, execute::Outcome, Diagnostics), Diagnostics> {
    let settings = settings(connected);
    let label = label(connected, stand.journal.as_ref());
    let nothing = BTreeSet::new();
    let mut guard = match start.watch.take() {
        Some(watch) => watch,
        None => Watch::over(project, plans, &mut connected.connection, plan).await?,
    };
    let run = to_run(plan);
    let how = Apply {
        settings: &settings,
        observer: &mut *observer,
        guard: &mut guard,
        kind: Kind::DryRun,
        until: None,
        again: true,
        carriers_ready: settings.carriers_ready,
        allowed: &|_, _| false,
        found: start.found.get(plan.digest()).unwrap_or(&nothing),
        label: label.as_ref(),
        allowed_ahead: &|kind, object| by_name(allowing.typed(), *kind, object),
        keep_rules: false,
    };
    let forward = execute::apply(&mut connected.connection, &run, how).await?;
    let how = Rollback {
        settings: &settings,
        observer,
        guard: &mut guard,
        kind: Kind::DryRun,
        to: 0,
        // Rows that others write meanwhile are not those whose loss was allowed.
        allowed: &|kind, object| (may_lose || *kind != HazardKind::DataLoss) && allowing.covers(*kind, object),
    };
    let back = execute::rollback(&mut connected.connection, &run, how).await?;
    let mut warnings = Diagnostics::default();
    if let Some(record) = Journal::read(&mut connected.connection).await?.plan(plan.digest()) {
        warnings = came_back(project, plans, connected, (plan, record)).await?;
    }
    receipt(project, plan, ReceiptKind::DryRun, connected, &forward, Some(&back))?;
    Ok((forward, back, warnings))
}

fn is_development(connected: &Connected) -> bool {
    connected.environment.as_deref() == Some(DEVELOPMENT)
}

/// Counts of what a dry run would lose for good. An error where that is not zero, unless the database says that it is
/// development.
async fn gone_for_good(
    plans: &Plans,
    connected: &mut Connected,
    plan: &StoredPlan,
) -> Result<Vec<String>, Diagnostics> {
    let lost = lost(plans, connected, plan).await?;
    if lost.is_empty() || is_development(connected) {
        return Ok(lost);
    }
    let message = format!(
        "a dry run of {} would lose here what its way back does not bring back: {}",
        plan.title_line(),
        lost.join(", ")
    );
    Err(Diagnostic::error(Code::Hazard, message)
        .help("try it on a copy whose environment is called development, or on one without these values")
        .way("an apply here counts as its dry run, too", Command::new("apply").arg(plan.called()).on_database())
        .into())
}

/// Refuses where the way back does not bring something back and no allowance names it.
fn comes_back(plan: &StoredPlan, allowing: &Allowing<'_>) -> Result<(), Diagnostics> {
    let lost = |hazard: &HazardKind| matches!(hazard, HazardKind::DataLoss | HazardKind::Irreversible);
    let mut problems = Diagnostics::default();
    for hazard in plan.file().hazards().into_iter().filter(|h| lost(&h.hazard)) {
        if !allowing.covers(hazard.hazard, &hazard.object) {
            let object = plan.file().name_of(&hazard.object);
            let message = format!("the way back does not bring {} {object} back", hazard.object.word());
            let typed = allowing.typed().iter().cloned();
            let allow = typed.chain([format!("{}:{object}", hazard.hazard.as_str())]);
            let again = Command::new("dry-run").arg(plan.called()).options("--allow", allow).on_database();
            problems.push(Diagnostic::error(Code::Hazard, message).way("if that may go", again));
        }
    }
    problems.or_value(()).map(drop)
}
