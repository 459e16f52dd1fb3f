//! Keeps pgform's own schema: which plans a database has, and how far each run of them came.
mod create;
mod fold;
mod format;
mod keeper;
mod lock;
mod look;
mod read;
mod record;
mod state;
mod tables;
mod upgrade;

pub use format::FORMAT;
pub use record::{DatabaseLabel, NOTHING_TO_DO};
pub use state::{Direction, JournalState, Kind, PlanRecord, RunRecord, RunStatus, SegmentState, Standing};

pub(super) use keeper::{Access, Keeper};
pub(super) use record::{BEGIN, Row, RowStatus};

/// The journal of the database that a connection is to.
#[derive(Clone, Copy, Debug)]
pub struct Journal;
