//! Types of the answers that the file of a definition kind gives: statements, locks, hazards, and the rows that are read.
use super::super::format::{Condition, Hazard, HazardKind, Lock, LockMode, Look, Reversibility};
use super::super::problem::Problem;
use super::super::sql::commented;
use super::context::Context;
use crate::model::ObjectId;

/// Tables that a change reads; none where it reads no rows either way, and a problem where PostgreSQL would not do that.
pub(super) type ReadsOrProblem = Result<Option<Reads>, Box<Problem>>;

/// Hazards of a change, each with its reason.
pub(super) type Because = Vec<(HazardKind, &'static str)>;

/// Statements of a definition kind, the locks that they take, and the hazards.
pub(super) struct Own {
    /// The statements that make an object which is not there, from the text of its definition.
    pub(super) create: fn(&str) -> Vec<String>,
    /// The statements that end an object, by its text.
    pub(super) drop: fn(&ObjectId, &str) -> Vec<String>,
    /// The statements that turn one text into the other where the object stands; the kind's comparison said that there
    /// are some.
    pub(super) redefine: fn(&str, &str) -> Vec<String>,
    /// The tables that PostgreSQL reads when one text becomes the other; none where it reads no rows either way, and a
    /// problem where it would not do that.
    pub(super) reads: fn(&Context<'_>, &ObjectId, (&str, &str)) -> ReadsOrProblem,
    /// The lock that making, and changing in place, takes on the relation that the object is on.
    pub(super) changes: LockMode,
    /// The lock that dropping and renaming takes there.
    pub(super) drops: LockMode,
    /// Hazards of an object that is another afterwards, or gone: by its text before, and after; each with its reason.
    pub(super) hazards: fn(&str, Option<&str>) -> Because,
}

/// The object as its statements call it: `function public.f(integer)`, `trigger x on public.t`.
pub(super) fn called(id: &ObjectId) -> String {
    commented(id).unwrap_or_default()
}

/// `drop …`, of most kinds.
pub(super) fn dropped(id: &ObjectId, _: &str) -> Vec<String> {
    vec![format!("drop {}", called(id))]
}

/// Tables that are read while an object is changed in place, the rows that it would break on, and values that go.
pub(super) struct Reads {
    /// Locks of the way forward, held while tables are read.
    pub(super) locks: Vec<Lock>,
    /// Locks of the way back.
    pub(super) back: Vec<Lock>,
    /// Looks for rows that break the later text.
    pub(super) looks: Vec<Look>,
    /// Conditions of the way back: rows that break the earlier text, or values that go.
    pub(super) conditions: Vec<Condition>,
    /// Grade of the way back.
    pub(super) kind: Reversibility,
    /// Hazards, beside those of reading.
    pub(super) hazards: Vec<Hazard>,
}
