//! Writes columns as SQL: definition, default, identity, collation, and statements for the rest.
use super::{head_of, sequence::sequence_options};
use crate::model::{
    Column, ColumnName, ColumnValue, Fragment, GenerationKind, Identity, ObjectId, Qualified, SequenceType, Typed, Word,
};

/// ` collate …`, empty for the type's own.
#[must_use]
pub fn collate_clause(collation: Option<&Fragment>) -> String {
    collation.map(|c| format!(" collate {}", c.sql())).unwrap_or_default()
}

/// `default …`, or what an identity or generated column has instead; empty for none.
#[must_use]
pub fn default_clause(table: &Qualified, value: &ColumnValue, of: SequenceType) -> String {
    match value {
        ColumnValue::None => String::new(),
        ColumnValue::Default(expression) => format!("default {}", parenthesised(expression.sql())),
        ColumnValue::Identity(identity) => identity_definition(table, identity, of),
        ColumnValue::Generated(expression, GenerationKind::Stored) => {
            format!("generated always as ({}) stored", expression.sql())
        }
        ColumnValue::Generated(expression, GenerationKind::Virtual) => {
            format!("generated always as ({}) virtual", expression.sql())
        }
    }
}

/// A default is a `b_expr` in the grammar: anything else must stand in parentheses.
fn parenthesised(expression: &str) -> String {
    format!("({expression})")
}

/// `generated … as identity (…)`, as people read it: the name of its sequence is PostgreSQL's choice.
#[must_use]
pub fn identity_clause(identity: &Identity, of: SequenceType) -> String {
    with_options(identity.always, &[sequence_options(&identity.options, of)])
}

/// `generated … as identity (…)` for a statement: its sequence has the name that it had, where that is not the usual
/// one. `sequence name` is what `pg_dump` writes there, and not documented.
#[must_use]
pub fn identity_definition(table: &Qualified, identity: &Identity, of: SequenceType) -> String {
    let name = identity.sequence.iter().map(|name| format!("sequence name {}", table.sibling(name.as_str())));
    let options: Vec<String> = name.chain([sequence_options(&identity.options, of)]).collect();
    with_options(identity.always, &options)
}

fn with_options(always: bool, options: &[String]) -> String {
    let when = if always { "always" } else { "by default" };
    let said: Vec<&str> = options.iter().map(String::as_str).filter(|option| !option.is_empty()).collect();
    let options = if said.is_empty() { String::new() } else { format!(" ({})", said.join(" ")) };
    format!("generated {when} as identity{options}")
}

/// The column as `create table` and `add column` take it.
#[must_use]
pub fn column_definition(table: &Qualified, name: &ColumnName, column: &Column) -> String {
    let mut text = format!("{name} {}{}", column.data_type.sql(), collate_clause(column.collation.as_ref()));
    let value = default_clause(table, &column.value, column.sequence_type());
    if !value.is_empty() {
        text.push(' ');
        text.push_str(&value);
    }
    if column.not_null {
        text.push_str(&not_null_clause(column));
    }
    text
}

/// ` not null`, with the constraint's name where that is not PostgreSQL's choice.
pub(super) fn not_null_clause(column: &Column) -> String {
    let name = column.not_null_name.as_ref().map(|name| format!(" constraint {}", crate::model::quote(name)));
    format!("{} not null", name.unwrap_or_default())
}

/// Statements for what the definition of a new column leaves out: storage, compression, statistics, options, and its
/// head.
#[must_use]
pub fn column_extras(table: &Qualified, name: &ColumnName, column: Typed<'_, Column>) -> Vec<String> {
    let alter = format!("alter table {table} alter column {name}");
    let mut out = Vec::new();
    if let Some(storage) = column.storage {
        out.push(format!("{alter} set storage {}", storage.word()));
    }
    if let Some(compression) = column.compression {
        out.push(format!("{alter} set compression {}", compression.word()));
    }
    if let Some(statistics) = column.statistics {
        out.push(format!("{alter} set statistics {statistics}"));
    }
    if !column.options.is_empty() {
        out.push(format!("{alter} set ({})", super::options(&column.options)));
    }
    out.extend(head_of(&ObjectId::column(*table, *name), column.head));
    out
}
