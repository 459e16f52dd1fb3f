//! Names that a rename takes from what had them.
use super::rename::{Rename, renamed_id};
use crate::model::{
    ColumnName, ConstraintName, Object, ObjectId, OpaqueKind, Qualified, SchemaName, State, aside_name,
};
use std::collections::BTreeSet;

/// Whoever has the name that a rename gives leaves it: it goes aside at the same moment, and is dropped under that name.
/// So nobody finds the name missing in between, and a value is never read as another's.
#[must_use]
pub fn set_aside(head: &State, renames: &[Rename]) -> Vec<Rename> {
    if renames.is_empty() {
        return Vec::new();
    }
    let mut all = renames.to_vec();
    // A table that goes aside takes its keys with it: their names are looked at once it has its own.
    for outer in [true, false] {
        let taken: BTreeSet<Name> = all
            .iter()
            .filter(|r| !goes_aside(r))
            .flat_map(|rename| {
                let old = head.objects.iter().find(|(id, _)| renamed_id(id, &all) == rename.to);
                old.map(|(_, object)| names(&rename.to, object)).unwrap_or_default()
            })
            .collect();
        let mut found = Vec::new();
        for (id, object) in head.objects.iter().filter(|(id, _)| is_outer(id) == outer) {
            let now = through_outer(id, &all);
            let stays = !all.iter().any(|r| r.from == now);
            if stays
                && names(&now, object).iter().any(|name| taken.contains(name))
                && let Some(to) = aside(&now, "taken over")
            {
                found.push(Rename { from: now, to });
            }
        }
        all.extend(found);
    }
    all.split_off(renames.len())
}

/// Whether a rename makes way for another.
#[must_use]
pub fn goes_aside(rename: &Rename) -> bool {
    aside(&rename.from, "taken over").as_ref() == Some(&rename.to)
}

/// The same object under a name that is nobody's. Only what can be renamed has one.
#[must_use]
pub fn aside(id: &ObjectId, seed: &str) -> Option<ObjectId> {
    let name = aside_name(seed, id);
    Some(match id {
        ObjectId::Table(q) => ObjectId::Table(q.sibling(name)),
        ObjectId::View(q) => ObjectId::View(q.sibling(name)),
        ObjectId::Index(q) => ObjectId::Index(q.sibling(name)),
        ObjectId::Sequence(q) => ObjectId::Sequence(q.sibling(name)),
        ObjectId::Type(q) => ObjectId::Type(q.sibling(name)),
        ObjectId::Column(table, _) => ObjectId::Column(table.clone(), ColumnName::new(name)),
        ObjectId::Constraint(table, _) => ObjectId::Constraint(table.clone(), ConstraintName::new(name)),
        ObjectId::Schema(_) => ObjectId::Schema(SchemaName::new(name)),
        ObjectId::Extension(_) | ObjectId::Opaque(..) => return None,
    })
}

/// A name as PostgreSQL keeps it: relations, types and constraints have each their own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Name {
    /// Of a table, view, sequence or index.
    Relation(Qualified),
    /// Of a type; a table and a view are types too.
    Type(Qualified),
    /// Of a constraint of a table.
    Constraint(Qualified, ConstraintName),
    /// Of a column of a table.
    Column(Qualified, ColumnName),
}

/// The names that an object has, and nothing else can have.
#[must_use]
pub fn names(id: &ObjectId, object: &Object) -> Vec<Name> {
    match id {
        ObjectId::Table(q) | ObjectId::View(q) => vec![Name::Relation(q.clone()), Name::Type(q.clone())],
        ObjectId::Sequence(q) | ObjectId::Index(q) => vec![Name::Relation(q.clone())],
        ObjectId::Type(q) => vec![Name::Type(q.clone())],
        ObjectId::Constraint(table, name) => {
            let own = Name::Constraint(table.clone(), name.clone());
            let index = matches!(object, Object::Key(_)).then(|| Name::Relation(table.sibling(name.as_str())));
            std::iter::once(own).chain(index).collect()
        }
        ObjectId::Column(table, name) => vec![Name::Column(table.clone(), name.clone())],
        ObjectId::Opaque(kind, parts) => opaque_names(*kind, parts),
        ObjectId::Schema(_) | ObjectId::Extension(_) => Vec::new(),
    }
}

fn opaque_names(kind: OpaqueKind, parts: &[String]) -> Vec<Name> {
    use OpaqueKind as Kind;
    let (Some(schema), Some(name)) = (parts.first(), parts.last()) else { return Vec::new() };
    let name = Qualified::new(schema.clone(), name.clone());
    let is_type = matches!(kind, Kind::Domain | Kind::CompositeType | Kind::RangeType | Kind::BaseType);
    let relation = (kind.is_relation() || kind == Kind::ExclusionConstraint).then(|| Name::Relation(name.clone()));
    let of_type = (is_type || kind.is_relation()).then_some(Name::Type(name));
    relation.into_iter().chain(of_type).collect()
}

fn is_outer(id: &ObjectId) -> bool {
    !matches!(id, ObjectId::Column(..) | ObjectId::Constraint(..) | ObjectId::Index(_))
}

/// Its identity once what it is named through has its new name, its own rename not yet run.
fn through_outer(id: &ObjectId, renames: &[Rename]) -> ObjectId {
    let own = Rename { from: id.clone(), to: id.clone() }.depth();
    let outer: Vec<Rename> = renames.iter().filter(|r| r.depth() < own).cloned().collect();
    renamed_id(id, &outer)
}
