//! Writes a table as SQL, with its columns, keys and checks.
use super::{column_definition, column_extras, constraint_definition, head_of, index_marks, own_index_comment};
use crate::model::{
    Body, ColumnName, Enforcement, Object, ObjectId, Persistence, Qualified, RelationName, ReplicaIdentity, State,
    Table, Typed, quote,
};
use std::collections::BTreeSet;

/// The table with its columns, keys and checks; foreign keys and indexes come as operations of their own.
#[must_use]
pub fn create_table(name: &Qualified, table: Typed<'_, Table>, state: &State) -> Vec<String> {
    let columns = state.columns(name);
    let mut parts: Vec<String> = columns.iter().map(|(column, c)| column_definition(name, column, c)).collect();
    let inline = |object: &Object| matches!(object.body, Body::Key(_)) || is_plain_check(object);
    // Two keys over the same columns in one `create table` become one, in silence: the others are added behind.
    let mut keys: BTreeSet<&[ColumnName]> = BTreeSet::new();
    let mut behind = Vec::new();
    for (constraint, object) in state.constraints(name).filter(|(_, object)| inline(object)) {
        let Some(definition) = constraint_definition(object) else { continue };
        if matches!(&object.body, Body::Key(key) if !keys.insert(&key.columns)) {
            behind.push(format!("alter table {name} add constraint {constraint} {definition}"));
        } else {
            parts.push(format!("constraint {constraint} {definition}"));
        }
    }
    let unlogged = if table.persistence == Persistence::Unlogged { "unlogged " } else { "" };
    let mut text = format!("create {unlogged}table {name} (\n  {}\n)", parts.join(",\n  "));
    if parts.is_empty() {
        text = format!("create {unlogged}table {name} ()");
    }
    if let Some(method) = &table.access_method {
        text.push_str(&format!(" using {}", quote(method)));
    }
    if !table.storage_parameters.is_empty() {
        text.push_str(&format!(" with ({})", super::options(&table.storage_parameters)));
    }
    if let Some(tablespace) = &table.tablespace {
        text.push_str(&format!(" tablespace {}", quote(tablespace)));
    }
    let mut out = vec![text];
    out.extend(behind);
    out.extend(table_extras(name, table));
    out.extend(columns.iter().flat_map(|(column, c)| column_extras(name, column, *c)));
    for (constraint, object) in state.constraints(name) {
        if inline(object) {
            out.extend(head_of(&ObjectId::constraint(*name, constraint), &object.head));
        }
        if let Body::Key(_) = &object.body {
            out.extend(own_index_comment(name, &constraint, object));
            // The index of a key has the key's name.
            out.extend(index_marks(name, table.marks(), &RelationName::new(constraint.as_str())));
        }
    }
    out
}

/// A check that holds for every row can stand in `create table`; `not valid` cannot.
pub(super) fn is_plain_check(object: &Object) -> bool {
    matches!(object.body, Body::Check(_)) && object.body.enforcement() == Some(Enforcement::Valid)
}

fn table_extras(name: &Qualified, table: Typed<'_, Table>) -> Vec<String> {
    let mut out = Vec::new();
    if table.row_security {
        out.push(format!("alter table {name} enable row level security"));
    }
    if table.force_row_security {
        out.push(format!("alter table {name} force row level security"));
    }
    match &table.replica_identity {
        ReplicaIdentity::Full => out.push(format!("alter table {name} replica identity full")),
        ReplicaIdentity::Nothing => out.push(format!("alter table {name} replica identity nothing")),
        // Said once the index is there: see `index_marks`.
        ReplicaIdentity::Default | ReplicaIdentity::Index(_) => {}
    }
    out.extend(head_of(&ObjectId::table(*name), table.head));
    out
}
