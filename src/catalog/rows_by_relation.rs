//! Sorts the rows of columns, constraints and indexes to the relations that they belong to.
use super::{
    constraint::ConstraintRow,
    index::IndexRow,
    relation::{ColumnRow, Home, RelationRow},
};
use crate::model::{ColumnName, Qualified};
use std::collections::HashMap;

/// Rows by the relation that they belong to.
#[derive(Debug, Default)]
pub(super) struct Parts {
    columns: HashMap<u32, Vec<ColumnRow>>,
    constraints: HashMap<u32, Vec<ConstraintRow>>,
    indexes: HashMap<u32, Vec<IndexRow>>,
    /// Sequences behind identity columns, by table and column number.
    identities: HashMap<(u32, i32), RelationRow>,
    relations: HashMap<u32, (Qualified, Home)>,
    /// The columns that foreign keys point to.
    referenced: HashMap<(u32, i16), ColumnName>,
}

/// The rows of one relation, in the order of their numbers or names: the server gives them in none, so that it need not
/// hold them all before it gives the first.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub(super) columns: Vec<ColumnRow>,
    pub(super) constraints: Vec<ConstraintRow>,
    pub(super) indexes: Vec<IndexRow>,
}

impl Parts {
    /// Sorts rows to their relations, and says of each sequence which column owns it.
    pub(super) fn of(
        relations: &mut [RelationRow],
        columns: Vec<ColumnRow>,
        constraints: Vec<ConstraintRow>,
        indexes: Vec<IndexRow>,
    ) -> Self {
        let mut parts = Self {
            columns: by_relation(columns, |r| r.relation),
            constraints: by_relation(constraints, |r| r.relation),
            indexes: by_relation(indexes, |r| r.relation),
            relations: relations.iter().map(|r| (r.oid, (r.qualified(), r.home()))).collect(),
            ..Self::default()
        };
        for row in parts.constraints.values().flatten() {
            for number in row.referenced.iter().flatten() {
                let of = (row.referenced_table, *number);
                if let Some(column) = parts.column(of.0, i32::from(*number)) {
                    parts.referenced.insert(of, ColumnName::new(column.name.clone()));
                }
            }
        }
        for row in relations {
            let (Some(table), Some(column)) = (row.owner_table, row.owner_column) else { continue };
            if let Some((owner, _)) = parts.relations.get(&table) {
                row.owner_name = Some(owner.name.as_str().to_owned());
                row.owner_column_name = parts.column(table, column).map(|c| c.name.clone());
            }
            if row.home() == Home::IdentitySequence {
                parts.identities.insert((table, column), row.clone());
            }
        }
        parts
    }

    /// Takes the rows of a relation out.
    pub(super) fn take(&mut self, relation: u32) -> Part {
        let mut part = Part {
            columns: self.columns.remove(&relation).unwrap_or_default(),
            constraints: self.constraints.remove(&relation).unwrap_or_default(),
            indexes: self.indexes.remove(&relation).unwrap_or_default(),
        };
        part.columns.sort_unstable_by_key(|row| row.position);
        part.constraints.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        part.indexes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        part
    }

    pub(super) fn identity(&self, relation: u32, column: i32) -> Option<&RelationRow> {
        self.identities.get(&(relation, column))
    }

    /// Gives a relation's name and place in the model, if it was read.
    pub(super) fn relation(&self, relation: u32) -> Option<&(Qualified, Home)> {
        self.relations.get(&relation)
    }

    /// Gives the names of the columns that a foreign key points to, if they were read.
    pub(super) fn referenced(&self, row: &ConstraintRow) -> Vec<ColumnName> {
        let name = |number: &i16| self.referenced.get(&(row.referenced_table, *number)).cloned();
        row.referenced.iter().flatten().filter_map(name).collect()
    }

    fn column(&self, relation: u32, number: i32) -> Option<&ColumnRow> {
        self.columns.get(&relation)?.iter().find(|row| row.position == number)
    }
}

impl Part {
    /// Gives the names of columns, in the order in which a constraint gives their numbers.
    pub(super) fn names(&self, numbers: Option<&Vec<i16>>) -> Vec<ColumnName> {
        let column = |number: &i16| self.columns.iter().find(|row| row.position == i32::from(*number));
        numbers.into_iter().flatten().filter_map(column).map(|row| ColumnName::new(row.name.clone())).collect()
    }
}

fn by_relation<R>(rows: Vec<R>, relation: impl Fn(&R) -> u32) -> HashMap<u32, Vec<R>> {
    let mut out: HashMap<u32, Vec<R>> = HashMap::new();
    for row in rows {
        out.entry(relation(&row)).or_default().push(row);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_in_no_order_and_are_put_into_one() {
        let column = |position: i32, name: &str| ColumnRow {
            relation: 1,
            position,
            name: name.to_owned(),
            ..ColumnRow::default()
        };
        let index = |name: &str| IndexRow { relation: 1, name: name.to_owned(), ..IndexRow::default() };
        let columns = vec![column(3, "c"), column(1, "a"), column(2, "b")];
        let key = ConstraintRow { referenced_table: 1, referenced: Some(vec![2, 1]), ..ConstraintRow::default() };
        let mut parts = Parts::of(&mut [], columns, vec![key.clone()], vec![index("z"), index("a")]);
        let part = parts.take(1);
        let names: Vec<_> = part.columns.iter().map(|c| c.name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(part.indexes[0].name, "a");
        assert_eq!(part.names(Some(&vec![3, 1])), [ColumnName::new("c"), ColumnName::new("a")]);
        assert!(part.names(None).is_empty() && parts.take(1).columns.is_empty());
        assert_eq!(parts.referenced(&key), [ColumnName::new("b"), ColumnName::new("a")]);
    }

    #[test]
    fn a_sequence_is_told_whose_it_is_unless_the_server_did() {
        let table = RelationRow { oid: 1, name: "t".to_owned(), kind: "r".to_owned(), ..RelationRow::default() };
        let of = |table| RelationRow {
            oid: 2,
            kind: "S".to_owned(),
            owner_table: Some(table),
            owner_column: Some(1),
            owner_name: Some("told".to_owned()),
            ..RelationRow::default()
        };
        let column = ColumnRow { relation: 1, position: 1, name: "id".to_owned(), ..ColumnRow::default() };
        let mut relations = [table, of(1), of(9)];
        Parts::of(&mut relations, vec![column], Vec::new(), Vec::new());
        assert_eq!(relations[1].owner_name.as_deref(), Some("t"));
        assert_eq!(relations[1].owner_column_name.as_deref(), Some("id"));
        assert_eq!(relations[2].owner_name.as_deref(), Some("told"));
    }
}
