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
    /// By whom.
    pub who: String,
    /// How it ended.
    pub outcome: Outcome,
    /// How many segments it finished.
    pub done: usize,
    /// Of how many.
    pub of: usize,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// The hazards allowed, as people write them.
    pub allowed: Vec<String>,
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
pub enum Outcome {
    /// It did all that it should.
    Done,
    /// It stopped midway.
    Stopped,
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
            let Run { when, verb, plan, who, outcome, done, of: all, took_ms, allowed } = run;
            let outcome = match outcome {
                Outcome::Done => of(*done, "segment", "segments"),
                Outcome::Stopped => format!("STOPPED at {done} of {all}"),
                Outcome::Open => format!("OPEN at {done} of {all}"),
            };
            let allowed = if allowed.is_empty() { String::new() } else { format!("allowed: {}", allowed.join(", ")) };
            let took = took_ms.map(time).unwrap_or_default();
            [when, verb.as_str(), &plan.line(), &outcome, &took, who, &allowed].map(shown).to_vec()
        };
        format!("{}\n{}", self.database.line(), columns(&self.runs.iter().map(row).collect::<Vec<_>>(), 2))
    }
}
