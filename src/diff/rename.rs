use crate::model::{ColumnName, Object, ObjectId, Qualified, RelationName, State};
use std::collections::BTreeSet;

/// A declared rename, of one object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The identity before.
    pub from: ObjectId,
    /// The identity after; same kind, same schema and table.
    pub to: ObjectId,
}

/// The state with the renames run on it, as far as names stand in its structure. Names inside of SQL fragments are
/// the shadow's to settle: it runs the renames and prints the fragments again.
#[must_use]
pub fn apply_renames(state: &State, renames: &[Rename]) -> State {
    if renames.is_empty() {
        return state.clone();
    }
    let mut objects = std::collections::BTreeMap::new();
    for (id, object) in &state.objects {
        let mut object = object.clone();
        rename_inside(id, &mut object, renames);
        objects.insert(renamed_id(id, renames), object);
    }
    State { objects }
}

/// The identity after the renames, of the object itself or of one inside a renamed one.
#[must_use]
pub fn renamed_id(id: &ObjectId, renames: &[Rename]) -> ObjectId {
    let own = |id: ObjectId| renames.iter().find(|r| r.from == id).map_or(id, |rename| rename.to.clone());
    match id {
        // A part's rename is told under its table's new name.
        ObjectId::Column(table, column) => own(ObjectId::Column(relation(table, renames), column.clone())),
        ObjectId::Constraint(table, name) => own(ObjectId::Constraint(relation(table, renames), name.clone())),
        ObjectId::Opaque(kind, parts) if kind.belongs_to_table() && parts.len() > 2 => {
            let table = relation(&Qualified::new(parts[0].clone(), parts[1].clone()), renames);
            let mut parts = parts.clone();
            parts[0] = table.schema.as_str().to_owned();
            parts[1] = table.name.as_str().to_owned();
            ObjectId::Opaque(*kind, parts)
        }
        ObjectId::Schema(_)
        | ObjectId::Extension(_)
        | ObjectId::Type(_)
        | ObjectId::Sequence(_)
        | ObjectId::Table(_)
        | ObjectId::Index(_)
        | ObjectId::View(_)
        | ObjectId::Opaque(..) => own(id.clone()),
    }
}

/// The identity at the head of what a rename names as its old one: under the old name of a table that is renamed too.
#[must_use]
pub fn before_renames(id: &ObjectId, tables: &[Rename]) -> ObjectId {
    let old = |table: &Qualified| {
        let to = ObjectId::Table(table.clone());
        match tables.iter().find(|r| r.to == to).map(|r| &r.from) {
            Some(ObjectId::Table(from)) => from.clone(),
            _ => table.clone(),
        }
    };
    match id {
        ObjectId::Column(table, name) => ObjectId::Column(old(table), name.clone()),
        ObjectId::Constraint(table, name) => ObjectId::Constraint(old(table), name.clone()),
        ObjectId::Schema(_)
        | ObjectId::Extension(_)
        | ObjectId::Type(_)
        | ObjectId::Sequence(_)
        | ObjectId::Table(_)
        | ObjectId::Index(_)
        | ObjectId::View(_)
        | ObjectId::Opaque(..) => id.clone(),
    }
}

fn relation(name: &Qualified, renames: &[Rename]) -> Qualified {
    let from = ObjectId::Table(name.clone());
    match renames.iter().find(|r| r.from == from).map(|r| &r.to) {
        Some(ObjectId::Table(to)) => to.clone(),
        _ => name.clone(),
    }
}

/// The column's name after the renames; `table` is the table's name before them.
fn column(table: &Qualified, name: &ColumnName, renames: &[Rename]) -> ColumnName {
    let table = &relation(table, renames);
    renames
        .iter()
        .find_map(|r| match (&r.from, &r.to) {
            (ObjectId::Column(t, from), ObjectId::Column(_, to)) if t == table && from == name => Some(to.clone()),
            _ => None,
        })
        .unwrap_or_else(|| name.clone())
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
    let table = id.table();
    match (object, table) {
        (Object::Key(key), Some(table)) => {
            columns(&table, &mut key.columns, renames);
            columns(&table, &mut key.include, renames);
        }
        (Object::ForeignKey(key), Some(table)) => {
            columns(&table, &mut key.columns, renames);
            columns(&table, &mut key.on_delete_columns, renames);
            columns(&key.references.clone(), &mut key.referenced, renames);
            key.references = relation(&key.references, renames);
        }
        (Object::Index(index), _) => {
            columns(&index.table.clone(), &mut index.include, renames);
            index.table = relation(&index.table, renames);
        }
        (Object::Sequence(sequence), _) => {
            if let Some((table, name)) = &mut sequence.owned_by {
                *name = column(table, name, renames);
                *table = relation(table, renames);
            }
        }
        (Object::Table(t), Some(table)) => {
            for name in [t.clustered_on.as_mut(), identity_index(&mut t.replica_identity)].into_iter().flatten() {
                let index = ObjectId::Index(table.sibling(name.as_str()));
                if let ObjectId::Index(to) = renamed_id(&index, renames) {
                    *name = to.name;
                }
            }
        }
        (Object::View(view), _) => ids(&mut view.depends_on, renames),
        (Object::Opaque(opaque), _) => ids(&mut opaque.depends_on, renames),
        _ => {}
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
