use super::project::{Connected, Project};
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{JournalState, Label};
use crate::settings::{ProofDemand, Requires};
use serde::{Deserialize, Serialize};

/// What a database demands before a plan may run in it: what its environment says, or, where none is named, what the
/// database remembers. A settings file that is missing lifts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Demands {
    /// Who demands it, as messages say it: the environment's name.
    pub(super) who: String,
    pub(super) requires: Requires,
    /// Whether the environment's name must be given again before anything is written.
    pub(super) protected: bool,
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
    #[serde(default, skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    protected: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

fn store(requires: &Requires, protected: bool) -> String {
    let Requires { approvals, not_author, dry_run, proof } = requires;
    let proof = proof.map(|proof| match proof {
        ProofDemand::Partial => "partial".to_owned(),
        ProofDemand::Full => "full".to_owned(),
    });
    let stored = Stored { approvals: *approvals, not_author: *not_author, dry_run: dry_run.clone(), proof, protected };
    serde_json::to_string(&stored).unwrap_or_else(|_| "{}".to_owned())
}

fn restore(label: &Label) -> Result<Demands, Diagnostics> {
    let newer = || {
        let message = format!("this database demands something that this pgform does not know: {}", label.requires);
        Diagnostics::from(
            Diagnostic::error(Code::Journal, message).help("use the pgform that wrote it, or a later one"),
        )
    };
    let Stored { approvals, not_author, dry_run, proof, protected } =
        serde_json::from_str(&label.requires).map_err(|_| newer())?;
    let proof = match proof.as_deref() {
        None => None,
        Some("partial") => Some(ProofDemand::Partial),
        Some("full") => Some(ProofDemand::Full),
        Some(_) => return Err(newer()),
    };
    let who = label.environment.clone().unwrap_or_else(|| "this database".to_owned());
    Ok(Demands { who, requires: Requires { approvals, not_author, dry_run, proof }, protected })
}

/// What the database that was reached demands.
///
/// # Errors
/// If the database remembers a demand that this pgform cannot read.
pub(super) fn demands(connected: &Connected, journal: Option<&JournalState>) -> Result<Demands, Diagnostics> {
    if let Some(environment) = &connected.settings {
        return Ok(Demands {
            who: environment.name.clone(),
            requires: environment.requires.clone(),
            protected: environment.protected,
        });
    }
    remembered(journal)
}

/// What the database itself remembers to demand.
///
/// # Errors
/// As [`demands`].
pub(super) fn remembered(journal: Option<&JournalState>) -> Result<Demands, Diagnostics> {
    journal.and_then(|j| j.label.as_ref()).map_or_else(|| Ok(Demands::default()), restore)
}

/// What the database is to know about itself from now on: what it knows already, where no environment was named.
pub(super) fn label(connected: &Connected, journal: Option<&JournalState>) -> Option<Label> {
    let known = journal.and_then(|j| j.label.clone());
    let Some(environment) = &connected.settings else {
        let unnamed = || Label { environment: None, target: "database".to_owned(), requires: "{}".to_owned() };
        return Some(known.unwrap_or_else(unnamed));
    };
    Some(Label {
        environment: Some(environment.name.clone()),
        target: "database".to_owned(),
        requires: store(&environment.requires, environment.protected),
    })
}

/// A database knows which environment it is: another one's name is refused, and where none was named, its own is taken,
/// with the role and the timeouts that the settings have for it. Gives what is to be said of that.
///
/// # Errors
/// If the database was labelled with another name.
pub(super) fn right_label(
    project: &Project,
    connected: &mut Connected,
    journal: Option<&JournalState>,
) -> Result<Diagnostics, Diagnostics> {
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
            let said = as_remembered(project, connected, &label);
            connected.environment = Some(label);
            Ok(said.into())
        }
        (Some(_), Some(_)) | (None, _) => Ok(Diagnostics::default()),
    }
}

/// What a database demands it remembers itself; how statements run there stands in the settings alone.
fn as_remembered(project: &Project, connected: &mut Connected, label: &str) -> Diagnostic {
    let Ok(environment) = project.settings.environment(label) else {
        let message = format!(
            "this database says that it is {label}, which pgform.yaml does not have: statements run as the login, with \
             the timeouts that hold where nothing is said"
        );
        return Diagnostic::warning(Code::Settings, message);
    };
    connected.role.clone_from(&environment.role);
    connected.patience = Some(environment.timeouts);
    let role = environment.role.as_ref().map(|role| format!("the role {role} and ")).unwrap_or_default();
    let message = format!("this database says that it is {label}: {role}the timeouts of {label} in pgform.yaml hold");
    Diagnostic::warning(Code::Settings, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demands_survive_the_label() {
        let requires = Requires {
            approvals: 2,
            not_author: true,
            dry_run: Some("staging".to_owned()),
            proof: Some(ProofDemand::Full),
        };
        let label = |requires: String| Label {
            environment: Some("production".to_owned()),
            target: "database".to_owned(),
            requires,
        };
        let back = restore(&label(store(&requires, true))).unwrap();
        assert_eq!((back.requires, back.protected, back.who.as_str()), (requires, true, "production"));
        assert_eq!(restore(&label("{}".to_owned())).unwrap().requires, Requires::default());
        assert_eq!(restore(&label(r#"{"moon": "full"}"#.to_owned())).unwrap_err().0[0].code, Code::Journal);
    }
}
