//! Finds what is beneath the partitioned tables of a state: partitions, and their parts of keys and indexes.
use crate::model::{Body, ObjectId, Partitions, Qualified, State, Table};
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
    /// The foreign keys that point to a table.
    pointing: BTreeMap<Qualified, Vec<ObjectId>>,
    /// The partition of all other rows, by its parent.
    defaults: BTreeMap<Qualified, Qualified>,
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
        let mut out = Self { tables, parts, own, taken, ..Self::default() };
        for (id, object) in state.objects.iter().filter(|_| !out.tables.is_empty()) {
            if let Body::ForeignKey(key) = &object.body {
                out.pointing.entry(key.references).or_default().push(*id);
            }
            if let (Body::Table(table), Some(name)) = (&object.body, id.as_table()) {
                out.defaults.extend(takes_all_others(table).map(|parent| (parent, name)));
            }
        }
        out
    }

    /// The foreign keys that point to one of these tables.
    pub fn pointing_at(&self, tables: &[Qualified]) -> impl Iterator<Item = &ObjectId> {
        tables.iter().filter_map(|table| self.pointing.get(table)).flatten()
    }

    /// The partition of a table that takes the rows of no other one.
    #[must_use]
    pub fn default_of(&self, table: &Qualified) -> Option<Qualified> {
        self.defaults.get(table).copied()
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

/// The parent of a partition that takes the rows of no other one.
fn takes_all_others(table: &Table) -> Option<Qualified> {
    let of = table.partition_of.as_ref()?;
    of.bound.sql().eq_ignore_ascii_case("default").then_some(of.parent)
}
