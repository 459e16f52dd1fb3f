//! Compares definitions by their text, and asks each kind which change PostgreSQL makes in place.
use super::{
    Alteration, Pair, aggregate, composite_type, default_privileges,
    differences::Differences,
    domain, function,
    kind::{Kind, SaidOf, Subject},
    policy, range_type, trigger,
};
use crate::canonical::parse_recorded_composite;
use crate::model::{Definition, Fragment, ObjectId, ObjectKind, State};
use std::collections::BTreeMap;

/// Tells whether PostgreSQL makes the one text of the other where the object stands, in the states that both are of.
type InPlace = fn((&str, &str), Pair<'_, State>) -> bool;

/// Tells whether two texts of an object are the same.
type Same = fn(&str, &str) -> bool;

/// Gives a kind's say on which change of its text PostgreSQL makes where the object stands; all others make it anew.
fn in_place(kind: ObjectKind) -> InPlace {
    const OWN: &[(ObjectKind, InPlace)] = &[
        (ObjectKind::Function, |(a, b), _| function::in_place(a, b)),
        (ObjectKind::Procedure, |(a, b), _| function::in_place(a, b)),
        (ObjectKind::Aggregate, aggregate::in_place),
        (ObjectKind::Trigger, |(a, b), _| trigger::in_place(a, b)),
        (ObjectKind::Domain, |(a, b), _| domain::in_place(a, b)),
        (ObjectKind::CompositeType, |(a, b), _| composite_type::in_place(a, b)),
        (ObjectKind::RangeType, |(a, b), _| range_type::in_place(a, b)),
        (ObjectKind::Policy, |(a, b), _| policy::in_place(a, b)),
        (ObjectKind::DefaultPrivileges, |_, _| true),
    ];
    OWN.iter().find(|(of, _)| *of == kind).map_or(|_, _| false, |(_, in_place)| *in_place)
}

/// Says that two texts of an object of the kind are the same, as far as that can be told without a shadow.
fn same(kind: ObjectKind, a: &Fragment, b: &Fragment) -> bool {
    const OWN: &[(ObjectKind, Same)] =
        &[(ObjectKind::Policy, policy::same), (ObjectKind::DefaultPrivileges, default_privileges::same)];
    let same = OWN.iter().find(|(of, _)| *of == kind).map(|(_, same)| same);
    a.same_text(b) || same.is_some_and(|same| same(a.sql(), b.sql()))
}

impl Kind for Definition {
    /// Compares two definitions. Texts that are carried along are not compared here: they vary by major version, and only a
    /// shadow can tell.
    fn diff(pair: Pair<'_, Self>, of: &Subject<'_>) -> Vec<Alteration> {
        let Definition { create, carried: _, form } = pair.before;
        let kind = of.id.kind();
        let mut out = Differences::default();
        if *form != pair.after.form {
            out.add(Alteration::Replaced(vec!["form"]));
        }
        let none = BTreeMap::new();
        let names = composite_type::renamed(kind, (pair.before, pair.after), of.renamed_labels.unwrap_or(&none));
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
            match in_place(kind)((a.sql(), b.sql()), of.states) {
                true => out.add(Alteration::Redefined),
                false => out.add(Alteration::Replaced(vec!["create"])),
            }
        }
        out.finish()
    }

    fn inherit(before: &Self, after: &mut Self, id: &ObjectId, _: SaidOf<'_>) {
        if let (Some(known), Some(said)) = (&before.create, &after.create)
            && same(id.kind(), known, said)
        {
            after.create = Some(known.clone());
        }
    }
}
