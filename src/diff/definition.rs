//! Compares definitions by their text, and asks each kind which change PostgreSQL makes in place.
use super::{Alteration, Pair, aggregate, differences::Differences, domain, function, policy, trigger};
use crate::model::{Definition, Fragment, ObjectKind, State};

/// Tells whether PostgreSQL makes the one text of the other where the object stands, in the states that both are of.
type InPlace = fn((&str, &str), Pair<'_, State>) -> bool;

/// Gives a kind's say on which change of its text PostgreSQL makes where the object stands; all others make it anew.
fn in_place(kind: ObjectKind) -> InPlace {
    const OWN: &[(ObjectKind, InPlace)] = &[
        (ObjectKind::Function, |(a, b), _| function::in_place(a, b)),
        (ObjectKind::Procedure, |(a, b), _| function::in_place(a, b)),
        (ObjectKind::Aggregate, aggregate::in_place),
        (ObjectKind::Trigger, |(a, b), _| trigger::in_place(a, b)),
        (ObjectKind::Domain, |(a, b), _| domain::in_place(a, b)),
        (ObjectKind::Policy, |(a, b), _| policy::in_place(a, b)),
    ];
    OWN.iter().find(|(of, _)| *of == kind).map_or(|_, _| false, |(_, in_place)| *in_place)
}

/// Says that two texts of an object of the kind are the same, as far as that can be told without a shadow.
pub(super) fn same(kind: ObjectKind, a: &Fragment, b: &Fragment) -> bool {
    a.same_text(b) || kind == ObjectKind::Policy && policy::same(a.sql(), b.sql())
}

/// Compares two definitions. Texts that are carried along are not compared here: they vary by major version, and only a
/// shadow can tell.
pub(super) fn diff(kind: ObjectKind, pair: Pair<'_, Definition>, states: Pair<'_, State>) -> Vec<Alteration> {
    let Definition { create, carried: _, form } = pair.before;
    let mut out = Differences::default();
    if *form != pair.after.form {
        out.add(Alteration::Replaced(vec!["form"]));
    }
    if let (Some(a), Some(b), false) = (create, &pair.after.create, pair.after.carried)
        && !same(kind, a, b)
    {
        match in_place(kind)((a.sql(), b.sql()), states) {
            true => out.add(Alteration::Redefined),
            false => out.add(Alteration::Replaced(vec!["create"])),
        }
    }
    out.finish()
}
