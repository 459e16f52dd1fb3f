//! Exit codes: one for each class of outcome, the same for all commands.
use crate::diagnostic::{Class, Diagnostics};

/// Exit code of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    /// Done, or in step.
    Done = 0,
    /// An error, usage included.
    Mistake = 1,
    /// Changes or plans pending.
    Pending = 2,
    /// Drift.
    Drift = 3,
    /// Refused.
    Refused = 4,
    /// Stopped midway, the journal consistent.
    Stopped = 5,
    /// Interrupted by the user.
    Interrupted = 130,
}

impl Exit {
    pub(super) fn of(diagnostics: &Diagnostics) -> Self {
        match diagnostics.class() {
            None => Self::Done,
            Some(Class::Mistake) => Self::Mistake,
            Some(Class::Refused) => Self::Refused,
            Some(Class::Stopped) => Self::Stopped,
        }
    }
}
