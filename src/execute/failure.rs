//! Reasons why a part of a plan fails, and what is told about each.
use crate::{
    diagnostic::{Code, Diagnostic, Way},
    model::ObjectId,
    server::{Activity, ServerError},
};
use std::time::Duration;

/// Reasons why a part of a plan did not come to its end. Whatever the reason, the part's transaction is rolled back.
#[derive(Debug)]
pub(super) enum Failure {
    /// pgform's own no: a guard, an assertion, a probe.
    Refused(Diagnostic),
    /// The server refused, in a statement of the plan if one is named.
    Server { error: ServerError, statement: Option<String> },
    /// A lock was not to be had at this try.
    Locked { relation: Option<ObjectId> },
    /// Something that a guard watches was touched before the lock was had.
    Moved,
    /// A lock was not to be had within the budget.
    NoLock { relation: Option<ObjectId>, blockers: Vec<Activity>, waited: Duration },
    /// Older transactions did not end within the budget.
    Older { found: Vec<Activity>, waited: Duration },
    /// A statement passed its deadline.
    Deadline { after: Duration, blockers: Vec<Activity> },
    /// The user asked to stop.
    Interrupted,
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::Server { error, statement: None }
    }
}

/// Tells whether trying again makes an error go away: lock not available, a deadlock that the server broke, or a
/// catalog row that somebody else (a `grant`) wrote in the same moment, for which PostgreSQL has no lock: all go away
/// by trying again.
pub(super) fn is_lock_failure(error: &ServerError) -> bool {
    let same_row = |error: &ServerError| {
        error.is("XX000") && error.message.starts_with("tuple concurrently") && error.message.ends_with("ed")
    };
    error.is("55P03") || error.is("40P01") || same_row(error)
}

fn names(activities: &[Activity]) -> String {
    if activities.is_empty() {
        return "whoever holds it can no longer be seen".to_owned();
    }
    activities.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl Failure {
    /// Tells whether the session is gone, and with it the means to clear up.
    pub(super) fn lost(&self) -> bool {
        match self {
            Self::Server { error, .. } => error.connection_lost,
            Self::Refused(diagnostic) => diagnostic.code == Code::Connect,
            Self::Locked { .. }
            | Self::Moved
            | Self::NoLock { .. }
            | Self::Older { .. }
            | Self::Deadline { .. }
            | Self::Interrupted => false,
        }
    }

    /// Names what must be mended before going on: until then, the run fails again. None where trying again may be
    /// enough.
    pub(super) fn until(&self) -> Option<&'static str> {
        let Self::Server { error, .. } = self else { return None };
        let state = error.sqlstate.as_ref().filter(|_| !error.connection_lost)?.as_str();
        // By class: https://www.postgresql.org/docs/current/errcodes-appendix.html
        match state.get(..2)? {
            _ if state == "42501" => Some("once the role has that right"),
            "22" | "23" => Some("once the rows that it names are mended"),
            "42" | "0A" | "3F" | "2B" => Some("once the database has, or lacks, what it names"),
            _ => None,
        }
    }

    /// Tells the failure in a sentence.
    pub(super) fn says(&self) -> String {
        let on =
            |relation: &Option<ObjectId>| relation.as_ref().map(|r| format!(" on {}", r.short())).unwrap_or_default();
        match self {
            Self::Refused(diagnostic) => diagnostic.message.clone(),
            Self::Server { error, .. } if error.connection_lost => error.message.clone(),
            Self::Server { error, statement: Some(statement) } => format!("{error}, in: {}", clip(statement)),
            Self::Server { error, statement: None } => error.to_string(),
            Self::Moved => "what the plan touches was changed before the lock was had".to_owned(),
            Self::Locked { relation } => format!("no lock{}", on(relation)),
            Self::NoLock { relation, blockers, waited } => {
                format!("no lock{} within {} s: {}", on(relation), seconds(*waited), names(blockers))
            }
            Self::Older { found, waited } => {
                format!(
                    "transactions that it would wait for did not end within {} s: {}",
                    seconds(*waited),
                    names(found)
                )
            }
            Self::Deadline { after, blockers } if blockers.is_empty() => {
                format!("it was not done after {} s, and was cancelled", seconds(*after))
            }
            Self::Deadline { after, blockers } => {
                format!(
                    "it was not done after {} s, and was cancelled; in its way: {}",
                    seconds(*after),
                    names(blockers)
                )
            }
            Self::Interrupted => "interrupted".to_owned(),
        }
    }

    /// Gives the commands that the guard suggests.
    pub(super) fn ways(&self) -> Vec<Way> {
        match self {
            Self::Refused(diagnostic) => diagnostic.ways.clone(),
            Self::Server { .. }
            | Self::Locked { .. }
            | Self::Moved
            | Self::NoLock { .. }
            | Self::Older { .. }
            | Self::Deadline { .. }
            | Self::Interrupted => Vec::new(),
        }
    }

    /// Gives the hint of the server or the guard.
    pub(super) fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused(diagnostic) => diagnostic.help.as_deref(),
            Self::Server { error, .. } => error.hint.as_deref(),
            Self::Locked { .. }
            | Self::Moved
            | Self::NoLock { .. }
            | Self::Older { .. }
            | Self::Deadline { .. }
            | Self::Interrupted => None,
        }
    }
}

fn seconds(duration: Duration) -> String {
    if duration.as_secs() < 10 { format!("{:.1}", duration.as_secs_f64()) } else { duration.as_secs().to_string() }
}

fn clip(statement: &str) -> String {
    const SHOWN: usize = 300;
    match statement.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{} …", &statement[..at]),
        None => statement.to_owned(),
    }
}
