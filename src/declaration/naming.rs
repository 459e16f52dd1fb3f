//! Forms the names that PostgreSQL would give to constraints and indexes without one.
use super::reader::Reader;
use crate::model::{ConstraintName, ObjectId, Qualified};

/// The longest identifier, in bytes (`NAMEDATALEN - 1`).
const LONGEST: usize = 63;

/// Forms the name that PostgreSQL gives to what has none: `table_columns_label`, the longer of the two parts shortened
/// first (`makeObjectName` in `src/backend/commands/indexcmds.c`).
pub(super) fn object_name(table: &str, columns: &str, label: &str) -> String {
    let extra = label.len() + 1 + usize::from(!columns.is_empty());
    let room = LONGEST.saturating_sub(extra);
    let (mut first, mut second) = (table.len(), columns.len());
    while first + second > room {
        if first > second { first -= 1 } else { second -= 1 }
    }
    let (table, columns) = (clip(table, first), clip(columns, second));
    if columns.is_empty() { format!("{table}_{label}") } else { format!("{table}_{columns}_{label}") }
}

/// Cuts a text to at most so many bytes, never within a character.
fn clip(text: &str, mut bytes: usize) -> &str {
    while !text.is_char_boundary(bytes) {
        bytes -= 1;
    }
    &text[..bytes]
}

/// Joins column names as `ChooseIndexNameAddition` does: until the buffer is full.
pub(super) fn joined<'a>(columns: impl IntoIterator<Item = &'a str>) -> String {
    let mut out = String::new();
    for column in columns {
        if !out.is_empty() {
            out.push('_');
        }
        out.push_str(column);
        if out.len() > LONGEST {
            break;
        }
    }
    out
}

/// Forms the default name, with a number behind the label where it is taken: `ChooseRelationName`,
/// `ChooseConstraintName`.
pub(super) fn free_name(reader: &Reader, table: &Qualified, columns: &str, label: &str) -> String {
    let mut number = 0;
    loop {
        let tried = if number == 0 { label.to_owned() } else { format!("{label}{number}") };
        let name = object_name(table.name.as_str(), columns, &tried);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_postgresqls() {
        assert_eq!(object_name("t", "", "pkey"), "t_pkey");
        assert_eq!(object_name("t", &joined(["a", "b"]), "key"), "t_a_b_key");
        let long = object_name(&"t".repeat(60), "column", "fkey");
        assert_eq!((long.len(), long.ends_with("_column_fkey")), (63, true));
        assert_eq!(object_name(&"ü".repeat(40), "c", "check").len(), 62);
        assert_eq!(joined(vec!["x".repeat(40).as_str(); 5]).len(), 81);
    }
}
