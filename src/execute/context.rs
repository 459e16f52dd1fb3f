//! Settings, guard and observer of a run, handed to each of its parts; and the trait of guards.
use super::{Allowed, Observer, RunSettings, plan::Called};
use crate::{diagnostic::Diagnostic, server::Connection};
use futures_util::future::BoxFuture;

/// Place in a plan where a guard is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardPoint {
    /// The segment that is about to run, from 1.
    pub segment: u32,
    /// True where the segment is being undone.
    pub back: bool,
}

/// Question of a guard inside of a part's locks. It goes to the server with the part itself, so that nobody waits
/// behind the locks for an answer to come to pgform and back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inside {
    /// Query for what is there, asked behind the part: one row, one column, JSON as text.
    pub query: String,
    /// Query asked before the part's first statement; in the same form.
    pub asks: String,
    /// Answer to `asks` where all that counts is as it was when the guard looked last.
    pub expects: String,
}

/// Answer of a guard: an error stops the run.
pub type Guarded<'a> = BoxFuture<'a, Result<(), Diagnostic>>;

/// Looks whether the database is what the plan takes it for: before each part of a segment, and inside its locks.
pub trait Guard: Send {
    /// Asked outside of any transaction, before a part's first try for its locks. It may take its time.
    fn look<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a>;

    /// Gives the question that is asked inside of a part's locks, before its first statement and again behind its last.
    /// None: nothing.
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

/// Things that every part of a run needs.
pub(super) struct Context<'a> {
    pub(super) settings: &'a RunSettings,
    pub(super) observer: &'a mut dyn Observer,
    pub(super) guard: &'a mut dyn Guard,
    /// Number of the journal's run; none where nothing is journaled.
    pub(super) run: Option<i64>,
    /// Name of the plan in messages and commands.
    pub(super) plan: Called<'a>,
    /// Losses that are allowed on the way back.
    pub(super) allowed: Allowed<'a>,
    /// Losses that are allowed on the way forward.
    pub(super) allowed_ahead: Allowed<'a>,
    /// Leftovers of the part that failed, in the database.
    pub(super) left: Left,
    /// Note for people about a constraint that a stopped way back took back or left in force.
    pub(super) note: Option<String>,
}

/// Leftovers of a part that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    Nothing,
    /// Unfinished thing of ours, which the next run clears.
    Unfinished,
    /// Unknown, as the session is gone: the next run looks.
    Unknown,
}
