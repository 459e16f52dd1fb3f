use super::{Body, ColumnName, ConstraintName, NameSpace, Object, ObjectId, Qualified};

/// A name that an object has and nothing else can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occupied {
    /// Of a table, view, sequence or index.
    Relation(Qualified),
    /// Of a type; a table and a view are types too.
    Type(Qualified),
    /// Of a constraint of a table.
    Constraint(Qualified, ConstraintName),
    /// Of a column of a table.
    Column(Qualified, ColumnName),
}

/// The names that an object occupies: relations, types and constraints have each their own. Names among a kind's own alone
/// are its identity.
#[must_use]
pub fn occupied(id: &ObjectId, object: &Object) -> Vec<Occupied> {
    let relation = || match id.qualified() {
        Some(name) => Some(name),
        None => id.relation().map(|table| table.sibling(id.own_name())),
    };
    let of = |space: NameSpace| match space {
        NameSpace::Relation => relation().map(Occupied::Relation),
        NameSpace::Type => id.qualified().map(Occupied::Type),
        NameSpace::Constraint => id.as_constraint().map(|(table, name)| Occupied::Constraint(table, name)),
        NameSpace::Column => id.as_column().map(|(table, name)| Occupied::Column(table, name)),
        NameSpace::Routine | NameSpace::Own => None,
    };
    // A key has an index of its name.
    let index = matches!(object.body, Body::Key(_)).then_some(NameSpace::Relation);
    id.kind().name_spaces().iter().copied().chain(index).filter_map(of).collect()
}
