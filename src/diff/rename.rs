use super::written::with_names;
use crate::model::{ColumnName, Object, ObjectId, OpaqueKind, Qualified, RelationName, SchemaName, State};
use std::collections::BTreeSet;

/// A declared rename, of one object. What is named through others is told under their new names: a table in a schema that
/// is renamed too, a column of such a table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rename {
    /// The identity before.
    pub from: ObjectId,
    /// The identity after; same kind, same schema and table.
    pub to: ObjectId,
}

impl Rename {
    /// From the outside in: a schema's rename runs first, then those of what it holds, then those of the parts of tables.
    #[must_use]
    pub fn depth(&self) -> u8 {
        match self.to {
            ObjectId::Schema(_) => 0,
            ObjectId::Extension(_)
            | ObjectId::Type(_)
            | ObjectId::Sequence(_)
            | ObjectId::Table(_)
            | ObjectId::Index(_)
            | ObjectId::View(_)
            | ObjectId::Opaque(..) => 1,
            ObjectId::Column(..) | ObjectId::Constraint(..) => 2,
        }
    }
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
    let inside = |name: &Qualified| Qualified { schema: schema(&name.schema, renames), name: name.name.clone() };
    match id {
        ObjectId::Schema(_) | ObjectId::Extension(_) => own(id.clone()),
        ObjectId::Type(name) => own(ObjectId::Type(inside(name))),
        ObjectId::Sequence(name) => own(ObjectId::Sequence(inside(name))),
        ObjectId::Table(name) => own(ObjectId::Table(inside(name))),
        ObjectId::Index(name) => own(ObjectId::Index(inside(name))),
        ObjectId::View(name) => own(ObjectId::View(inside(name))),
        ObjectId::Column(table, column) => own(ObjectId::Column(relation(table, renames), column.clone())),
        ObjectId::Constraint(table, name) => own(ObjectId::Constraint(relation(table, renames), name.clone())),
        ObjectId::Opaque(kind, parts) => ObjectId::Opaque(*kind, opaque_parts(*kind, parts, renames)),
    }
}

fn opaque_parts(kind: OpaqueKind, parts: &[String], renames: &[Rename]) -> Vec<String> {
    let mut parts = parts.to_vec();
    if kind.belongs_to_table() && parts.len() > 2 {
        let table = of_that_name(&Qualified::new(parts[0].clone(), parts[1].clone()), renames);
        (parts[0], parts[1]) = (table.schema.as_str().to_owned(), table.name.as_str().to_owned());
    } else if let Some(at) = kind.schema_part()
        && let Some(part) = parts.get_mut(at)
    {
        *part = schema(&SchemaName::new(part.clone()), renames).as_str().to_owned();
    }
    // The types of arguments and the like are SQL in an identity.
    for part in parts.iter_mut().skip(kind.first_type_part()) {
        *part = with_names(part, |name| of_that_name(name, renames));
    }
    parts
}

/// SQL that PostgreSQL printed, with every name in it qualified, under the new names. For what no shadow can build and
/// print.
#[must_use]
pub fn renamed_text(text: &str, renames: &[Rename]) -> String {
    with_names(text, |name| of_that_name(name, renames))
}

/// A qualified name after the renames, whatever has it: an enum, a relation, or something else in a schema.
fn of_that_name(name: &Qualified, renames: &[Rename]) -> Qualified {
    let inside = Qualified { schema: schema(&name.schema, renames), name: name.name.clone() };
    let found = renames.iter().find_map(|r| match (&r.from, &r.to) {
        (ObjectId::Type(from), ObjectId::Type(to))
        | (ObjectId::Table(from), ObjectId::Table(to))
        | (ObjectId::View(from), ObjectId::View(to))
        | (ObjectId::Sequence(from), ObjectId::Sequence(to))
            if *from == inside =>
        {
            Some(to.clone())
        }
        _ => None,
    });
    found.unwrap_or(inside)
}

/// The identity at the head of what a rename names as its old one: under the old name of its schema, and of its table, if
/// they are renamed too.
#[must_use]
pub fn before_renames(id: &ObjectId, outer: &[Rename]) -> ObjectId {
    let outside = |name: &Qualified| {
        let to = ObjectId::Schema(name.schema.clone());
        match outer.iter().find(|r| r.to == to).map(|r| &r.from) {
            Some(ObjectId::Schema(from)) => Qualified { schema: from.clone(), name: name.name.clone() },
            _ => name.clone(),
        }
    };
    let old = |table: &Qualified| {
        let to = ObjectId::Table(table.clone());
        match outer.iter().find(|r| r.to == to).map(|r| &r.from) {
            Some(ObjectId::Table(from)) => outside(from),
            _ => outside(table),
        }
    };
    match id {
        ObjectId::Column(table, name) => ObjectId::Column(old(table), name.clone()),
        ObjectId::Constraint(table, name) => ObjectId::Constraint(old(table), name.clone()),
        ObjectId::Type(name) => ObjectId::Type(outside(name)),
        ObjectId::Sequence(name) => ObjectId::Sequence(outside(name)),
        ObjectId::Table(name) => ObjectId::Table(outside(name)),
        ObjectId::Index(name) => ObjectId::Index(outside(name)),
        ObjectId::View(name) => ObjectId::View(outside(name)),
        ObjectId::Schema(_) | ObjectId::Extension(_) | ObjectId::Opaque(..) => id.clone(),
    }
}

fn schema(name: &SchemaName, renames: &[Rename]) -> SchemaName {
    let of = |r: &Rename| match (&r.from, &r.to) {
        (ObjectId::Schema(from), ObjectId::Schema(to)) if from == name => Some(to.clone()),
        _ => None,
    };
    renames.iter().find_map(of).unwrap_or_else(|| name.clone())
}

fn relation(name: &Qualified, renames: &[Rename]) -> Qualified {
    let inside = Qualified { schema: schema(&name.schema, renames), name: name.name.clone() };
    let from = ObjectId::Table(inside.clone());
    match renames.iter().find(|r| r.from == from).map(|r| &r.to) {
        Some(ObjectId::Table(to)) => to.clone(),
        _ => inside,
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
        (Object::Extension(extension), _) => extension.schema = schema(&extension.schema, renames),
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
