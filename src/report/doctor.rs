//! The report of `doctor`: findings about a project and its database, each with the commands that mend it.
use super::{Database, columns::columns};
use crate::diagnostic::{Again, Command, Diagnostic, Way, shown};
use serde::Serialize;

/// Report of `doctor`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doctor {
    /// The database; `null` where none was reached.
    pub database: Option<Database>,
    /// The findings, in the order in which they were made.
    pub findings: Vec<Finding>,
}

/// Result of one examination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The area: `tls`, `rights`, `journal`.
    pub about: &'static str,
    /// Health of the area.
    pub health: Health,
    /// The result, in words.
    pub says: String,
    /// Commands of a shell that mend it, or SQL, with the role to run it as.
    pub mend: Vec<String>,
}

/// Health of an examined area.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// In order.
    Well,
    /// Works, and may not later, or not as well as it could.
    Warning,
    /// Keeps pgform from its work.
    Wrong,
}

impl Finding {
    /// Makes a finding that all is in order.
    #[must_use]
    pub fn well(about: &'static str, says: impl Into<String>) -> Self {
        Self { about, health: Health::Well, says: says.into(), mend: Vec::new() }
    }

    /// Makes a finding of a possible obstacle.
    #[must_use]
    pub fn warning(about: &'static str, says: impl Into<String>) -> Self {
        Self { health: Health::Warning, ..Self::well(about, says) }
    }

    /// Makes a finding of an obstacle.
    #[must_use]
    pub fn wrong(about: &'static str, says: impl Into<String>) -> Self {
        Self { health: Health::Wrong, ..Self::well(about, says) }
    }

    /// Makes a finding of a diagnostic, with its ways out.
    #[must_use]
    pub fn of(about: &'static str, health: Health, diagnostic: &Diagnostic, again: &Again) -> Self {
        let Diagnostic { code: _, severity: _, message, labels: _, help, ways } = diagnostic;
        let mend = help.iter().cloned().chain(ways.iter().map(|way| way.line(again))).collect();
        Self { about, health, says: message.clone(), mend }
    }

    /// Adds a remedy, in words or as SQL.
    #[must_use]
    pub fn mend(mut self, words: impl Into<String>) -> Self {
        self.mend.push(words.into());
        self
    }

    /// Adds a command as remedy, with words for its effect.
    #[must_use]
    pub fn way(self, does: &str, command: Command, again: &Again) -> Self {
        self.mend(Way::new(does, command).line(again))
    }
}

impl Doctor {
    /// Tells whether a finding keeps pgform from its work.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.findings.iter().any(|finding| finding.health == Health::Wrong)
    }

    /// Text of the report: each finding with its remedies under it, and a count.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = self.database.as_ref().map(|d| format!("{}\n", d.line())).unwrap_or_default();
        let rows = self.findings.iter().map(|finding| {
            let health = match finding.health {
                Health::Well => "ok",
                Health::Warning => "note",
                Health::Wrong => "WRONG",
            };
            vec![health.to_owned(), finding.about.to_owned(), shown(&finding.says)]
        });
        let lines = columns(&rows.collect::<Vec<_>>(), 0);
        for (line, finding) in lines.lines().zip(&self.findings) {
            out.push_str(&format!("{line}\n"));
            for command in finding.mend.iter().flat_map(|mend| mend.lines()) {
                out.push_str(&format!("         {}\n", shown(command)));
            }
        }
        let count = |health| self.findings.iter().filter(|f| f.health == health).count();
        out.push_str(&match (count(Health::Wrong), count(Health::Warning)) {
            (0, 0) => "nothing to mend\n".to_owned(),
            (0, notes) => format!("nothing is wrong; {notes} to know\n"),
            (wrong, notes) => format!("{wrong} to mend, {notes} to know\n"),
        });
        out
    }
}
