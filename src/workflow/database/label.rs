//! Labels of databases: the environment that a database says it is, and the demands that it remembers before plans run.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{DatabaseLabel, JournalState};
use crate::settings::{Environment, ProofDemand, Requires};
use crate::workflow::invocation::project::{Connected, Project};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The environment whose databases may be emptied.
pub(crate) const DEVELOPMENT: &str = "development";

/// The demands of a database before a plan may run in it: those of its environment, and those that it remembers. A
/// settings file that is missing, or says less than it did, lifts nothing: `adopt --relabel` does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    /// Name of the environment.
    pub(crate) who: String,
    /// Number of people who must approve a plan.
    pub(crate) approvals: u32,
    /// True where the author's own approval does not count.
    pub(crate) not_author: bool,
    /// Environments where a dry run must have succeeded.
    pub(crate) dry_runs: BTreeSet<String>,
    /// Least proof.
    pub(crate) proof: Option<ProofDemand>,
    /// True where planning again must give the same plan.
    pub(crate) verified: bool,
    /// True where the environment's name must be given again before anything is written.
    pub(crate) protected: bool,
    /// True where the database remembers more than the settings say.
    pub(crate) remembers_more: bool,
}

impl Demands {
    fn of(who: String, requires: &Requires, protected: bool) -> Self {
        let Requires { approvals, not_author, dry_run, proof, verified } = requires.clone();
        let dry_runs = dry_run.into_iter().collect();
        Self { who, approvals, not_author, dry_runs, proof, verified, protected, remembers_more: false }
    }

    /// Combines two demands: the stricter of each.
    fn and(self, other: Self) -> Self {
        let Self { who: _, approvals, not_author, mut dry_runs, proof, verified, protected, remembers_more } = other;
        dry_runs.extend(self.dry_runs.iter().cloned());
        let both = Self {
            who: self.who.clone(),
            approvals: self.approvals.max(approvals),
            not_author: self.not_author || not_author,
            dry_runs,
            proof: self.proof.max(proof),
            verified: self.verified || verified,
            protected: self.protected || protected,
            remembers_more,
        };
        Self { remembers_more: both != self, ..both }
    }

    /// Names the environment that demands, as messages say it.
    pub(crate) fn by(&self) -> String {
        let Self { who, remembers_more, .. } = self;
        if *remembers_more { format!("{who} (as this database remembers, beyond pgform.yaml)") } else { who.clone() }
    }

    /// The form in which the label stores them.
    fn store(&self) -> String {
        let Self { who: _, approvals, not_author, dry_runs, proof, verified, protected, remembers_more: _ } = self;
        let proof = proof.map(|proof| match proof {
            ProofDemand::Partial => "partial".to_owned(),
            ProofDemand::Full => "full".to_owned(),
        });
        let mut dry_runs = dry_runs.iter().cloned();
        let stored = Stored {
            approvals: *approvals,
            not_author: *not_author,
            dry_run: dry_runs.next(),
            more_dry_runs: dry_runs.collect(),
            proof,
            verified: *verified,
            protected: *protected,
        };
        serde_json::to_string(&stored).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// The demands as the label stores them. A key that this pgform does not know is a demand that it cannot meet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    #[serde(default, skip_serializing_if = "is_zero")]
    approvals: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    not_author: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dry_run: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    more_dry_runs: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    verified: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protected: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn restore(label: &DatabaseLabel) -> Result<Demands, Diagnostics> {
    let newer = || {
        let message = format!("this database demands something that this pgform does not know: {}", label.requires);
        Diagnostics::from(
            Diagnostic::error(Code::Journal, message).help("use the pgform that wrote it, or a later one"),
        )
    };
    let Stored { approvals, not_author, dry_run, more_dry_runs, proof, verified, protected } =
        serde_json::from_str(&label.requires).map_err(|_| newer())?;
    let proof = match proof.as_deref() {
        None => None,
        Some("partial") => Some(ProofDemand::Partial),
        Some("full") => Some(ProofDemand::Full),
        Some(_) => return Err(newer()),
    };
    let who = label.environment.clone().unwrap_or_else(|| "this database".to_owned());
    let dry_runs = dry_run.into_iter().chain(more_dry_runs).collect();
    Ok(Demands { who, approvals, not_author, dry_runs, proof, verified, protected, remembers_more: false })
}

/// Demands of the database that was reached: those of its environment, and those that it remembers.
///
/// # Errors
/// If the database remembers a demand that this pgform cannot read.
pub(crate) fn demands(connected: &Connected, journal: Option<&JournalState>) -> Result<Demands, Diagnostics> {
    let remembered = remembered(journal)?;
    Ok(match &connected.settings {
        Some(environment) => said(environment).and(remembered),
        None => remembered,
    })
}

fn said(environment: &Environment) -> Demands {
    Demands::of(environment.name.clone(), &environment.requires, environment.protected)
}

/// Demands that the database itself remembers.
///
/// # Errors
/// If the database remembers a demand that this pgform cannot read.
pub(crate) fn remembered(journal: Option<&JournalState>) -> Result<Demands, Diagnostics> {
    journal.and_then(|j| j.label.as_ref()).map_or_else(|| Ok(Demands::default()), restore)
}

/// Makes the label that the database is to have from now on: its demands until now, and those of the environment that
/// was named.
pub(crate) fn label(connected: &Connected, journal: Option<&JournalState>) -> Option<DatabaseLabel> {
    let known = journal.and_then(|j| j.label.clone());
    let Some(environment) = &connected.settings else {
        let unnamed = || DatabaseLabel { environment: None, target: "database".to_owned(), requires: "{}".to_owned() };
        return Some(known.unwrap_or_else(unnamed));
    };
    // Unreadable demands were refused before.
    let demands = demands(connected, journal).unwrap_or_else(|_| said(environment));
    Some(of_environment(environment, &demands))
}

/// Makes the label of a database that becomes another environment's, or whose demands are to be those of the settings
/// again.
pub(crate) fn new_label(connected: &Connected) -> Option<DatabaseLabel> {
    connected.settings.as_ref().map(|environment| of_environment(environment, &said(environment)))
}

fn of_environment(environment: &Environment, demands: &Demands) -> DatabaseLabel {
    DatabaseLabel {
        environment: Some(environment.name.clone()),
        target: "database".to_owned(),
        requires: demands.store(),
    }
}

/// Refuses a database that is labelled with another environment than the one that was named. Where none was named, the
/// label's is taken, with the role and timeouts that the settings have for it. Gives warnings about that, and about the
/// user.
///
/// # Errors
/// If the database was labelled with another name.
pub(crate) fn right_label(
    project: &Project,
    connected: &mut Connected,
    journal: Option<&JournalState>,
) -> Result<Diagnostics, Diagnostics> {
    let mut said = std::mem::take(&mut connected.who.1);
    let label = journal.and_then(|j| j.label.as_ref()).and_then(|l| l.environment.clone());
    match (label, &connected.environment) {
        (Some(label), Some(asked)) if label != *asked => {
            Err(Diagnostic::error(Code::WrongDatabase, format!("this database says that it is {label}, not {asked}"))
                .help("check the address")
                .way(
                    "if the database is a copy, give it its new name",
                    Command::new("adopt").flag("--relabel").on_database(),
                )
                .into())
        }
        (Some(label), None) => {
            said.push(as_remembered(project, connected, &label));
            connected.environment = Some(label);
            Ok(said)
        }
        (Some(_), Some(_)) | (None, _) => Ok(said),
    }
}

/// Takes role and timeouts of the label's environment from the settings, which alone have them.
fn as_remembered(project: &Project, connected: &mut Connected, label: &str) -> Diagnostic {
    let Ok(environment) = project.settings.environment(label) else {
        let message = format!(
            "this database says that it is {label}, which pgform.yaml does not have: statements run as the login, with \
             the timeouts that hold where nothing is said"
        );
        return Diagnostic::warning(Code::Settings, message);
    };
    if connected.role.is_none() {
        connected.role.clone_from(&environment.role);
    }
    connected.patience = Some(environment.timeouts);
    let role = environment.role.as_ref().map(|role| format!("the role {role} and ")).unwrap_or_default();
    let message = format!("this database says that it is {label}: {role}the timeouts of {label} in pgform.yaml hold");
    Diagnostic::warning(Code::Settings, message)
}

/// Tells whether a database says that it is one for development: then its contents may be made anew.
pub(crate) fn is_development(journal: Option<&JournalState>) -> bool {
    let name = journal.and_then(|j| j.label.as_ref()).and_then(|label| label.environment.as_deref());
    name == Some(DEVELOPMENT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(requires: String) -> DatabaseLabel {
        DatabaseLabel { environment: Some("production".to_owned()), target: "database".to_owned(), requires }
    }

    fn all() -> Requires {
        Requires {
            approvals: 2,
            not_author: true,
            dry_run: Some("staging".to_owned()),
            proof: Some(ProofDemand::Full),
            verified: true,
        }
    }

    #[test]
    fn demands_survive_the_label() {
        let demands = Demands::of("production".to_owned(), &all(), true);
        assert_eq!(restore(&label(demands.store())).unwrap(), demands);
        assert_eq!(restore(&label("{}".to_owned())).unwrap().approvals, 0);
        assert_eq!(restore(&label(r#"{"moon": "full"}"#.to_owned())).unwrap_err().0[0].code, Code::Journal);
    }

    #[test]
    fn what_is_remembered_and_what_is_said_hold_both() {
        let remembered = restore(&label(Demands::of("production".to_owned(), &all(), true).store())).unwrap();
        let nothing = Demands::of("production".to_owned(), &Requires::default(), false);
        let both = nothing.clone().and(remembered.clone());
        assert_eq!(both, Demands { remembers_more: true, ..remembered.clone() });
        let other = Requires { dry_run: Some("test".to_owned()), proof: Some(ProofDemand::Partial), ..all() };
        let both = Demands::of("production".to_owned(), &other, false).and(remembered.clone());
        assert_eq!(both.dry_runs.len(), 2);
        assert_eq!(both.proof, Some(ProofDemand::Full), "the lesser demand took the place of the greater");
        assert_eq!(restore(&label(both.store())).unwrap(), Demands { remembers_more: false, ..both });
        assert!(!Demands::of("production".to_owned(), &all(), true).and(remembered).remembers_more);
        assert!(!nothing.clone().and(Demands::default()).remembers_more);
    }
}
