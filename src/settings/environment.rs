use super::duration::timeout;
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, Place},
    yaml::{self, Entry, Fields, Node},
};
use std::time::Duration;

/// A named database and what it demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name, as the key says.
    pub name: String,
    /// Where it stands in the file.
    pub place: Place,
    /// The variable with its address, if one is named; `-d` can give it all the same.
    pub url: Option<VariableName>,
    /// The role that steps run as, by `SET ROLE`.
    pub role: Option<String>,
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// The variables with the addresses of its replicas.
    pub replicas: Vec<VariableName>,
    /// What a plan needs before it may be applied here.
    pub requires: Requires,
    /// What unrelated drift does.
    pub drift: OnDrift,
    /// Whether its name must be given again before anything is written.
    pub protected: bool,
}

/// The name of an environment variable, and where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableName {
    /// The name.
    pub name: String,
    /// Where.
    pub place: Place,
}

/// How long to wait for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// How long one wait for a lock may keep others waiting. 100 ms if not said.
    pub max_stall: Duration,
    /// How long such waits are tried again. 10 min if not said.
    pub lock_budget: Duration,
    /// How old a transaction in the way may be before it is named and waited for. 30 s if not said.
    pub max_wait: Duration,
    /// How long a build or a validation may take before it is cancelled. 6 h if not said.
    pub deadline: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            max_stall: Duration::from_millis(100),
            lock_budget: Duration::from_secs(600),
            max_wait: Duration::from_secs(30),
            deadline: Duration::from_secs(6 * 3600),
        }
    }
}

/// What a plan needs before it may be applied. Nothing if not said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// How many people approved it.
    pub approvals: u32,
    /// Whether its author's own approval does not count.
    pub not_author: bool,
    /// The environment where a dry run went well.
    pub dry_run: Option<String>,
    /// How far it is proven.
    pub proof: Option<ProofDemand>,
    /// Whether its SQL must be what the planner makes when it plans again.
    pub verified: bool,
}

/// How far a plan must be proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofDemand {
    /// Everything the shadow can show; what it cannot is named.
    Partial,
    /// Everything.
    Full,
}

/// What unrelated drift does to `apply`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDrift {
    /// It is told.
    #[default]
    Warn,
    /// It stops the command.
    Refuse,
}

const KEYS: &[&str] = &["url", "role", "timeouts", "replicas", "requires", "drift", "protected"];

impl Environment {
    /// Reads one entry under `environments:`; what is wrong is collected, and stands at its default here.
    pub(super) fn read(entry: &Entry, d: &mut Diagnostics) -> Self {
        let what = format!("the environment {}", entry.key);
        let mut environment = Self {
            name: entry.key.clone(),
            place: entry.key_place.clone(),
            url: None,
            role: None,
            timeouts: Timeouts::default(),
            replicas: Vec::new(),
            requires: Requires::default(),
            drift: OnDrift::default(),
            protected: false,
        };
        if entry.key.is_empty() || entry.key.chars().any(|c| c.is_whitespace() || c.is_control()) {
            let message = format!("`{}` is no name for an environment", entry.key.escape_debug());
            d.push(Diagnostic::error(Code::Settings, message).at(&entry.key_place, "a word is expected here"));
        }
        let Some(fields) = Fields::new(&entry.value, &what, KEYS, d) else { return environment };
        let of = |key: &str| format!("`{key}` of {what}");
        environment.url = fields.value("url").and_then(|n| variable_name(n, &of("url"), d));
        environment.role = fields.value("role").and_then(|n| word(n, &of("role"), d));
        if let Some(node) = fields.value("timeouts") {
            environment.timeouts = timeouts(node, &of("timeouts"), d);
        }
        if let Some(nodes) = fields.value("replicas").and_then(|n| yaml::items(n, &of("replicas"), d)) {
            let each = format!("a replica of {what}");
            environment.replicas = nodes.iter().filter_map(|n| variable_name(n, &each, d)).collect();
            if let Some(first) = nodes.first() {
                let message = format!("{} are not looked at yet: waits and locks on them are not seen", of("replicas"));
                d.push(Diagnostic::warning(Code::NotObeyed, message).at(&first.place, "nothing is done with this"));
            }
        }
        if let Some(node) = fields.value("requires") {
            environment.requires = requires(node, &of("requires"), d);
        }
        if let Some(node) = fields.value("drift") {
            let choices = [("refuse", OnDrift::Refuse), ("warn", OnDrift::Warn)];
            environment.drift = choice(node, &of("drift"), &choices, d).unwrap_or_default();
        }
        if let Some(node) = fields.value("protected") {
            environment.protected = yaml::boolean(node, &of("protected"), d).unwrap_or_default();
        }
        environment
    }
}

fn word(node: &Node, what: &str, d: &mut Diagnostics) -> Option<String> {
    let text = yaml::text(node, what, d)?;
    if text.is_empty() {
        d.push(
            Diagnostic::error(Code::WrongType, format!("{what} is empty")).at(&node.place, "a name is expected here"),
        );
        return None;
    }
    Some(text.to_owned())
}

/// One of a few words.
pub(super) fn choice<T: Copy>(node: &Node, what: &str, choices: &[(&str, T)], d: &mut Diagnostics) -> Option<T> {
    let text = yaml::text(node, what, d)?;
    let found = choices.iter().find(|(word, _)| *word == text);
    if found.is_none() {
        let all = choices.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(" or ");
        let message = format!("{what} is `{}`, and must be {all}", text.escape_debug());
        d.push(Diagnostic::error(Code::WrongType, message).at(&node.place, format!("{all} is expected here")));
    }
    found.map(|(_, value)| *value)
}

/// `{env: NAME}`. An address itself is refused: the file is committed, and addresses hold passwords. The message does
/// not repeat what is written.
fn variable_name(node: &Node, what: &str, d: &mut Diagnostics) -> Option<VariableName> {
    if !matches!(node.value, yaml::Value::Mapping(_)) {
        d.push(
            Diagnostic::error(Code::Settings, format!("{what} must name a variable"))
                .at(&node.place, "`{env: NAME}` is expected here")
                .help("addresses hold passwords, and this file is committed: write {env: NAME}, and set NAME where the command runs"),
        );
        return None;
    }
    let entry = Fields::new(node, what, &["env"], d)?.require("env", d)?;
    let name = yaml::text(&entry.value, what, d)?;
    let first = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !name.starts_with(first) || !name.chars().all(|c| first(c) || c.is_ascii_digit()) {
        d.push(
            Diagnostic::error(Code::Settings, format!("{what} must name a variable: letters, digits and underscores"))
                .at(&entry.value.place, "this is no name of a variable"),
        );
        return None;
    }
    Some(VariableName { name: name.to_owned(), place: entry.value.place.clone() })
}

fn timeouts(node: &Node, what: &str, d: &mut Diagnostics) -> Timeouts {
    let default = Timeouts::default();
    let keys = ["max_stall", "lock_budget", "max_wait", "deadline"];
    let Some(fields) = Fields::new(node, what, &keys, d) else { return default };
    let mut read = |key: &str, otherwise| {
        fields.value(key).and_then(|n| timeout(n, &format!("`{key}` in {what}"), d)).unwrap_or(otherwise)
    };
    let timeouts = Timeouts {
        max_stall: read("max_stall", default.max_stall),
        lock_budget: read("lock_budget", default.lock_budget),
        max_wait: read("max_wait", default.max_wait),
        deadline: read("deadline", default.deadline),
    };
    if timeouts.max_stall > timeouts.lock_budget {
        let message =
            format!("`max_stall` is longer than `lock_budget` in {what}, so no lock would be tried even once");
        d.push(Diagnostic::error(Code::Settings, message).at(&node.place, "here"));
    }
    timeouts
}

fn requires(node: &Node, what: &str, d: &mut Diagnostics) -> Requires {
    let mut requires = Requires::default();
    let keys = ["approvals", "not_author", "dry_run", "proof", "verified"];
    let Some(fields) = Fields::new(node, what, &keys, d) else { return requires };
    let of = |key: &str| format!("`{key}` in {what}");
    if let Some(node) = fields.value("approvals")
        && let Some(number) = yaml::integer(node, &of("approvals"), d)
    {
        match u32::try_from(number) {
            Ok(number) if number <= 100 => requires.approvals = number,
            Ok(_) | Err(_) => d.push(
                Diagnostic::error(Code::Settings, format!("{} is {number}, and must be 0 to 100", of("approvals")))
                    .at(&node.place, "here"),
            ),
        }
    }
    if let Some(node) = fields.value("not_author") {
        requires.not_author = yaml::boolean(node, &of("not_author"), d).unwrap_or_default();
    }
    requires.dry_run = fields.value("dry_run").and_then(|n| word(n, &of("dry_run"), d));
    let proofs = [("full", ProofDemand::Full), ("partial", ProofDemand::Partial)];
    requires.proof = fields.value("proof").and_then(|n| choice(n, &of("proof"), &proofs, d));
    if let Some(node) = fields.value("verified") {
        requires.verified = yaml::boolean(node, &of("verified"), d).unwrap_or_default();
    }
    if requires.not_author && requires.approvals == 0 {
        d.push(
            Diagnostic::warning(Code::Settings, format!("`not_author` in {what} says nothing without approvals"))
                .at(&node.place, "no approvals are required here")
                .help("add `approvals: 1`"),
        );
    }
    requires
}
