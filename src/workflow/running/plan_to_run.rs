//! Conversion of a stored plan and a connection into the executor's arguments.
use crate::execute::{PlanToRun, RunSettings};
use crate::model::ObjectId;
use crate::store::StoredPlan;
use crate::workflow::invocation::project::Connected;
use std::collections::BTreeSet;

/// Objects that guard a plan or that it changes.
pub(crate) fn touched(plan: &StoredPlan) -> BTreeSet<ObjectId> {
    let guards = plan.file().header.guards.keys();
    guards.chain(plan.file().body.segments.iter().flat_map(|s| s.leaves.keys())).cloned().collect()
}

pub(crate) fn to_run(plan: &StoredPlan) -> PlanToRun {
    PlanToRun {
        digest: plan.digest().clone(),
        body_digest: plan.body_digest().clone(),
        parent: plan.file().header.parent.clone(),
        name: plan.name.clone(),
        file: plan.outside.then(|| plan.called()),
        bytes: plan.sealed.text().to_owned(),
        renames: plan.file().header.renames.clone(),
        body: plan.file().body.clone(),
    }
}

pub(crate) fn settings(connected: &Connected) -> RunSettings {
    let mut settings = RunSettings {
        role: connected.role.clone(),
        watch: Some(connected.options.clone()),
        carriers_ready: connected.subscribers_ready,
        ..RunSettings::default()
    };
    if let Some(timeouts) = &connected.patience {
        settings.max_stall = timeouts.max_stall;
        settings.lock_budget = timeouts.lock_budget;
        settings.max_wait = Some(timeouts.max_wait);
        settings.deadline = Some(timeouts.deadline);
    }
    settings
}
