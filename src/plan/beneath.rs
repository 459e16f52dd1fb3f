//! Finds what is beneath the partitioned tables of a state: partitions, and their parts of keys and indexes.
use crate::model::{ObjectId, Partitions, Qualified, State};
use std::collections::BTreeMap;

/// Partitions of one state, with their parts of keys and indexes.
#[derive(Debug, Default)]
pub struct Beneath {
    tables: Partitions,
    /// Parts of partitions, by the key or index that they are a part of.
    parts: BTreeMap<ObjectId, Vec<ObjectId>>,
    /// The same parts, by the partition that they are on.
    own: BTreeMap<Qualified, Vec<ObjectId>>,
    /// Keys that partitions have by themselves, by the index that PostgreSQL takes theirs for a part of.
    pub taken: BTreeMap<ObjectId, Vec<ObjectId>>,
}

impl Beneath {
    /// Finds the partitions of a state.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let tables = Partitions::new(state);
        let mut parts: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        let mut own: BTreeMap<Qualified, Vec<ObjectId>> = BTreeMap::new();
        let mut taken: BTreeMap<ObjectId, Vec<ObjectId>> = BTreeMap::new();
        if !tables.is_empty() {
            let all = state
                .objects
                .iter()
                .filter_map(|(id, object)| Some((id, object.table_of(id)?, object.body.part_of()?)));
            for (id, table, part) in all {
                if let Some(above) = state.part_above(id) {
                    parts.entry(above).or_default().push(*id);
                    own.entry(table).or_default().push(*id);
                } else if let Some(parent) = state.table(&table).and_then(|table| table.parent()) {
                    taken.entry(ObjectId::index(parent.sibling(part.as_str()))).or_default().push(*id);
                }
            }
        }
        Self { tables, parts, own, taken }
    }

    /// The partitions of a table, and theirs.
    #[must_use]
    pub fn tables(&self, table: &Qualified) -> Vec<Qualified> {
        self.tables.beneath(table)
    }

    /// A partition's own parts of its parent's keys and indexes.
    #[must_use]
    pub fn own_parts(&self, partition: &Qualified) -> &[ObjectId] {
        self.own.get(partition).map_or(&[], Vec::as_slice)
    }

    /// Tells whether an index has a partition's own key as a part: PostgreSQL drops neither before the other.
    #[must_use]
    pub fn takes_a_key(&self, index: &ObjectId) -> bool {
        self.taken.contains_key(index)
    }

    /// What partitions have of a column, a key or an index of a table.
    #[must_use]
    pub fn parts(&self, table: &Qualified, id: &ObjectId) -> Vec<ObjectId> {
        if let Some((_, name)) = id.as_column() {
            return self.tables(table).into_iter().map(|of| ObjectId::column(of, name)).collect();
        }
        let mut out: Vec<ObjectId> = self.parts.get(id).cloned().unwrap_or_default();
        let mut at = 0;
        while let Some(next) = out.get(at).copied() {
            out.extend(self.parts.get(&next).into_iter().flatten());
            at += 1;
        }
        out
    }
}
