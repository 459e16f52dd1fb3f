use super::{Database, columns::columns};
use crate::diagnostic::{Again, Command, Diagnostic, Way, shown};
use serde::Serialize;

/// What was looked at, and what is to be mended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Doctor {
    /// Which database; `null` where none was reached.
    pub database: Option<Database>,
    /// What was found, in the order in which it was looked at.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The area: `tls`, `rights`, `journal`.
    pub about: &'static str,
    /// How it is.
    pub health: Health,
    /// What was found, in words.
    pub says: String,
    /// What mends it: commands of a shell, or SQL for whom it names.
    pub mend: Vec<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Well,
    /// It works, and may not later, or not as well as it could.
    Warning,
    /// It keeps pgform from its work.
    Wrong,
}

impl Finding {
    /// Something that is as it should be.
    #[must_use]
    pub fn well(about: &'static str, says: impl Into<String>) -> Self {
        Self { about, health: Health::Well, says: says.into(), mend: Vec::new() }
    }

    /// Something that may be in the way.
    #[must_use]
    pub fn warning(about: &'static str, says: impl Into<String>) -> Self {
        Self { health: Health::Warning, ..Self::well(about, says) }
    }

    /// Something that is in the way.
    #[must_use]
    pub fn wrong(about: &'static str, says: impl Into<String>) -> Self {
        Self { health: Health::Wrong, ..Self::well(about, says) }
    }

    /// A diagnostic as a finding, with its ways out.
    #[must_use]
    pub fn of(about: &'static str, health: Health, diagnostic: &Diagnostic, again: &Again) -> Self {
        let Diagnostic { code: _, severity: _, message, labels: _, help, ways } = diagnostic;
        let mend = help.iter().cloned().chain(ways.iter().map(|way| way.line(again))).collect();
        Self { about, health, says: message.clone(), mend }
    }

    /// Adds what mends it, in words or as SQL.
    #[must_use]
    pub fn mend(mut self, words: impl Into<String>) -> Self {
        self.mend.push(words.into());
        self
    }

    /// Adds a command that mends it: what it does, and the command.
    #[must_use]
    pub fn way(self, does: &str, command: Command, again: &Again) -> Self {
        self.mend(Way::new(does, command).line(again))
    }
}

impl Doctor {
    /// Whether something keeps pgform from its work.
    #[must_use]
    pub fn is_wrong(&self) -> bool {
        self.findings.iter().any(|finding| finding.health == Health::Wrong)
    }

    /// The lines: each finding with what mends it under it, and what it comes to.
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
