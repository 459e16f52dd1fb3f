//! Finds the part of a table that a refused statement stumbled over.
use crate::model::{Body, ColumnName, ColumnValue, ConstraintName, Object, ObjectId, Qualified, State};
use crate::plan::sql::{column_definition, constraint_definition};
use crate::server::ServerError;

/// Finds the object that the error is about, as closely as the error tells, and its attribute: the column or constraint
/// at the error's position in `create table`, or the one that the message names.
pub(super) fn culprit(
    state: &State,
    object: &ObjectId,
    sql: &str,
    error: &ServerError,
) -> (ObjectId, Option<&'static str>) {
    let whole = (*object, attribute(state.get(object), error));
    let Some(table) = &object.as_table() else { return whole };
    let found = error.position.and_then(|at| at_position(state, table, sql, at as usize));
    let Some(part) = found.or_else(|| named(state, table, error)).or_else(|| the_only_generated(state, table, error))
    else {
        return whole;
    };
    let attribute = attribute(state.get(&part), error);
    (part, attribute)
}

/// Gives the columns and constraints of a table with the text that stands for them in `create table`.
fn parts(state: &State, table: &Qualified) -> Vec<(ObjectId, String)> {
    let columns = state.columns(table).into_iter();
    let mut out: Vec<(ObjectId, String)> = columns
        .map(|(name, column)| (ObjectId::column(*table, name), column_definition(table, &name, &column)))
        .collect();
    for (name, object) in state.constraints(table) {
        if let Some(definition) = constraint_definition(object) {
            let id = ObjectId::constraint(*table, name);
            out.push((id, format!("constraint {name} {definition}")));
        }
    }
    out
}

/// Finds the part at a position, which counts characters from 1.
fn at_position(state: &State, table: &Qualified, sql: &str, position: usize) -> Option<ObjectId> {
    let at = sql.char_indices().nth(position.checked_sub(1)?).map(|(byte, _)| byte)?;
    let mut from = 0;
    for (id, text) in parts(state, table) {
        let Some(start) = sql[from..].find(&text).map(|found| from + found) else { continue };
        from = start + text.len();
        if (start..from).contains(&at) {
            return Some(id);
        }
    }
    None
}

/// Finds the part whose name the message has in quotes.
fn named(state: &State, table: &Qualified, error: &ServerError) -> Option<ObjectId> {
    let quoted = error.message.split('"').skip(1).step_by(2);
    for name in quoted {
        let column = ObjectId::column(*table, ColumnName::new(name));
        let constraint = ObjectId::constraint(*table, ConstraintName::new(name));
        if let Some(id) = [column, constraint].into_iter().find(|id| state.has(id)) {
            return Some(id);
        }
    }
    None
}

/// Finds the only generated column: PostgreSQL names none where a generation expression is not immutable.
fn the_only_generated(state: &State, table: &Qualified, error: &ServerError) -> Option<ObjectId> {
    if !error.message.contains("generation expression") {
        return None;
    }
    let generated = |column: &crate::model::Column| matches!(column.value, ColumnValue::Generated(..));
    let columns = state.columns(table);
    let mut found = columns.into_iter().filter(|(_, column)| generated(column));
    let (name, _) = found.next()?;
    found.next().is_none().then(|| ObjectId::column(*table, name))
}

/// Names the object's attribute that the message speaks of.
fn attribute(object: Option<&Object>, error: &ServerError) -> Option<&'static str> {
    let says = |words: &str| error.message.contains(words);
    match &object?.body {
        Body::Column(column) => match &column.value {
            _ if says("collation") => Some("collate"),
            _ if says("type \"") && says("does not exist") => Some("type"),
            ColumnValue::Default(_) => Some("default"),
            ColumnValue::Generated(..) => Some("generated"),
            ColumnValue::Identity(_) => Some("identity"),
            ColumnValue::None => Some("type"),
        },
        Body::Table(_) | Body::Key(_) if says("tablespace") => Some("tablespace"),
        Body::Table(_) if says("access method") => Some("access_method"),
        Body::Table(_) | Body::Key(_) if says("option") || says("parameter") => Some("with"),
        Body::Check(_) => Some("expression"),
        Body::Exclusion(_) if says("tablespace") => Some("tablespace"),
        Body::Exclusion(_) if says("parameter") => Some("with"),
        Body::Exclusion(_) if says("access method") && says("does not exist") && !says("operator class") => {
            Some("using")
        }
        Body::Exclusion(_) => Some("keys"),
        Body::ForeignKey(_) => Some("references"),
        Body::Index(_) if says("tablespace") => Some("tablespace"),
        Body::Index(_) if says("option") || says("parameter") => Some("with"),
        Body::Index(_) if says("predicate") => Some("where"),
        Body::Index(_) if says("access method") && says("does not exist") && !says("operator class") => Some("using"),
        Body::Index(_) => Some("keys"),
        Body::View(_) => Some("query"),
        Body::Schema(_)
        | Body::Extension(_)
        | Body::Enumeration(_)
        | Body::Sequence(_)
        | Body::Table(_)
        | Body::Key(_)
        | Body::Definition(_) => None,
    }
}
