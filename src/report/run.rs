//! The report before plans run: database, position, plans to run, and hazards accepted.
use super::{
    Database, PlanName,
    words::{listed, of, time},
};
use crate::diagnostic::shown;

/// Introduction to a run of plans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The database.
    pub database: Database,
    /// The plan that the database is at.
    pub at: Option<PlanName>,
    /// The plan whose base is made first, as the database has nothing of it.
    pub makes_base: Option<String>,
    /// Plans that go back first, because others take their place.
    pub back_first: Vec<String>,
    /// The plans to run, in order.
    pub to_do: Vec<ToDo>,
    /// The hazards accepted, as typed.
    pub accepted: Vec<String>,
}

/// Plan that will run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToDo {
    /// The plan.
    pub plan: PlanName,
    /// True where somebody approved it.
    pub approved: bool,
    /// The last dry run: environment, and duration forward in milliseconds.
    pub dry_run: Option<(Option<String>, u64)>,
    /// Count of segments done, and of all, where the plan stopped midway and goes on.
    pub goes_on: Option<(usize, usize)>,
}

impl ToDo {
    /// Line: `0003 add-embeddings (approved, dry run on staging: 4 min 02 s)`.
    fn line(&self) -> String {
        let Self { plan, approved, dry_run, goes_on } = self;
        let mut notes = vec![if *approved { "approved" } else { "not approved" }.to_owned()];
        if let Some((environment, ms)) = dry_run {
            let on = environment.as_ref().map(|e| format!(" on {}", shown(e))).unwrap_or_default();
            notes.push(format!("dry run{on}: {}", time(*ms)));
        }
        if let Some((done, of)) = goes_on {
            notes.push(format!("goes on behind segment {done} of {of}"));
        }
        format!("{} ({})", plan.line(), notes.join(", "))
    }
}

impl Beginning {
    /// Text of the introduction, in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let at = self.at.as_ref().map_or_else(|| "at no plan".to_owned(), |plan| format!("at {}", plan.line()));
        let to_do: Vec<String> = self.to_do.iter().map(ToDo::line).collect();
        let to_do = match to_do.len() {
            0 => "nothing to do\n".to_owned(),
            1..=3 => format!("to do:{}", listed(&to_do)),
            n => format!("to do: {}{}", of(n, "plan", "plans"), listed(&to_do)),
        };
        let mut out = format!("{}\n{at} · {to_do}", self.database.line());
        if let Some(plan) = &self.makes_base {
            out.push_str(&format!("makes first what {} starts from, empty: nothing of it is here\n", shown(plan)));
        }
        if !self.back_first.is_empty() {
            let plans: Vec<_> = self.back_first.iter().map(|p| shown(p)).collect();
            out.push_str(&format!("goes back first: {}\n", plans.join(", ")));
        }
        if !self.accepted.is_empty() {
            let accepted: Vec<_> = self.accepted.iter().map(|a| shown(a)).collect();
            out.push_str(&format!("accepted: {}\n", accepted.join(", ")));
        }
        out
    }
}
