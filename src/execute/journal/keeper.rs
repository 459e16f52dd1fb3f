//! Role as which pgform works on its journal, and the strength with which it locks it.
use crate::diagnostic::{Code, Diagnostic};

/// Strength of the journal's lock: what was seen stays until the transaction's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::execute) enum Access {
    Read,
    Write,
    /// Change of the journal itself.
    Change,
}

impl Access {
    pub(super) fn sql(self) -> String {
        // A trigger is made under a lock that only writers are in the way of, everything else under a stronger one.
        let mode = match self {
            Self::Read => "access share",
            Self::Write => "row exclusive",
            Self::Change => "access exclusive",
        };
        let tables = ["journal_format", "label", "plan", "run", "segment"].map(|table| format!("only pgform.{table}"));
        let tables = tables.join(", ");
        format!(
            "set local lock_timeout = '{PATIENCE}';\nlock table {tables} in {mode} mode;\nset local lock_timeout = 0;\n"
        )
    }
}

/// Role as which pgform works on its journal, once that has been looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::execute) struct Keeper {
    /// Owner of the journal.
    pub(super) owner: String,
    /// True where the owner is a superuser.
    pub(super) superuser: bool,
    /// True where the journal's runs say who set them off.
    pub(super) says_who: bool,
    /// SQL that makes the session the owner, within a transaction; empty where it is already, or may not.
    pub(super) enter: String,
    /// SQL that makes the session what it was before.
    pub(super) leave: String,
}

/// Longest wait for pgform's own tables: they are locked by whoever changes them, or wants to be in the way.
pub(super) const PATIENCE: &str = "10s";

/// Line of [`super::look`]'s query for the column that came with format 2.
pub(super) const WHO: &str = "run|column who text";

pub(super) fn missing(line: &str) -> Diagnostic {
    foreign(&format!("pgform.{} is missing", line.replacen('|', ": ", 1)))
}

pub(super) fn foreign(what: &str) -> Diagnostic {
    let message =
        format!("the schema pgform in this database is not as pgform makes it: {what}. Nothing in it was read");
    Diagnostic::error(Code::Journal, message).help(
        "whoever may make a schema could have made this one, to have something run as whoever reads it: look at it with \
         `\\d pgform.*` in psql. What was added is taken away as its owner; if all of it is foreign: alter schema pgform \
         rename to pgform_foreign, then adopt the database anew",
    )
}
