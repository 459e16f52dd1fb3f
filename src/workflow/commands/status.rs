//! `status` and `history`: the position of a database in the chain, and the runs on it, in the form of reports.
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::execute::{Direction, JournalState, Kind, NOTHING_TO_DO, PlanRecord, RunStatus, Standing, rule_in_force};
use crate::model::Digest;
use crate::report::{Halfway, History, Pending, PlanName, Run, RunOutcome, Status, Verb};
use crate::settings::{Asked, ProofDemand};
use crate::store::{Plans, Receipts, StoredPlan};
use crate::workflow::database::label::{Demands, demands};
use crate::workflow::database::position::{self, Position};
use crate::workflow::database::reported::{database, in_place, plan_name, record_name};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::verification::planned_again::is_verified;
use std::collections::BTreeSet;
use std::time::SystemTime;

/// Reports the position of a database in the chain: plans applied, pending, held and lost.
///
/// # Errors
/// If it cannot be reached. A broken chain of the plans' files is a part of the answer.
pub async fn status(project: &Project, asked: &Asked) -> Result<Status, Diagnostics> {
    let plans = project.plans()?;
    let mut connected = project.connect_reading(asked).await?;
    let stand = position::read(&mut connected, &plans).await?;
    let status = status_of(&project.receipts()?, &connected, &plans, &stand)?;
    let _ = connected.connection.close().await;
    Ok(status)
}

/// Reports the runs on a database.
///
/// # Errors
/// If it cannot be reached.
pub async fn history(project: &Project, asked: &Asked) -> Result<History, Diagnostics> {
    let plans = project.plans()?;
    let mut connected = project.connect_reading(asked).await?;
    let stand = position::read(&mut connected, &plans).await?;
    let database = database(&connected, stand.journal.as_ref());
    let _ = connected.connection.close().await;
    let runs = stand.journal.iter().flat_map(|journal| journal.runs.iter().map(|run| of_run(journal, run))).collect();
    Ok(History { database, runs })
}

pub(crate) fn status_of(
    receipts: &Receipts,
    connected: &Connected,
    plans: &Plans,
    stand: &Position,
) -> Result<Status, Diagnostics> {
    let journal = stand.journal.as_ref();
    let demands = demands(connected, journal)?;
    let midway = journal.and_then(JournalState::midway);
    let at = journal.and_then(JournalState::position);
    let is_midway = |plan: &StoredPlan| midway.is_some_and(|m| m.digest == *plan.digest());
    let pending = stand
        .pending
        .iter()
        .filter(|plan| !is_midway(plan))
        .map(|plan| Pending { plan: plan_name(plan), lacks: lacks((receipts, plans), &demands, plan, journal) });
    // A plan that another one replaced needs no file.
    let without_file = journal.map(JournalState::applied).unwrap_or_default();
    Ok(Status {
        database: database(connected, journal),
        known: journal.is_some(),
        at: at.map(record_name),
        recorded_by: at.and_then(|record| recorded_by(record.standing)).map(str::to_owned),
        halfway: midway.zip(journal).map(|(record, journal)| halfway(plans, record, journal)),
        failed: journal.and_then(failed),
        pending: pending.collect(),
        held: held(journal, plans),
        lost: stand.lost.iter().map(record_name).collect(),
        chain: stand.broken.0.iter().map(trouble).collect(),
        without_file: without_file
            .into_iter()
            .filter(|record| plans.by_digest(&record.digest).is_none())
            .map(record_name)
            .collect(),
    })
}

/// Message and help of an error of the chain, on a line each.
fn trouble(diagnostic: &Diagnostic) -> String {
    let help = diagnostic.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    format!("{}{help}", diagnostic.message)
}

/// Plans that were rolled back here. One that another replaced, or whose file is gone, is held no more: it never runs
/// again. One whose file is outside of the plans' folder is held in silence: `apply` and `rollback` tell it.
fn held(journal: Option<&JournalState>, plans: &Plans) -> Vec<PlanName> {
    let held = journal.map(JournalState::held).unwrap_or_default();
    let may_run =
        |record: &&PlanRecord| plans.by_digest(&record.digest).is_some() && plans.replaced_by(&record.digest).is_none();
    held.into_iter().filter(may_run).map(record_name).collect()
}

/// Name of a plan, with its file where it is not of the plans' folder; that file's folder is unknown.
fn with_file(plans: &Plans, record: &PlanRecord) -> PlanName {
    let outside = plans.by_digest(&record.digest).is_none();
    PlanName { file: outside.then(|| format!("{}.yaml", record.name)), ..record_name(record) }
}

/// Last run, where it changed nothing although it should have. A plan stopped midway is reported apart.
fn failed(journal: &JournalState) -> Option<Run> {
    let last = journal.runs.last().filter(|_| journal.midway().is_none())?;
    let vain = match last.status {
        RunStatus::Failed => last.message.as_deref() != Some(NOTHING_TO_DO),
        RunStatus::Running => last.segments == 0,
        RunStatus::Done | RunStatus::Stopped => false,
    };
    vain.then(|| of_run(journal, last))
}

fn recorded_by(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Adopted => Some("adopted"),
        Standing::Built => Some("built"),
        Standing::NotApplied | Standing::Applied | Standing::Held | Standing::Midway { .. } => None,
    }
}

fn halfway(plans: &Plans, record: &PlanRecord, journal: &JournalState) -> Halfway {
    let back = matches!(record.standing, Standing::Midway { direction: Direction::Back, .. });
    let last = journal.runs.iter().rfind(|run| run.plan == record.digest);
    Halfway {
        plan: with_file(plans, record),
        back,
        done: in_place(record),
        of: record.total as usize,
        because: last.and_then(|run| run.message.clone()),
        in_force: position::stored(plans, record).ok().and_then(|plan| {
            let (_, rule) = rule_in_force(&plan.file().body.segments, &record.segments)?;
            Some(format!("{} fail, by constraint {}; rows that break it: {}", rule.refuses, rule.constraint, rule.rows))
        }),
    }
}

/// Requirements that a plan does not meet yet on a database, in a few words each; `may_run` refuses the same.
fn lacks(
    (receipts, plans): (&Receipts, &Plans),
    demands: &Demands,
    plan: &StoredPlan,
    journal: Option<&JournalState>,
) -> Vec<String> {
    let mut lacks = Vec::new();
    if journal.is_some_and(|j| j.held().iter().any(|record| record.digest == *plan.digest())) {
        lacks.push("held".to_owned());
    }
    let authors = receipts.authors(plan);
    let counts = |who: &str| !demands.not_author || !authors.contains(&who);
    let approvals = receipts.approvals(plan).into_iter().map(|r| r.who.as_str()).filter(|who| counts(who));
    match (approvals.collect::<BTreeSet<_>>().len(), demands.approvals as usize) {
        (has, needs) if has >= needs => {}
        (0, _) => lacks.push("not approved".to_owned()),
        (has, needs) => lacks.push(format!("{has} of {needs} approvals")),
    }
    let untried = demands.dry_runs.iter().filter(|other| receipts.tried_in(plan, other).is_none());
    lacks.extend(untried.map(|other| format!("no dry run on {other}")));
    let partial = plan.file().body.proof.as_ref().is_some_and(|proof| !proof.partial.is_empty());
    if demands.proof == Some(ProofDemand::Full) && partial {
        lacks.push("not fully proven".to_owned());
    }
    if demands.verified && !is_verified(plans, plan) {
        lacks.push("not verified".to_owned());
    }
    let accepted = receipts.accepted_hazards(plan);
    let open = plan.file().hazards().into_iter().filter(|h| h.hazard.must_be_allowed() && !accepted.contains(h));
    lacks.extend(open.map(|h| format!("{} {} not accepted", h.hazard.as_str(), plan.file().name_of(&h.object))));
    lacks
}

fn of_run(journal: &JournalState, run: &crate::execute::RunRecord) -> Run {
    let record = journal.plan(&run.plan);
    let unknown = |digest: &Digest| PlanName { name: digest.short().to_owned(), digest: digest.clone(), file: None };
    let took = run.finished_at.and_then(|end| end.duration_since(run.started_at).ok());
    Run {
        when: when(run.started_at),
        verb: match run.kind {
            Kind::Apply => Verb::Apply,
            Kind::Rollback => Verb::Rollback,
            Kind::Adopt => Verb::Adopt,
            Kind::Build => Verb::Build,
            Kind::DryRun => Verb::DryRun,
        },
        plan: record.map_or_else(|| unknown(&run.plan), record_name),
        who: run.who.clone().unwrap_or_else(|| run.login.clone()),
        login: run.login.clone(),
        outcome: match run.status {
            RunStatus::Done => RunOutcome::Done,
            RunStatus::Stopped => RunOutcome::Stopped,
            RunStatus::Failed => RunOutcome::Failed,
            RunStatus::Running => RunOutcome::Open,
        },
        done: run.segments as usize,
        of: record.map_or(0, |r| r.total as usize),
        took_ms: took.map(|t| u64::try_from(t.as_millis()).unwrap_or(u64::MAX)),
        because: run.message.clone(),
    }
}

/// Time to the second, in UTC.
fn when(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let second = i64::try_from(since.as_secs()).unwrap_or_default();
    jiff::Timestamp::from_second(second).map_or_else(|_| "unknown".to_owned(), |t| t.to_string())
}
