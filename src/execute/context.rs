use super::{Allowed, Observer, RunSettings, plan::Called};
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

/// What a guard wants to know inside of a part's locks. It goes to the server with the part itself, so that nobody waits
/// behind the locks for an answer to come to pgform and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// What is there, behind the part: one row, one column, JSON as text.
    pub query: String,
    /// What is asked before the part's first statement; in the same form.
    pub asks: String,
    /// The answer where all that counts is as it was when the guard looked last.
    pub expects: String,
}

/// What a guard says: an error stops the run.
pub type Guarded<'a> = BoxFuture<'a, Result<(), Diagnostic>>;

/// Looks whether the database is what the plan takes it for: before each part of a segment, and inside its locks.
pub trait Guard: Send {
    /// Asked outside of any transaction, before a part's first try for its locks. It may take its time.
    fn look<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a>;

    /// What is asked inside of a part's locks, before its first statement and again behind its last one. None: nothing.
    fn inside(&self, point: GuardPoint) -> Option<Inside>;

    /// Told what [`Guard::inside`] gave behind the last statement of a part that is in place: the plan's doing.
    fn took(&mut self, seen: &str, point: GuardPoint);

    /// Asked outside of any transaction: before a statement that runs in none, and where [`Guard::inside`] found something
    /// else than it expects. Then an error stops the run, and otherwise the part is tried again.
    fn check<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a>;

    /// Told after a statement that runs in no transaction: what changed until now is the plan's doing.
    fn ran<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a>;
}

/// Looks at nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unguarded;

impl Guard for Unguarded {
    fn look<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(async { Ok(()) })
    }

    fn inside(&self, _: GuardPoint) -> Option<Inside> {
        None
    }

    fn took(&mut self, _: &str, _: GuardPoint) {}

    fn check<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(async { Ok(()) })
    }

    fn ran<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(async { Ok(()) })
    }
}

/// What every part of a run needs.
pub(super) struct Context<'a> {
    pub(super) settings: &'a RunSettings,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) guard: &'a mut dyn Guard,
    /// The journal's run; none where nothing is journaled.
    pub(super) run: Option<i64>,
    /// What people call the plan.
    pub(super) plan: Called<'a>,
    /// Which losses are allowed on the way back.
    pub(super) allowed: Allowed<'a>,
    /// Which losses are allowed on the way forward.
    pub(super) allowed_ahead: Allowed<'a>,
    /// What the part that failed has left in the database.
    pub(super) left: Left,
    /// What else people must know where it stopped.
    pub(super) note: Option<String>,
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
