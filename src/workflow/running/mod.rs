//! Helpers around the execution of a plan: its guard, its receipt, and the comparison after it.
pub(super) mod arrival;
pub(super) mod baseline;
pub(super) mod guard;
pub(super) mod plan_to_run;
pub(super) mod receipt;
