//! The report of `check`: status, drift, ways out, and the verdict with its exit code.
use super::{Difference, Status, columns::columns, words::count};
use crate::{diagnostic::shown, model::ObjectId, store::Mark};
use serde::Serialize;

/// Report of `check`: position, pending plans and drift of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Position of the database in the chain.
    pub status: Status,
    /// Differences from the state that the journal records.
    pub drift: Vec<Drift>,
    /// The commands that end all of that at once, in order.
    pub all: Vec<String>,
    /// Objects that are neither planned nor declared, and in nobody's way.
    pub unknown: Vec<Drift>,
    /// Objects that could not be read or compared, in words.
    pub unseen: Vec<String>,
    /// Data kept longer than it should be, in words.
    pub overdue: Vec<String>,
}

/// Difference between the database and the plans.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// The difference as the plans see it: created (there, not planned), dropped (planned, not there), altered.
    pub does: Mark,
    /// The kind's word.
    pub kind: String,
    /// The object.
    pub object: ObjectId,
    /// Name of the object in texts.
    pub called: String,
    /// The table that it is on.
    pub on: Option<String>,
    /// The difference in words: `made here, not declared`.
    pub detail: String,
    /// Attributes that differ, with both values; none where the object is there or missing as a whole.
    pub differs: Vec<Difference>,
    /// The ways out: `take over: pgform plan --absorb documents_path_idx`.
    pub ways: Vec<String>,
}

/// Verdict of `check`, and its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// In step: 0.
    InStep,
    /// Plans are pending, or one is held or stopped midway: 2.
    Pending,
    /// The database has drifted: 3.
    Drifted,
}

impl CheckVerdict {
    /// The exit code.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::InStep => 0,
            Self::Pending => 2,
            Self::Drifted => 3,
        }
    }
}

impl CheckReport {
    /// Verdict: drift before pending plans.
    #[must_use]
    pub fn standing(&self) -> CheckVerdict {
        // A held plan that may still run is pending.
        let Status { halfway, pending, .. } = &self.status;
        match () {
            () if !self.drift.is_empty() => CheckVerdict::Drifted,
            () if halfway.is_some() || !pending.is_empty() => CheckVerdict::Pending,
            () => CheckVerdict::InStep,
        }
    }

    /// Text of the report, in lines.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = self.status.line();
        out.push_str(&self.status.troubles());
        out.push_str(&list("drift", &self.drift));
        for way in &self.all {
            out.push_str(&format!("{}\n", shown(way)));
        }
        out.push_str(&list("unknown", &self.unknown));
        for (title, items) in [("not seen", &self.unseen), ("overdue", &self.overdue)] {
            for item in items {
                out.push_str(&format!("{title}: {}\n", shown(item)));
            }
        }
        if self.drift.is_empty() && self.status.known {
            out.push_str("drift: none\n");
            out.push_str(&self.status.next());
        }
        out
    }
}

fn list(title: &str, drift: &[Drift]) -> String {
    if drift.is_empty() {
        return String::new();
    }
    let row = |d: &Drift| {
        let on = d.on.as_deref().map(|on| format!(" on {}", shown(on))).unwrap_or_default();
        vec![format!("{} {} {}{on}", d.does.as_str(), shown(&d.kind), shown(&d.called)), shown(&d.detail)]
    };
    let lines = columns(&drift.iter().map(row).collect::<Vec<_>>(), 2);
    let mut out = format!("{title}: {}\n", count(drift.len() as u64));
    for (line, d) in lines.lines().zip(drift) {
        let ways: Vec<_> = d.ways.iter().map(|w| shown(w)).collect();
        out.push_str(&format!("{line}\n"));
        ways.iter().for_each(|way| out.push_str(&format!("      {way}\n")));
    }
    out
}
