//! Context of one call of pgform: the project, its connection, the caller, and the question before a change.
mod clock;
pub(super) mod confirm;
pub(super) mod project;
pub(super) mod proposal;
pub(super) mod repeated_flags;
pub(super) mod signature;
