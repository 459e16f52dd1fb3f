//! Writes a table as SQL, with its columns, keys and checks.
use super::{
    column_definition, column_extras, constraint_definition, head_of, index_marks, own_index_comment, partition,
};
use crate::model::{
    Body, ColumnName, ConstraintName, Enforcement, Object, ObjectId, Persistence, Qualified, RelationName,
    ReplicaIdentity, State, Table, Typed, quote,
};
use std::collections::BTreeSet;

/// The table with its columns, keys and checks; foreign keys and indexes come as operations of their own.
#[must_use]
pub fn create_table(name: &Qualified, table: Typed<'_, Table>, state: &State) -> Vec<String> {
    let columns = state.columns(name);
    let mut parts: Vec<String> = match &table.partition_of {
        Some(_) => partition::overridden(name, state),
        None => columns.iter().map(|(column, c)| column_definition(name, column, c)).collect(),
    };
    let inline = |object: &Object| matches!(object.body, Body::Key(_)) || is_plain_check(object);
    // A partition's part of a key comes with it.
    let own = |constraint: &ConstraintName| state.is_own_part(&ObjectId::constraint(*name, *constraint));
    // Two keys over the same columns in one `create table` become one, in silence: the others are added behind.
    let mut keys: BTreeSet<&[ColumnName]> = BTreeSet::new();
    let mut behind = Vec::new();
    for (constraint, object) in state.constraints(name).filter(|(name, object)| inline(object) && own(name)) {
        let Some(definition) = constraint_definition(object) else { continue };
        if matches!(&object.body, Body::Key(key) if !keys.insert(&key.columns)) {
            behind.push(format!("alter table {name} add constraint {constraint} {definition}"));
        } else {
            parts.push(format!("constraint {constraint} {definition}"));
        }
    }
    let unlogged = if table.persistence == Persistence::Unlogged { "unlogged " } else { "" };
    let listed = if parts.is_empty() { String::new() } else { format!("\n  {}\n", parts.join(",\n  ")) };
    let mut text = match &table.partition_of {
        Some(of) if parts.is_empty() => {
            format!("create {unlogged}table {name} partition of {} {}", of.parent, of.bound.sql())
        }
        Some(of) => format!("create {unlogged}table {name} partition of {} ({listed}) {}", of.parent, of.bound.sql()),
        None => format!("create {unlogged}table {name} ({listed})"),
    };
    if let Some(key) = &table.partition_by {
        text.push_str(&format!(" partition by {}", key.sql()));
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
    if table.partition_of.is_some() {
        out.extend(partition::behind(name, state));
    }
    out.extend(table_extras(name, table));
    out.extend(columns.iter().flat_map(|(column, c)| column_extras(name, column, *c)));
    for (constraint, object) in state.constraints(name).filter(|(name, _)| own(name)) {
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
