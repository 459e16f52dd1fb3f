//! Checks before a plan runs, forward or back.
pub(super) mod allowances;
pub(super) mod approvals;
pub(super) mod back;
pub(super) mod copied_plans;
pub(super) mod emptied;
pub(super) mod first_plan;
pub(super) mod forward;
pub(super) mod losses;
pub(super) mod outcome;
pub(super) mod rollback_summary;
pub(super) mod taken_over;
pub(super) mod unrelated_drift;
