//! Locks that a plan takes on relations: modes of PostgreSQL, and the time for which each is held.
use crate::model::ObjectId;
use serde::{Deserialize, Serialize};

/// PostgreSQL's table-level lock modes, weakest first
/// (<https://www.postgresql.org/docs/18/explicit-locking.html#LOCKING-TABLES>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "PostgreSQL's names")]
pub enum LockMode {
    AccessShare,
    RowShare,
    RowExclusive,
    ShareUpdateExclusive,
    Share,
    ShareRowExclusive,
    Exclusive,
    AccessExclusive,
}

impl LockMode {
    /// The name that people read, and `pg_locks` followed by `Lock`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessShare => "AccessShare",
            Self::RowShare => "RowShare",
            Self::RowExclusive => "RowExclusive",
            Self::ShareUpdateExclusive => "ShareUpdateExclusive",
            Self::Share => "Share",
            Self::ShareRowExclusive => "ShareRowExclusive",
            Self::Exclusive => "Exclusive",
            Self::AccessExclusive => "AccessExclusive",
        }
    }

    /// The words of `lock table … in … mode`.
    #[must_use]
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::AccessShare => "access share",
            Self::RowShare => "row share",
            Self::RowExclusive => "row exclusive",
            Self::ShareUpdateExclusive => "share update exclusive",
            Self::Share => "share",
            Self::ShareRowExclusive => "share row exclusive",
            Self::Exclusive => "exclusive",
            Self::AccessExclusive => "access exclusive",
        }
    }
}

/// Time for which a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// Held for a catalog change: milliseconds.
    Moment,
    /// Held while the table is read.
    Scan,
    /// Held while an index is built.
    Build,
    /// Held while the table is written anew.
    Rewrite,
}

impl Held {
    /// The word in a review.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Moment => "moment",
            Self::Scan => "scan",
            Self::Build => "build",
            Self::Rewrite => "rewrite",
        }
    }
}

/// A lock on a relation that was there before the plan; on the way back, before that part of it.
///
/// Locks that a plan must name, as `tests/locks.rs` holds it against real servers, are all of `ShareUpdateExclusive` or
/// stronger that the part's own statements take on a table, view or sequence of users, in its strongest mode. An index,
/// and the sequence behind an identity column, are reached through their table: they are named where their lock is
/// stronger than the table's, except an index that the part itself drops, which nobody can use any more when its lock
/// is taken. Weaker locks stop nobody who reads or writes; they may be named (a foreign key's partner,
/// `comment on constraint`), and are then true. Catalogs and TOAST tables are not named. Where server versions differ,
/// the stronger lock is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    /// The table, view, sequence or index.
    pub relation: ObjectId,
    /// The strongest mode taken.
    pub mode: LockMode,
    /// Time for which the lock is held.
    pub held: Held,
}
