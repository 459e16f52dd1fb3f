use super::apply::{receipt, settings, to_run};
use super::approve::{covers, meant};
use super::confirm::{Confirm, Question};
use super::guard::Watch;
use super::label::{demands, label, right_label};
use super::project::{Connected, Project};
use super::proposal::{Proposal, beginning};
use super::stand::{self, Stand};
use super::starts::{Start, starts_here};
use super::way_back::came_back;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, argument};
use crate::execute::{self, Apply, Journal, Kind, Observer, Rollback};
use crate::plan::format::HazardKind;
use crate::settings::Asked;
use crate::store::{Plans, ReceiptKind, StoredPlan};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What `dry_run` measured.
#[derive(Debug)]
pub struct DryRun {
    /// The plan.
    pub plan: Arc<StoredPlan>,
    /// Seconds forward, by segment.
    pub forward: Vec<f64>,
    /// Seconds back, by segment.
    pub back: Vec<f64>,
    /// What is to be said of the database.
    pub warnings: Diagnostics,
}

/// Really runs a plan on a database that stands at its parent, goes back, and leaves a receipt.
///
/// # Errors
/// If the way back would lose data that is not allowed to go, or the plan does not run.
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
    comes_back(&plan, allow)?;
    let mut connected = project.connect_writing(asked, &plan.name).await?;
    let stand = stand::read(&mut connected, &plans).await?;
    if stand.pending.first().is_none_or(|p| p.digest() != plan.digest()) {
        return Err(Diagnostic::error(
            Code::PlanPosition,
            format!("this database does not stand right before {}", plan.title_line()),
        )
        .into());
    }
    let said = right_label(project, &mut connected, stand.journal.as_ref())?;
    let demands = demands(&connected, stand.journal.as_ref())?;
    let mut start = starts_here(project, &plans, &mut connected, &stand, std::slice::from_ref(&plan)).await?;
    let only = std::slice::from_ref(&plan);
    let proposal = Proposal::DryRun(beginning(&connected, &project.receipts()?, &stand, only, allow));
    let protected = demands.protected.then_some(demands.who.as_str());
    if !confirm(&Question { proposal: &proposal, protected }) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was changed: nobody said yes").into());
    }
    stand::keep_out(&mut connected, &stand).await?;
    let done = there_and_back(project, (&plans, &plan, allow), &mut connected, (&stand, &mut start), observer).await;
    stand::let_in(connected).await;
    let (forward, back, more) = done?;
    let mut warnings = said;
    warnings.extend(std::mem::take(&mut start.warnings));
    warnings.extend(more);
    let seconds = |outcome: &execute::Outcome| outcome.measured.iter().map(|m| m.seconds).collect();
    Ok(DryRun { forward: seconds(&forward), back: seconds(&back), plan, warnings })
}

/// Runs it forward and back, looks whether all is back, and writes the receipt; and what is not quite as it was.
async fn there_and_back(
    project: &Project,
    (plans, plan, allow): (&Plans, &StoredPlan, &[String]),
    connected: &mut Connected,
    (stand, start): (&Stand, &mut Start),
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
        carriers_ready: false,
        found: start.found.get(plan.digest()).unwrap_or(&nothing),
        label: label.as_ref(),
    };
    let forward = execute::apply(&mut connected.connection, &run, how).await?;
    let how = Rollback {
        settings: &settings,
        observer,
        guard: &mut guard,
        kind: Kind::DryRun,
        to: 0,
        allowed: &|kind, object| covers(allow, *kind, object),
    };
    let back = execute::rollback(&mut connected.connection, &run, how).await?;
    let mut warnings = Diagnostics::default();
    if let Some(record) = Journal::read(&mut connected.connection).await?.plan(plan.digest()) {
        warnings = came_back(project, plans, connected, (plan, record)).await?;
    }
    receipt(project, plan, ReceiptKind::DryRun, connected, &forward, Some(&back))?;
    Ok((forward, back, warnings))
}

/// What the way back does not bring back must be allowed.
fn comes_back(plan: &StoredPlan, allow: &[String]) -> Result<(), Diagnostics> {
    let lost = |hazard: &HazardKind| matches!(hazard, HazardKind::DataLoss | HazardKind::Irreversible);
    let mut problems = Diagnostics::default();
    for hazard in plan.file().hazards().into_iter().filter(|h| lost(&h.hazard)) {
        if !covers(allow, hazard.hazard, &hazard.object) {
            let object = plan.file().name_of(&hazard.object);
            let message = format!("the way back does not bring {} {object} back", hazard.object.word());
            let help = format!("--allow {}", argument(&format!("{}:{object}", hazard.hazard.as_str())));
            problems.push(Diagnostic::error(Code::Hazard, message).help(help));
        }
    }
    problems.or_value(()).map(drop)
}
