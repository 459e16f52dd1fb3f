use super::{
    Database, PlanName,
    columns::columns,
    words::{of, time},
};
use crate::diagnostic::shown;
use serde::Serialize;

/// What happened to a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct History {
    /// Which.
    pub database: Database,
    /// Its runs, oldest first.
    pub runs: Vec<Run>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// When it began: RFC 3339, UTC.
    pub when: String,
    /// What was done.
    pub verb: Verb,
    /// With which plan.
    pub plan: PlanName,
    /// By whom: whoever set it off, where that was known; the role that logged in otherwise.
    pub who: String,
    /// The role that logged in.
    pub login: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// How many segments it finished.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// Why it stopped, or was refused.
    pub because: Option<String>,
}

/// What a run did.
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
    /// The command.
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

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// It did all that it should.
    Done,
    /// It stopped midway.
    Stopped,
    /// It was refused or failed before it changed anything.
    Failed,
    /// It still runs, or its process was killed.
    Open,
}

impl History {
    /// The lines, the last run at the bottom.
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
