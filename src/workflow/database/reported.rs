//! Databases and the plans that they have, in the form of reports.
use super::position::is_copy;
use crate::execute::{JournalState, PlanRecord, SegmentState};
use crate::report::{Database, PlanName};
use crate::store::StoredPlan;
use crate::workflow::invocation::project::Connected;

/// Database that a command is about.
pub(crate) fn database(connected: &Connected, journal: Option<&JournalState>) -> Database {
    let info = connected.connection.info();
    let vector = info.vector_version.as_ref().map(|v| format!(", pgvector {v}")).unwrap_or_default();
    let version = info.version.split_whitespace().next().unwrap_or_default();
    let remembered = journal.and_then(|j| j.label.as_ref()).and_then(|l| l.environment.clone());
    Database {
        environment: connected.environment.clone().or(remembered),
        address: info.host.clone(),
        database: info.database.clone(),
        role: info.role.clone(),
        runs_as: connected.role.clone().filter(|role| *role != info.role),
        server: format!("PostgreSQL {version}{vector}"),
        again: connected.again.clone(),
    }
}

/// Name of a stored plan.
pub(crate) fn plan_name(plan: &StoredPlan) -> PlanName {
    let file = || if is_copy(plan) { format!("{}.yaml", plan.name) } else { plan.called() };
    PlanName { name: plan.name.clone(), digest: plan.digest().clone(), file: plan.outside.then(file) }
}

/// Name of a plan that the journal knows.
pub(crate) fn record_name(record: &PlanRecord) -> PlanName {
    PlanName { name: record.name.clone(), digest: record.digest.clone(), file: None }
}

/// Count of the segments of a plan that are done or were found.
pub(crate) fn in_place(record: &PlanRecord) -> usize {
    let whole = |state: &&SegmentState| matches!(state, SegmentState::Done | SegmentState::Found);
    record.segments.values().filter(whole).count()
}
