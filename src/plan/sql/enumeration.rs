//! Writes enums as SQL.
use super::{head_of, list, literal};
use crate::model::{Enumeration, ObjectId, Qualified, Typed};

/// `create type … as enum`, with all that is said of it.
#[must_use]
pub fn enum_sql(name: &Qualified, enumeration: Typed<'_, Enumeration>) -> Vec<String> {
    let mut sql = vec![format!("create type {name} as enum ({})", list(enumeration.labels.iter().map(|l| literal(l))))];
    sql.extend(head_of(&ObjectId::enumeration(*name), enumeration.head));
    sql
}
