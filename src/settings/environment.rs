//! Environments of `pgform.yaml`: address, role, timeouts, and the demands before a plan runs there.
use super::duration::timeout;
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics, Place},
    yaml::{self, Entry, Fields, Node},
};
use std::time::Duration;

/// Named database, with its demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Name, which is the key.
    pub name: String,
    /// Place of the key in the file.
    pub place: Place,
    /// Variable with its address, if one is named; `-d` can give it all the same.
    pub url: Option<VariableName>,
    /// Role that steps run as, by `SET ROLE`.
    pub role: Option<String>,
    /// Timeouts of statements.
    pub timeouts: Timeouts,
    /// Variables with the addresses of its replicas.
    pub replicas: Vec<VariableName>,
    /// Requirements of a plan before it may be applied here.
    pub requires: Requires,
    /// Effect of unrelated drift.
    pub drift: OnDrift,
    /// True where its name must be given again before anything is written.
    pub protected: bool,
}

/// Name of an environment variable, and its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableName {
    /// The name.
    pub name: String,
    /// The place.
    pub place: Place,
}

/// Timeouts of statements in an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Longest time that one wait for a lock may keep others waiting. 100 ms by default.
    pub max_stall: Duration,
    /// Time for which such waits are tried again. 10 min by default.
    pub lock_budget: Duration,
    /// Age from which a transaction in the way is named and waited for. 30 s by default.
    pub max_wait: Duration,
    /// Longest time of a build or a validation before it is cancelled. 6 h by default.
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

/// Requirements of a plan before it may be applied. None by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requires {
    /// Number of people who approved it.
    pub approvals: u32,
    /// True where the author's own approval does not count.
    pub not_author: bool,
    /// Environment where a dry run succeeded.
    pub dry_run: Option<String>,
    /// Least proof.
    pub proof: Option<ProofDemand>,
    /// True where its SQL must be what the planner makes when it plans again.
    pub verified: bool,
}

/// Least proof of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProofDemand {
    /// Proof of all that the shadow can show; the rest is named.
    Partial,
    /// Proof of everything.
    Full,
}

/// Effect of unrelated drift on `apply`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnDrift {
    /// A warning.
    #[default]
    Warn,
    /// A refusal.
    Refuse,
}

const KEYS: &[&str] = &["url", "role", "timeouts", "replicas", "requires", "drift", "protected"];

impl Environment {
    /// Reads one entry under `environments:`; mistakes are collected, and leave the defaults.
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

/// Reads one of a few words.
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

/// Reads `{env: NAME}`. An address itself is refused: the file is committed, and addresses hold passwords. The message
/// does not repeat the text.
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
