//! What one call of pgform works with: the project, its connection, who calls it and what is asked.
mod clock;
pub(super) mod confirm;
pub(super) mod project;
pub(super) mod proposal;
pub(super) mod repeated_flags;
pub(super) mod signature;
