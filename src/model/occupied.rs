//! Names that an object occupies, so that nothing else can have them.
use super::{
    CarriedForm, ColumnName, ConstraintName, NameSpace, Object, ObjectId, ObjectKind, Qualified, routine_name,
};

/// Name that an object has and nothing else can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Occupied {
    /// Name of a table, view, sequence or index.
    Relation(Qualified),
    /// Name of a type; a table and a view are types too.
    Type(Qualified),
    /// Name of a constraint of a table.
    Constraint(Qualified, ConstraintName),
    /// Name of a column of a table.
    Column(Qualified, ColumnName),
    /// Name among objects of its like alone: of a routine with its arguments, of a trigger on its table.
    Own(ObjectId),
}

/// The objects of which one may have a name among the constraints of a table and the relations of its schema.
#[must_use]
pub fn rivals(table: &Qualified, name: &str) -> [ObjectId; 5] {
    let relation = table.sibling(name);
    [
        ObjectId::constraint(*table, ConstraintName::new(name)),
        ObjectId::index(relation),
        ObjectId::table(relation),
        ObjectId::view(relation),
        ObjectId::sequence(relation),
    ]
}

/// The names that an object occupies: relations, types and constraints have each their own. Names among the own of a kind
/// that is carried along, or that has no rename, are its identity alone.
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
        // Functions, procedures and aggregates share their names.
        NameSpace::Routine => Some(Occupied::Own(routine_name(id))),
        NameSpace::Own => (id.kind().is_definition() && !id.kind().is_carried()).then_some(Occupied::Own(*id)),
    };
    // A composite type is a relation too. A key has an index of its name, and so has an exclusion constraint.
    let excludes = object.carried_form() == Some(CarriedForm::ExclusionConstraint);
    let is_relation = excludes || object.body.owns_index() || id.is(ObjectKind::CompositeType);
    let relations = is_relation.then_some(NameSpace::Relation);
    id.kind().name_spaces().iter().copied().chain(relations).filter_map(of).collect()
}
