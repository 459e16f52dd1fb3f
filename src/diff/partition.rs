//! Gives a partition's parts of keys and indexes the names that they have already.
use crate::canonical::part_name;
use crate::model::{ConstraintName, Object, ObjectId, Qualified, RelationName, State, numbered_name, rivals};
use std::collections::BTreeMap;

/// The declaration, in which what a partition has from its parent, unsaid, is called as it is in the state before:
/// PostgreSQL chose the name, or somebody who attached it. What is new gets the first name that is free beside these, as
/// PostgreSQL will give it.
pub(super) fn with_known_names(head: &State, mut declared: State, said: &dyn Fn(&ObjectId, &str) -> bool) -> State {
    let known: BTreeMap<(Qualified, RelationName), ObjectId> = parts(head).map(|(key, id)| (key, *id)).collect();
    if known.is_empty() {
        return declared;
    }
    let unsaid: Vec<((Qualified, RelationName), ObjectId)> =
        parts(&declared).filter(|(_, id)| !said(id, "part_of")).map(|(key, id)| (key, *id)).collect();
    let mut taken: Vec<(Qualified, Option<ObjectId>, Object)> = Vec::new();
    for ((table, part), id) in unsaid {
        let before = known.get(&(table, part)).filter(|before| before.kind() == id.kind()).copied();
        taken.extend(declared.objects.remove(&id).map(|object| (table, before, object)));
    }
    // Those that have a name come first.
    taken.sort_by_key(|(_, before, _)| before.is_none());
    for (table, before, object) in taken {
        let before = before.filter(|id| is_free(&declared, &table, id.own_name()));
        let id = before.unwrap_or_else(|| free([head, &declared], &table, &object));
        declared.objects.insert(id, object);
    }
    declared
}

fn is_free(state: &State, table: &Qualified, name: &str) -> bool {
    rivals(table, name).iter().all(|id| !state.has(id))
}

/// The first identity under a name that PostgreSQL gives to such a part, and that nothing has or had: what had it is something
/// else.
fn free(states: [&State; 2], table: &Qualified, object: &Object) -> ObjectId {
    let (columns, label) = part_name(&object.body);
    let names = (0..).map(|number| numbered_name(table.name.as_str(), &columns, label, number));
    let name =
        names.into_iter().find(|name| states.iter().all(|state| is_free(state, table, name))).unwrap_or_default();
    match object.body.owns_index() {
        true => ObjectId::constraint(*table, ConstraintName::new(&name)),
        false => ObjectId::index(table.sibling(&name)),
    }
}

/// Parts of keys and indexes, by their table and what they are a part of.
fn parts(state: &State) -> impl Iterator<Item = ((Qualified, RelationName), &ObjectId)> {
    let of = |(id, object): (&ObjectId, &Object)| Some((object.table_of(id)?, object.body.part_of()?));
    state.objects.iter().filter_map(move |(id, object)| Some((of((id, object))?, id)))
}
