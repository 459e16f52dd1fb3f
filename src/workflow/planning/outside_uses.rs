//! Objects outside of the scope that managed ones use, as plans record them for a shadow that lacks them.
use crate::catalog::{Outside, Uses};
use crate::store::{Plans, Use, UseKind};
use std::collections::BTreeSet;

/// Uses of a live catalog in the form that plans record: a shadow that lacks an object needs to know its shape.
pub(crate) fn recorded(uses: &Uses) -> Vec<Use> {
    recorded_of(uses.keys())
}

/// Uses of objects that were looked up, in the same form.
pub(crate) fn recorded_of<'o>(found: impl IntoIterator<Item = &'o Outside>) -> Vec<Use> {
    let found: BTreeSet<Use> = found.into_iter().filter_map(one).collect();
    found.into_iter().collect()
}

/// Uses that the plans of the chain record.
pub(crate) fn known(plans: &Plans) -> Vec<Use> {
    let found: BTreeSet<Use> = plans.all().iter().flat_map(|plan| plan.file().header.uses.clone()).collect();
    found.into_iter().collect()
}

/// Uses that the plans record, and those of a live database.
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
