//! Compares definitions by their text, and asks each kind which change PostgreSQL makes in place.
use super::{
    Alteration, Pair, composite_type, differences::Differences, domain, function, policy, range_type, trigger,
};
use crate::canonical::parse_recorded_composite;
use crate::model::{Definition, Fragment, ObjectKind};
use std::collections::BTreeMap;

/// Tells whether PostgreSQL makes the one text of the other where the object stands.
type InPlace = fn(&str, &str) -> bool;

/// Gives a kind's say on which change of its text PostgreSQL makes where the object stands; all others make it anew.
fn in_place(kind: ObjectKind) -> InPlace {
    const OWN: &[(ObjectKind, InPlace)] = &[
        (ObjectKind::Function, function::in_place),
        (ObjectKind::Procedure, function::in_place),
        (ObjectKind::Trigger, trigger::in_place),
        (ObjectKind::Domain, domain::in_place),
        (ObjectKind::CompositeType, composite_type::in_place),
        (ObjectKind::RangeType, range_type::in_place),
        (ObjectKind::Policy, policy::in_place),
    ];
    OWN.iter().find(|(of, _)| *of == kind).map_or(|_, _| false, |(_, in_place)| *in_place)
}

/// Says that two texts of an object of the kind are the same, as far as that can be told without a shadow.
pub(super) fn same(kind: ObjectKind, a: &Fragment, b: &Fragment) -> bool {
    a.same_text(b) || kind == ObjectKind::Policy && policy::same(a.sql(), b.sql())
}

/// Compares two definitions. Texts that are carried along are not compared here: they vary by major version, and only a
/// shadow can tell. `renamed` maps old names of a composite type's attributes to new ones, as declared.
pub(super) fn diff(
    kind: ObjectKind,
    pair: Pair<'_, Definition>,
    renamed: &BTreeMap<String, String>,
) -> Vec<Alteration> {
    let Definition { create, carried: _, form } = pair.before;
    let mut out = Differences::default();
    if *form != pair.after.form {
        out.add(Alteration::Replaced(vec!["form"]));
    }
    let names = composite_type::renamed(kind, (pair.before, pair.after), renamed);
    let create = &match create {
        Some(text) if !names.is_empty() => {
            out.add(Alteration::AttributesRenamed(names.clone()));
            parse_recorded_composite(text.sql())
                .ok()
                .map(|composite| Fragment::written(composite.renamed(&names).print()))
        }
        text => text.clone(),
    };
    if let (Some(a), Some(b), false) = (create, &pair.after.create, pair.after.carried)
        && !same(kind, a, b)
    {
        match in_place(kind)(a.sql(), b.sql()) {
            true => out.add(Alteration::Redefined),
            false => out.add(Alteration::Replaced(vec!["create"])),
        }
    }
    out.finish()
}
