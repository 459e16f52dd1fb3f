//! Acceptance of hazards by kind and object, as typed: `DataLoss:documents.legacy_path`.
use super::PlanFile;
use crate::{
    diagnostic::{Code, Diagnostic},
    model::ObjectId,
    plan::format::{ConditionKind, HazardKind, LookKind},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// Hazard that people accept: its kind and its object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepted {
    /// Kind of the hazard.
    pub hazard: HazardKind,
    /// Object of the hazard.
    pub object: ObjectId,
}

impl fmt::Display for Accepted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hazard.as_str(), self.object.sql())
    }
}

impl PlanFile {
    /// Hazards of the plan, each once.
    #[must_use]
    pub fn hazards(&self) -> BTreeSet<Accepted> {
        let all = self.body.segments.iter().flat_map(|s| &s.hazards);
        all.map(|h| Accepted { hazard: h.hazard, object: h.object }).collect()
    }

    /// Losses on the way forward, as hazards to be allowed by name: each database's rows are counted first.
    #[must_use]
    pub fn losses_ahead(&self) -> BTreeSet<Accepted> {
        let looks = self.body.segments.iter().flat_map(|s| &s.looks).filter(|look| look.kind == LookKind::Loses);
        looks.map(|look| Accepted { hazard: HazardKind::DataLoss, object: look.object }).collect()
    }

    /// Losses on the way back, as hazards to be allowed.
    #[must_use]
    pub fn losses_back(&self) -> BTreeSet<Accepted> {
        let conditions = self.body.segments.iter().flat_map(|s| &s.back.conditions);
        let loses = conditions.filter(|c| c.kind == ConditionKind::Loses);
        loses.map(|c| Accepted { hazard: HazardKind::DataLoss, object: c.object }).collect()
    }

    /// Name of an object in the plan's own texts: without its schema where the plan is about one schema only.
    #[must_use]
    pub fn name_of(&self, object: &ObjectId) -> String {
        match self.header.scope.schemas.as_slice() {
            [only] if object.home().is_some_and(|s| s.as_str() == only) => object.short(),
            _ => object.sql(),
        }
    }
}

/// Reads `DataLoss:documents.legacy_path` against the hazards of a plan. The object may be written with or without its
/// schema, and with its kind (`column documents.legacy_path`), as long as it stays clear which one is meant.
///
/// # Errors
/// `usage` for a text that is no hazard's name, for a hazard that the plan does not have, and for a name of several;
/// with the hazards that it has.
pub fn accept(text: &str, offered: &BTreeSet<Accepted>) -> Result<Accepted, Diagnostic> {
    let list = || match offered.len() {
        0 => "there is nothing to accept".to_owned(),
        _ => format!("there is: {}", offered.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let wrong = |message: String| Err(Diagnostic::error(Code::Usage, message).help(list()));
    let Some((kind, object)) = text.split_once(':') else {
        return wrong(format!("`{}` names no hazard and object (`DataLoss:documents.path`)", text.escape_debug()));
    };
    let Some(kind) = HazardKind::ALL.iter().find(|k| k.as_str() == kind) else {
        return wrong(format!("`{}` is no hazard", kind.escape_debug()));
    };
    let found: Vec<&Accepted> = offered.iter().filter(|a| a.hazard == *kind && names(&a.object, object)).collect();
    match found.as_slice() {
        [one] => Ok((*one).clone()),
        [] => wrong(format!("`{}` is no hazard of this plan", text.escape_debug())),
        _ => wrong(format!("`{}` could mean several objects: write the schema and the kind", text.escape_debug())),
    }
}

/// Tells whether a text may mean an object. Names with letters that a terminal hides are written with escapes.
pub(super) fn names(object: &ObjectId, text: &str) -> bool {
    let word = object.word();
    [object.short(), object.sql(), object.to_string()].iter().any(|name| {
        let with_kind = format!("{word} {name}");
        [name, &with_kind].into_iter().any(|n| n == text || crate::diagnostic::shown(n) == text)
    })
}
