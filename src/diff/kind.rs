//! What a kind says to the comparison of two states, and to the completion of one.
use super::{Alteration, Pair};
use crate::model::{Object, ObjectId, State};
use std::collections::BTreeMap;

/// Tells whether an attribute of one object is said by the declaration itself.
pub(super) type SaidOf<'a> = &'a dyn Fn(&str) -> bool;

/// Object that is compared: what a kind may ask beside the bodies.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub id: &'a ObjectId,
    /// Its forms, with their heads.
    pub forms: Pair<'a, Object>,
    /// States that the forms are of.
    pub states: Pair<'a, State>,
    /// Labels of an enum, or attributes of a composite type, that get other names, by their old ones.
    pub renamed_labels: Option<&'a BTreeMap<String, String>>,
}

/// Rules of a kind, which its file in this stage holds: [`super::parts::Compared`] gives them to all that is kept in parts.
pub(super) trait Kind: Sized {
    /// Finds how two objects of one identity differ, their heads apart.
    fn diff(pair: Pair<'_, Self>, of: &Subject<'_>) -> Vec<Alteration>;

    /// Takes over from the earlier form what a declaration leaves to others and does not say, the head apart.
    fn inherit(before: &Self, after: &mut Self, id: &ObjectId, said: SaidOf<'_>);
}
