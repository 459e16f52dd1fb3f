//! Facts that a database has about itself: its position in the chain, its label, its sizes.
pub(super) mod label;
pub(super) mod last_run;
pub(super) mod position;
pub(super) mod reported;
pub(super) mod sizes;
