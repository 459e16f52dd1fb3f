//! Forms the names that PostgreSQL would give to constraints and indexes without one.
use super::reader::Reader;
use crate::model::{Qualified, numbered_name, rivals};

/// Forms the default name, with a number behind the label where it is taken: `ChooseRelationName`,
/// `ChooseConstraintName`.
pub(super) fn free_name(reader: &Reader, table: &Qualified, columns: &str, label: &str) -> String {
    let is_free = |name: &String| rivals(table, name).iter().all(|id| reader.places.object(id).is_none());
    (0..).map(|number| numbered_name(table.name.as_str(), columns, label, number)).find(is_free).unwrap_or_default()
}
