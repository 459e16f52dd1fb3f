//! Compares composite types: attributes that get another name, as declared, and which new text PostgreSQL makes of the
//! old one where the type stands.
use super::Relabelled;
use crate::canonical::{CompositeText, parse_recorded_composite};
use crate::model::{Definition, ObjectId, ObjectKind};
use std::collections::BTreeMap;

/// Tells whether `alter type` makes the one text of the other, and back: an attribute that stood before others comes
/// back behind them.
pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_recorded_composite(before), parse_recorded_composite(after)) else { return false };
    b.altered_from(&a).is_some() && a.altered_from(&b).is_some()
}

/// The attributes that get another name, old to new: the type has the old one before and not after, and the new one
/// after and not before.
pub(super) fn renamed(
    kind: ObjectKind,
    (before, after): (&Definition, &Definition),
    declared: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let text = |of: &Definition| parse_recorded_composite(of.text()?).ok();
    let (Some(a), Some(b)) = (text(before), text(after)) else { return BTreeMap::new() };
    if kind != ObjectKind::CompositeType {
        return BTreeMap::new();
    }
    let is_in = |of: &CompositeText, name: &str| of.attribute(name).is_some();
    let acts = |old: &str, new: &str| is_in(&a, old) && !is_in(&b, old) && is_in(&b, new) && !is_in(&a, new);
    declared.iter().filter(|(old, new)| acts(old, new)).map(|(old, new)| (old.clone(), new.clone())).collect()
}

/// The attributes of a type that get another name, for whoever runs that in a database.
pub(super) fn relabelled(
    of: &ObjectId,
    pair: (&Definition, &Definition),
    declared: &BTreeMap<String, String>,
) -> impl Iterator<Item = Relabelled> {
    let names = renamed(of.kind(), pair, declared);
    let of = *of;
    names.into_iter().map(move |(from, to)| Relabelled { of, from, to })
}
