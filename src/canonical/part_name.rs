//! Forms the names that PostgreSQL gives to a partition's parts of keys and indexes.
use super::{KeyTarget, parse_index_key};
use crate::model::{Body, ColumnName, Index, IndexKey, KeyKind, Qualified, default_name, joined_columns};

/// Gives the columns and the label in such a name: `events_2026_day_idx` is of `day` and `idx`. For an expression the parser
/// alone knows PostgreSQL's word: it is `expr` here.
#[must_use]
pub fn part_name(body: &Body) -> (String, &'static str) {
    if let Body::Index(index) = body {
        let mut names: Vec<String> = columns(index).map(|name| name.unwrap_or_else(|| "expr".to_owned())).collect();
        names.extend(index.include.iter().map(|name| name.as_str().to_owned()));
        return (joined_columns(names.iter().map(String::as_str)), "idx");
    }
    if let Body::Key(key) = body
        && key.kind == KeyKind::Unique
    {
        return (joined_columns(key.columns.iter().chain(&key.include).map(ColumnName::as_str)), "key");
    }
    (String::new(), "pkey")
}

/// Gives the name that PostgreSQL gives to such a part on this table, where it can be told: not of an expression, and it appends
/// a number where the name is taken.
#[must_use]
pub fn usual_part_name(table: &Qualified, body: &Body) -> Option<String> {
    if let Body::Index(index) = body
        && columns(index).any(|name| name.is_none())
    {
        return None;
    }
    let (columns, label) = part_name(body);
    Some(default_name(table.name.as_str(), &columns, label))
}

/// The columns that an index's keys are; none for an expression.
fn columns(index: &Index) -> impl Iterator<Item = Option<String>> {
    index.keys.iter().map(|key: &IndexKey| match parse_index_key(&index.method, key.sql.sql()).ok()?.target {
        KeyTarget::Column(name) => Some(name),
        KeyTarget::Expression(_) => None,
    })
}
