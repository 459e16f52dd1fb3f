//! Forms the names that PostgreSQL would give to constraints and indexes without one.
use super::reader::Reader;
use crate::model::{ConstraintName, ObjectId, Qualified, default_name};

/// Forms the default name, with a number behind the label where it is taken: `ChooseRelationName`,
/// `ChooseConstraintName`.
pub(super) fn free_name(reader: &Reader, table: &Qualified, columns: &str, label: &str) -> String {
    let mut number = 0;
    loop {
        let tried = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
        let name = default_name(table.name.as_str(), columns, &tried);
        let relation = table.sibling(&name);
        let taken = [
            ObjectId::constraint(*table, ConstraintName::new(&name)),
            ObjectId::index(relation),
            ObjectId::table(relation),
            ObjectId::view(relation),
            ObjectId::sequence(relation),
        ];
        if taken.iter().all(|id| reader.places.object(id).is_none()) {
            return name;
        }
        number += 1;
    }
}
