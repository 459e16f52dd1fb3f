//! The report of `history`: the runs on a database, with time, plan, user and outcome.
use super::{
    Database, PlanName,
    columns::columns,
    words::{of, time},
};
use crate::diagnostic::shown;
use serde::Serialize;

/// Report of `history`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    /// The database.
    pub database: Database,
    /// The runs, oldest first.
    pub runs: Vec<Run>,
}

/// Run of a plan on a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Time when it began: RFC 3339, UTC.
    pub when: String,
    /// The command.
    pub verb: Verb,
    /// The plan.
    pub plan: PlanName,
    /// User who started it, where that is known; otherwise the role that logged in.
    pub who: String,
    /// The role that logged in.
    pub login: String,
    /// The outcome.
    pub outcome: RunOutcome,
    /// Count of the segments that it finished.
    pub done: usize,
    /// Count of the plan's segments.
    pub of: usize,
    /// Duration in milliseconds.
    pub took_ms: Option<u64>,
    /// Reason why it stopped, or was refused.
    pub because: Option<String>,
}

/// Command of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the commands' names")]
pub enum Verb {
    Apply,
    Rollback,
    DryRun,
    Adopt,
    Build,
    Draft,
}

impl Verb {
    /// Name of the command.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Rollback => "rollback",
            Self::DryRun => "dry-run",
            Self::Adopt => "adopt",
            Self::Build => "build",
            Self::Draft => "dev",
        }
    }
}

/// Outcome of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Done to the end.
    Done,
    /// Stopped midway.
    Stopped,
    /// Refused, or failed before it changed anything.
    Failed,
    /// Running, or its process was killed.
    Open,
}

impl History {
    /// Text of the report, the last run at the bottom.
    #[must_use]
    pub fn text(&self) -> String {
        if self.runs.is_empty() {
            return format!("{}\nnothing has run here\n", self.database.line());
        }
        let row = |run: &Run| {
            let Run { when, verb, plan, who, login, outcome, done, of: all, took_ms, because } = run;
            let outcome = match outcome {
                RunOutcome::Done if matches!(verb, Verb::Adopt | Verb::Build) => "recorded".to_owned(),
                RunOutcome::Done => of(*done, "segment", "segments"),
                RunOutcome::Stopped => format!("STOPPED after {done} of {all}"),
                RunOutcome::Failed => "nothing changed".to_owned(),
                RunOutcome::Open => format!("OPEN after {done} of {all}"),
            };
            let took = took_ms.map(time).unwrap_or_default();
            let because = because.clone().unwrap_or_default();
            let who = if who == login { who.clone() } else { format!("{who} as {login}") };
            [when, verb.as_str(), &plan.line(), &outcome, &took, &who, &because].map(shown).to_vec()
        };
        format!("{}\n{}", self.database.line(), columns(&self.runs.iter().map(row).collect::<Vec<_>>(), 2))
    }
}
