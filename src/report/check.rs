use super::{Difference, Status, columns::columns, words::count};
use crate::{diagnostic::shown, model::ObjectId, store::Mark};
use serde::Serialize;

/// Whether a database is what it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckReport {
    /// Where it stands.
    pub status: Status,
    /// What differs from the state behind its plan.
    pub drift: Vec<Drift>,
    /// The commands that end all of that at once, in order.
    pub all: Vec<String>,
    /// What is neither planned nor declared, and in nobody's way.
    pub unknown: Vec<Drift>,
    /// What could not be seen or compared, in words.
    pub unseen: Vec<String>,
    /// What is kept longer than it should be, in words.
    pub overdue: Vec<String>,
}

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Drift {
    /// What it is, seen from the plans: there and not planned, planned and not there, different.
    pub does: Mark,
    /// The kind's word.
    pub kind: String,
    /// The object.
    pub object: ObjectId,
    /// What texts call it.
    pub called: String,
    /// The table that it is on.
    pub on: Option<String>,
    /// What differs: `made here, not declared`.
    pub detail: String,
    /// The attributes that differ, with both values; none where it is there or missing as a whole.
    pub differs: Vec<Difference>,
    /// The ways out: `take over: pgform plan --absorb documents_path_idx`.
    pub ways: Vec<String>,
}

/// What `check` found; the exit code of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// In step: 0.
    InStep,
    /// Plans are pending, or one is held or stopped midway: 2.
    Pending,
    /// It drifted: 3.
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
    /// What it comes to.
    #[must_use]
    pub fn standing(&self) -> CheckVerdict {
        // What is held and may still run is pending.
        let Status { halfway, pending, .. } = &self.status;
        match () {
            () if !self.drift.is_empty() => CheckVerdict::Drifted,
            () if halfway.is_some() || !pending.is_empty() => CheckVerdict::Pending,
            () => CheckVerdict::InStep,
        }
    }

    /// The lines.
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
