//! What goes along while a plan runs, and follows it.
pub(super) mod arrival;
pub(super) mod baseline;
pub(super) mod guard;
pub(super) mod plan_to_run;
pub(super) mod receipt;
