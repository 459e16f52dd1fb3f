//! Counts what was written into a column since it was added, told from what its default gave to the rows that were
//! there.
use super::super::format::{Condition, Reversibility};
use super::super::sql::literal;
use super::context::Context;
use super::identity::not_its_own;
use super::schema::loses;
use crate::canonical::{Given, given_by, parse_type};
use crate::model::{Column, ColumnName, ColumnValue, ObjectId, Qualified};

/// Reversibility of adding a column, to rows which were there or with a new table, and the count of the values that are
/// lost with it on the way back.
pub(super) fn since(
    context: &Context<'_>,
    table: &Qualified,
    name: &ColumnName,
    column: &Column,
) -> (Reversibility, Condition) {
    let id = ObjectId::column(*table, *name);
    let of = format!("values of {}", id.short());
    let any = || format!("select count(*) from {table} where {name} is not null");
    let mut kind = Reversibility::LosesNewRows;
    let (count, says) = match &column.value {
        ColumnValue::Identity(identity) => {
            (not_its_own(table, name, identity), format!("{of} that its sequence did not give"))
        }
        ColumnValue::None | ColumnValue::Generated(..) => (any(), format!("{of} written since")),
        ColumnValue::Default(_) if context.is_new(table) => (any(), format!("{of} written since")),
        ColumnValue::Default(expression) => match given_by(expression.sql()) {
            Given::Constant => {
                let other = differs(context, name, column, expression.sql());
                (format!("select count(*) from {table} where {other}"), format!("{of} written since"))
            }
            Given::Moment if in_full(column) => (
                other_than_given(table, name, column),
                format!("{of} written since, or all of them where the table was written anew"),
            ),
            // Who was given the same value later wrote it all the same.
            Given::Moment | Given::Once | Given::Each => {
                kind = Reversibility::LosesAllValues;
                (any(), format!("{of}: those written since cannot be told from those that its default gave"))
            }
        },
    };
    (kind, loses(&id, count, says))
}

/// Tells whether a column keeps a moment in full, so that no two are the same.
fn in_full(column: &Column) -> bool {
    parse_type(column.data_type.sql()).is_ok_and(|found| {
        let plain = found.builtin && found.dimensions == 0 && found.modifiers.is_empty();
        plain && matches!(found.name.as_str(), "timestamp" | "timestamptz")
    })
}

/// Counts the values that are not the one which PostgreSQL keeps for the rows that were there
/// (<https://www.postgresql.org/docs/18/catalog-pg-attribute.html>, `attmissingval`). It is gone where something wrote
/// the table anew: then none is told apart, and all count.
fn other_than_given(table: &Qualified, name: &ColumnName, column: &Column) -> String {
    let data_type = column.data_type.sql();
    format!(
        "select count(*) from {table} where {name} is distinct from (select (attmissingval::text::{data_type}[])[1] \
         from pg_catalog.pg_attribute where attrelid = {}::pg_catalog.regclass and attname = {})",
        literal(&table.to_string()),
        literal(name.as_str())
    )
}

/// Condition in SQL that a value is another one than the default. That is cast as the column's type: it may be of any
/// other that PostgreSQL assigns to it. Types of extensions have their operators where the pinned session does not
/// look: where equality is not known, or a collation has its own, the texts are compared.
pub(super) fn differs(context: &Context<'_>, name: &ColumnName, column: &Column, default: &str) -> String {
    let data_type = column.data_type.sql();
    let comparable = parse_type(data_type).is_ok_and(|found| match found.schema {
        _ if found.builtin => EQUAL_IS_SAME.binary_search(&found.name.as_str()).is_ok(),
        // Of what has a schema, enums alone are in the state as types.
        Some(schema) => context.after.has(&ObjectId::enumeration(Qualified::new(schema, found.name))),
        None => false,
    });
    if comparable && column.collation.is_none() {
        return format!("{name} is distinct from (({default})::{data_type})");
    }
    let text = |value: &str| format!("({value})::text collate \"C\"");
    format!("{} is distinct from {}", text(&name.to_string()), text(&format!("({default})::{data_type}")))
}

/// Tells whether the equality of one of PostgreSQL's own types says that two values are one.
pub(super) fn is_comparable(data_type: &str) -> bool {
    parse_type(data_type).is_ok_and(|found| found.builtin && EQUAL_IS_SAME.binary_search(&found.name.as_str()).is_ok())
}

/// PostgreSQL's own types, sorted, whose equality says that two values are one. Others have none (json, xml,
/// refcursor), or one that passes over what was written: boxes of one area, a month and thirty days.
const EQUAL_IS_SAME: &[&str] = &[
    "bit",
    "bool",
    "bytea",
    "cidr",
    "date",
    "float4",
    "float8",
    "inet",
    "int2",
    "int4",
    "int8",
    "jsonb",
    "macaddr",
    "macaddr8",
    "money",
    "name",
    "numeric",
    "oid",
    "text",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "varbit",
    "varchar",
];
