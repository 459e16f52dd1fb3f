use super::{Observer, Settings};
use crate::{diagnostic::Diagnostic, server::Connection};
use futures_util::future::BoxFuture;

/// Where a guard is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardPoint {
    /// The segment that is about to run, from 1.
    pub segment: u32,
    /// Whether it is being undone.
    pub back: bool,
}

/// Looks, inside the locks, whether the database is what the plan starts from.
pub trait Guard: Send {
    /// Asked before the first statement of each segment, on the connection that will run it: in its transaction if it has one.
    /// It must leave the transaction as it is. An error stops the run.
    fn check<'a>(
        &'a mut self,
        connection: &'a mut Connection,
        point: GuardPoint,
    ) -> BoxFuture<'a, Result<(), Diagnostic>>;
}

/// Looks at nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    fn check<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> BoxFuture<'a, Result<(), Diagnostic>> {
        Box::pin(async { Ok(()) })
    }
}

/// What every part of a run needs.
pub(super) struct Context<'a> {
    pub(super) settings: &'a Settings,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) guard: &'a mut dyn Guard,
    /// The journal's run; none where nothing is journaled.
    pub(super) run: Option<i64>,
    /// What the part that failed has left in the database.
    pub(super) left: Left,
}

/// What a part that failed has left behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// An unfinished thing of ours, which the next run clears.
    Unfinished,
    /// The session is gone: the next run looks.
    Unknown,
}
