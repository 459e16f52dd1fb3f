use crate::catalog::{Outside, Uses};
use crate::store::{Plans, Use, UseKind};
use std::collections::BTreeSet;

/// What managed objects use from outside, as plans record it: a shadow that lacks it needs to know its shape.
pub(crate) fn recorded(uses: &Uses) -> Vec<Use> {
    recorded_of(uses.keys())
}

/// The same of what was looked up.
pub(crate) fn recorded_of<'o>(found: impl IntoIterator<Item = &'o Outside>) -> Vec<Use> {
    let found: BTreeSet<Use> = found.into_iter().filter_map(one).collect();
    found.into_iter().collect()
}

/// What the plans of the chain have recorded.
pub(crate) fn known(plans: &Plans) -> Vec<Use> {
    let found: BTreeSet<Use> = plans.all().iter().flat_map(|plan| plan.file().header.uses.clone()).collect();
    found.into_iter().collect()
}

/// The same, and what a live database uses.
pub(crate) fn seen(plans: &Plans, live: &Uses) -> Vec<Use> {
    let mut found: BTreeSet<Use> = known(plans).into_iter().collect();
    found.extend(recorded(live));
    found.into_iter().collect()
}

fn one(outside: &Outside) -> Option<Use> {
    let Outside { kind, names, arguments, result, extension: _ } = outside;
    let (kind, shape) = match kind.as_str() {
        "role" => (UseKind::Role, None),
        "tablespace" => (UseKind::Tablespace, None),
        "access method" => (UseKind::AccessMethod, None),
        "collation" => (UseKind::Collation, None),
        "type" => (UseKind::Type, result.clone()),
        "function" => (UseKind::Function, result.as_ref().map(|r| format!("({}) returns {r}", arguments.join(", ")))),
        "operator class" => (UseKind::OperatorClass, None),
        "sequence" => (UseKind::Relation, Some("sequence".to_owned())),
        "table" | "view" | "materialized view" | "foreign table" => (UseKind::Relation, None),
        "table column" | "view column" => (UseKind::Column, result.clone()),
        // Schemas and extensions are objects of the state themselves; the rest has no stand-in.
        _ => return None,
    };
    Some(Use { kind, name: names.clone(), shape })
}
