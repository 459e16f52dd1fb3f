//! Renames that a declaration names, and the identities and texts of objects before and after them.
use super::qualified_names::with_names;
use super::{ObjectId, ObjectKind, Qualified, SchemaName, default_multirange};
use serde::{Deserialize, Serialize};

/// Rename of one object, as declared. Objects that are named through others are told under their new names: a table in
/// a schema that is renamed too, a column of such a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// The identity before.
    pub from: ObjectId,
    /// The identity after; same kind, same schema and table.
    pub to: ObjectId,
}

impl Rename {
    /// The number of objects that the renamed one is named through: a schema's rename runs first, then those of what it
    /// holds, then those of the parts of tables.
    #[must_use]
    pub fn depth(&self) -> u8 {
        self.to.depth()
    }
}

/// The identity after the renames, of the object itself or of one inside a renamed one.
#[must_use]
pub fn renamed_id(id: &ObjectId, renames: &[Rename]) -> ObjectId {
    let id = id.through(
        |name| renamed_schema(name, renames),
        |name| of_that_name(name, renames),
        // The types of arguments and the like are SQL in an identity.
        |text| renamed_text(text, renames),
    );
    renames.iter().find(|r| r.from == id).map_or(id, |rename| rename.to)
}

/// SQL that PostgreSQL printed, with every name in it qualified, under the new names. For what no shadow can build and
/// print.
#[must_use]
pub fn renamed_text(text: &str, renames: &[Rename]) -> String {
    with_names(text, |name| of_that_name(*name, renames))
}

/// A qualified name after the renames, whatever has it: an enum, a relation, or something else in a schema.
fn of_that_name(name: Qualified, renames: &[Rename]) -> Qualified {
    let inside = Qualified { schema: renamed_schema(name.schema, renames), name: name.name };
    let named = |id: &ObjectId| {
        id.qualified().filter(|_| id.kind().has_columns() || id.kind().is_type() || id.is(ObjectKind::Sequence))
    };
    let found = renames.iter().find(|r| named(&r.from) == Some(inside)).and_then(|r| r.to.qualified());
    let multirange = |id: &ObjectId| {
        id.named_as(ObjectKind::RangeType).map(|name| name.sibling(&default_multirange(name.name.as_str())))
    };
    // A multirange type that has the name of its range follows that.
    let with_range = || renames.iter().find(|r| multirange(&r.from) == Some(inside)).and_then(|r| multirange(&r.to));
    found.or_else(with_range).unwrap_or(inside)
}

/// The identity at the head of what a rename names as its old one: under the old name of its schema, and of its table, if
/// they are renamed too.
#[must_use]
pub fn before_renames(id: &ObjectId, outer: &[Rename]) -> ObjectId {
    let from = |to: ObjectId| outer.iter().find(|r| r.to == to).map(|r| r.from);
    let schema = |name| from(ObjectId::schema(name)).and_then(|id| id.as_schema()).unwrap_or(name);
    let table = |name| {
        let name = from(ObjectId::table(name)).and_then(|id| id.as_table()).unwrap_or(name);
        Qualified { schema: schema(name.schema), name: name.name }
    };
    id.through(schema, table, str::to_owned)
}

/// A schema's name after the renames.
#[must_use]
pub fn renamed_schema(name: SchemaName, renames: &[Rename]) -> SchemaName {
    let own = Some(name);
    renames.iter().find(|r| r.from.as_schema() == own).and_then(|r| r.to.as_schema()).unwrap_or(name)
}

/// A relation's name after the renames.
#[must_use]
pub fn renamed_relation(name: &Qualified, renames: &[Rename]) -> Qualified {
    let inside = Qualified { schema: renamed_schema(name.schema, renames), name: name.name };
    let from = [ObjectId::table(inside), ObjectId::view(inside)];
    renames.iter().find(|r| from.contains(&r.from)).and_then(|r| r.to.qualified()).unwrap_or(inside)
}
