use super::{Database, PlanName};
use crate::diagnostic::shown;

/// What is said before a plan is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// Where.
    pub database: Database,
    /// The plan that the database is at.
    pub at: Option<PlanName>,
    /// What will run, in order.
    pub to_do: Vec<ToDo>,
    /// The hazards accepted, as people wrote them.
    pub accepted: Vec<String>,
}

/// A plan that will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToDo {
    /// The plan.
    pub plan: PlanName,
    /// What is known of it: `approved`, `dry run on staging: 4 min 02 s`.
    pub notes: Vec<String>,
}

impl Beginning {
    /// The lines.
    #[must_use]
    pub fn text(&self) -> String {
        let at = self.at.as_ref().map_or_else(|| "empty".to_owned(), |plan| format!("at {}", plan.line()));
        let to_do: Vec<String> = self
            .to_do
            .iter()
            .map(|ToDo { plan, notes }| {
                let notes: Vec<_> = notes.iter().map(|n| shown(n)).collect();
                if notes.is_empty() { plan.line() } else { format!("{} ({})", plan.line(), notes.join(", ")) }
            })
            .collect();
        let to_do = if to_do.is_empty() { "nothing to do".to_owned() } else { format!("to do: {}", to_do.join(", ")) };
        let mut out = format!("{}\n{at} · {to_do}\n", self.database.line());
        if !self.accepted.is_empty() {
            let accepted: Vec<_> = self.accepted.iter().map(|a| shown(a)).collect();
            out.push_str(&format!("accepted: {}\n", accepted.join(", ")));
        }
        out
    }
}

/// What is said when a plan stopped midway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stopped {
    /// Where.
    pub database: Database,
    /// The segment that did not finish, from 1.
    pub segment: usize,
    /// How many there are.
    pub of: usize,
    /// Why, in a few words: `the server closed the connection`.
    pub because: String,
    /// How many segments are done.
    pub done: usize,
    /// What is left behind: `an invalid index of ours`.
    pub left_behind: Option<String>,
    /// Whether anything may still be locked.
    pub locked: Option<String>,
    /// What going on does first: `clears the leftover, builds again`.
    pub going_on: String,
    /// What going back does: `from here: 1 segment, nothing lost`.
    pub going_back: String,
}

impl Stopped {
    /// The lines.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { database, segment, of, because, done, left_behind, locked, going_on, going_back } = self;
        let left = left_behind
            .as_deref()
            .map_or_else(|| "nothing is left behind".to_owned(), |l| format!("left behind: {}", shown(l)));
        let locked =
            locked.as_deref().map_or_else(|| "nothing is locked".to_owned(), |l| format!("still locked: {}", shown(l)));
        let environment = database.argument();
        let on = format!("pgform apply {environment}");
        let back = format!("pgform rollback {environment}");
        let width = back.len();
        format!(
            "stopped in segment {segment} of {of}: {}\n  done: {done} · {left} · {locked}\n  go on:   {on:<width$}    {}\n  go back: {back}    {}\n",
            shown(because),
            shown(going_on),
            shown(going_back),
        )
    }
}
