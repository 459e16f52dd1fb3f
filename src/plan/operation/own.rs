//! Type of the answers that the file of a definition kind gives: statements and locks.
use super::super::format::LockMode;

/// Statements of a definition kind, and the locks that they take.
pub(super) struct Own {
    /// The statements that make an object which is not there, from the text of its definition.
    pub(super) create: fn(&str) -> Vec<String>,
    /// The statements that turn one text into the other where the object stands; the kind's comparison said that there
    /// are some.
    pub(super) redefine: fn(&str, &str) -> Vec<String>,
    /// The lock that making, and changing in place, takes on the relation that the object is on.
    pub(super) changes: LockMode,
    /// The lock that dropping and renaming takes there.
    pub(super) drops: LockMode,
    /// Users who notice when an object is gone: the reason of a hazard.
    pub(super) used_by: &'static str,
}
