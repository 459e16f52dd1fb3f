//! Runs renames on a state: on identities, and on the names that stand in its structure.
use crate::model::{
    Body, ColumnName, ConstraintName, Fragment, Object, ObjectId, Qualified, RelationName, Rename, State, renamed_id,
    renamed_relation, renamed_schema, renamed_text,
};
use std::collections::{BTreeMap, BTreeSet};

/// The state with the renames run on it, as far as names stand in its structure. Names inside of SQL fragments are
/// the shadow's to settle: it runs the renames and prints the fragments again.
#[must_use]
pub fn apply_renames(state: &State, renames: &[Rename]) -> State {
    let mut state = state.clone();
    if !renames.is_empty() {
        let parts: Vec<(ObjectId, ObjectId)> =
            state.objects.keys().filter_map(|id| Some((*id, state.part_above(id)?))).collect();
        for (id, above) in parts {
            if let Some(part_of) = state.body_mut(&id).and_then(Body::part_of_mut) {
                *part_of = RelationName::new(renamed_id(&above, renames).own_name());
            }
        }
        state.objects.iter_mut().for_each(|(id, object)| rename_inside(id, object, renames));
    }
    rename_objects(state, renames)
}

/// The state with other identities, all at once, so that two may be swapped; what is renamed takes the place of what
/// had the name. What objects say inside stays as it is.
#[must_use]
pub fn rename_objects(state: State, renames: &[Rename]) -> State {
    if renames.is_empty() {
        return state;
    }
    let (mut objects, mut moved) = (BTreeMap::new(), BTreeMap::new());
    for (id, object) in state.objects {
        match renamed_id(&id, renames) {
            new if new == id => objects.insert(id, object),
            new => moved.insert(new, object),
        };
    }
    objects.append(&mut moved);
    State { objects }
}

/// The column's name after the renames; `table` is the table's name before them.
fn column(table: &Qualified, name: &ColumnName, renames: &[Rename]) -> ColumnName {
    let table = &renamed_relation(table, renames);
    let from = ObjectId::column(*table, *name);
    renames.iter().find(|r| r.from == from).and_then(|r| r.to.as_column()).map_or(*name, |(_, to)| to)
}

fn columns(table: &Qualified, names: &mut [ColumnName], renames: &[Rename]) {
    for name in names {
        *name = column(table, name, renames);
    }
}

fn ids(set: &mut BTreeSet<ObjectId>, renames: &[Rename]) {
    *set = set.iter().map(|id| renamed_id(id, renames)).collect();
}

fn rename_inside(id: &ObjectId, object: &mut Object, renames: &[Rename]) {
    let table = id.table_of();
    ids(&mut object.head.depends_on, renames);
    match (&mut object.body, table) {
        (Body::Key(key), Some(table)) => {
            columns(&table, &mut key.columns, renames);
            columns(&table, &mut key.include, renames);
        }
        (Body::Exclusion(exclusion), Some(table)) => columns(&table, &mut exclusion.include, renames),
        (Body::ForeignKey(key), Some(table)) => {
            columns(&table, &mut key.columns, renames);
            columns(&table, &mut key.on_delete_columns, renames);
            columns(&key.references.clone(), &mut key.referenced, renames);
            key.references = renamed_relation(&key.references, renames);
        }
        (Body::Index(index), _) => {
            columns(&index.table.clone(), &mut index.include, renames);
            index.table = renamed_relation(&index.table, renames);
        }
        (Body::Sequence(sequence), _) => {
            if let Some((table, name)) = &mut sequence.owned_by {
                *name = column(table, name, renames);
                *table = renamed_relation(table, renames);
            }
        }
        (Body::Table(t), Some(table)) => {
            if let Some(of) = &mut t.partition_of {
                of.parent = renamed_relation(&of.parent, renames);
            }
            marks(&table, [t.clustered_on.as_mut(), identity_index(&mut t.replica_identity)], renames);
        }
        (Body::View(view), _) => {
            let of = [view.clustered_on.as_mut(), identity_index(&mut view.replica_identity)];
            if let Some(name) = id.qualified() {
                marks(&name, of, renames);
            }
        }
        // What is carried along is printed anew, or renamed, where it is known whether a shadow can build it.
        (Body::Definition(definition), _) if !definition.carried => {
            let renamed = definition.text().map(|text| renamed_text(text, renames));
            definition.create = renamed.map(|text| Fragment::settled(text.clone(), text));
        }
        (Body::Extension(extension), _) => extension.schema = renamed_schema(extension.schema, renames),
        _ => {}
    }
}

/// Gives the indexes that a relation marks their new names.
fn marks(relation: &Qualified, of: [Option<&mut RelationName>; 2], renames: &[Rename]) {
    for name in of.into_iter().flatten() {
        let index = ObjectId::index(relation.sibling(name.as_str()));
        // The index of a constraint has its name.
        let constraint = ObjectId::constraint(*relation, ConstraintName::new(name.as_str()));
        let another = |id: ObjectId| Some(renamed_id(&id, renames)).filter(|to| to.own_name() != id.own_name());
        if let Some(to) = another(index).or_else(|| another(constraint)) {
            *name = RelationName::new(to.own_name());
        }
    }
}

fn identity_index(identity: &mut crate::model::ReplicaIdentity) -> Option<&mut RelationName> {
    match identity {
        crate::model::ReplicaIdentity::Index(name) => Some(name),
        crate::model::ReplicaIdentity::Default
        | crate::model::ReplicaIdentity::Full
        | crate::model::ReplicaIdentity::Nothing => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Enumeration;

    #[test]
    fn what_is_renamed_takes_the_place_of_what_had_the_name() {
        let id = |name: &str| ObjectId::enumeration(Qualified::new("public", name));
        let of = |label: &str| Object::from(Body::Enumeration(Enumeration { labels: vec![label.to_owned()] }));
        // Before and behind the name that is taken, in the order of the identities.
        for from in ["a", "z"] {
            let state = State { objects: [(id(from), of("renamed")), (id("m"), of("in its place"))].into() };
            let renamed = apply_renames(&state, &[Rename { from: id(from), to: id("m") }]);
            assert_eq!(renamed, State { objects: [(id("m"), of("renamed"))].into() }, "{from}");
        }
        let both = State { objects: [(id("a"), of("one")), (id("b"), of("two"))].into() };
        let swap = [Rename { from: id("a"), to: id("b") }, Rename { from: id("b"), to: id("a") }];
        let swapped = State { objects: [(id("a"), of("two")), (id("b"), of("one"))].into() };
        assert_eq!(apply_renames(&both, &swap), swapped);
    }
}
