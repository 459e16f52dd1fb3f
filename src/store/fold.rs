//! The fold over a chain: the state after a plan from the state before it and the plan's header.
use super::Header;
use crate::diff::rename_objects;
use crate::model::{Object, ObjectId, Rename, State};
use std::{borrow::Cow, collections::BTreeMap};

/// State after a plan, from the state before it and its header: renames first, then `after`.
#[must_use]
pub fn fold(before: State, header: &Header) -> State {
    let mut state = rename_objects(before, &header.renames);
    state.take_in(header.after.iter().map(|(id, object)| (id, object.as_ref())));
    state
}

/// The `after:` with which [`fold`] leads from one state exactly to the other.
#[must_use]
pub fn after_between(before: &State, renames: &[Rename], after: &State) -> BTreeMap<ObjectId, Option<Object>> {
    let before =
        if renames.is_empty() { Cow::Borrowed(before) } else { Cow::Owned(rename_objects(before.clone(), renames)) };
    let gone = before.objects.keys().filter(|id| !after.has(id)).map(|id| (*id, None));
    let made = after.objects.iter().filter(|(id, object)| before.get(id) != Some(*object));
    gone.chain(made.map(|(id, object)| (*id, Some(object.clone())))).collect()
}
