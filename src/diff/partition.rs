//! Gives a partition's parts of keys and indexes the names that they have already.
use crate::model::{Object, ObjectId, Qualified, RelationName, State};
use std::collections::BTreeMap;

/// The declaration, in which what a partition has from its parent, unsaid, is called as it is in the state before:
/// PostgreSQL chose the name, or somebody who attached it.
pub(super) fn with_known_names(head: &State, mut declared: State, said: &dyn Fn(&ObjectId, &str) -> bool) -> State {
    let known: BTreeMap<(Qualified, RelationName), ObjectId> = parts(head).map(|(key, id)| (key, *id)).collect();
    if known.is_empty() {
        return declared;
    }
    let renamed: Vec<(ObjectId, ObjectId)> = parts(&declared)
        .filter(|(_, id)| !said(id, "part_of"))
        .filter_map(|(key, id)| Some((*id, *known.get(&key)?)))
        .filter(|(id, known)| id != known && id.kind() == known.kind() && !declared.has(known))
        .collect();
    for (id, known) in renamed {
        if let Some(object) = declared.objects.remove(&id) {
            declared.objects.insert(known, object);
        }
    }
    declared
}

/// Parts of keys and indexes, by their table and what they are a part of.
fn parts(state: &State) -> impl Iterator<Item = ((Qualified, RelationName), &ObjectId)> {
    let of = |(id, object): (&ObjectId, &Object)| Some((object.table_of(id)?, object.body.part_of()?));
    state.objects.iter().filter_map(move |(id, object)| Some((of((id, object))?, id)))
}
