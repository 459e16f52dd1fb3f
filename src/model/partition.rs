//! Relations between partitioned tables and their partitions in a state.
use super::{Body, ConstraintName, ForeignKey, ObjectId, Qualified, RelationName, State};
use std::collections::{BTreeMap, BTreeSet};

/// Partitions by the table that they are partitions of; built once for a state.
#[derive(Clone, Debug, Default)]
pub struct Partitions {
    of: BTreeMap<Qualified, Vec<Qualified>>,
}

impl Partitions {
    /// Finds the partitions of a state.
    #[must_use]
    pub fn new(state: &State) -> Self {
        let mut of: BTreeMap<Qualified, Vec<Qualified>> = BTreeMap::new();
        for (id, object) in &state.objects {
            if let (Body::Table(table), Some(name)) = (&object.body, id.as_table())
                && let Some(parent) = table.parent()
            {
                of.entry(parent).or_default().push(name);
            }
        }
        Self { of }
    }

    /// The partitions of a table, without theirs.
    pub fn of(&self, table: &Qualified) -> impl Iterator<Item = &Qualified> {
        self.of.get(table).into_iter().flatten()
    }

    /// The partitions of a table, and theirs: each parent before its partitions.
    #[must_use]
    pub fn beneath(&self, table: &Qualified) -> Vec<Qualified> {
        let mut out: Vec<Qualified> = self.of(table).copied().collect();
        let mut at = 0;
        while let Some(next) = out.get(at).copied() {
            out.extend(self.of(&next));
            at += 1;
        }
        out
    }

    /// Says that there is no partition at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }
}

impl State {
    /// The tables that a table is a partition of: its parent, and that one's.
    #[must_use]
    pub fn above(&self, table: &Qualified) -> Vec<Qualified> {
        let mut out: Vec<Qualified> = Vec::new();
        let mut next = self.table(table).and_then(|table| table.parent());
        while let Some(parent) = next.filter(|parent| !out.contains(parent)) {
            out.push(parent);
            next = self.table(&parent).and_then(|table| table.parent());
        }
        out
    }

    /// The foreign keys that point to one of these tables.
    pub fn foreign_keys_to<'s>(
        &'s self,
        tables: &'s BTreeSet<Qualified>,
    ) -> impl Iterator<Item = (&'s ObjectId, &'s ForeignKey)> {
        let objects = if tables.is_empty() { None } else { Some(self.objects.iter()) };
        objects.into_iter().flatten().filter_map(|(id, object)| {
            let Body::ForeignKey(key) = &object.body else { return None };
            tables.contains(&key.references).then_some((id, key))
        })
    }

    /// Tells whether a table's rows are kept in partitions.
    #[must_use]
    pub fn is_partitioned(&self, table: &Qualified) -> bool {
        self.table(table).is_some_and(|table| table.partition_by.is_some())
    }

    /// The part of a partitioned table that this one of a partition comes with: the column of its name, or the key or index that
    /// it is a part of. None for what is the partition's own.
    #[must_use]
    pub fn part_above(&self, id: &ObjectId) -> Option<ObjectId> {
        let object = self.get(id)?;
        let parent = self.table(&object.table_of(id)?)?.parent()?;
        if let Some((_, name)) = id.as_column() {
            return Some(ObjectId::column(parent, name));
        }
        let name = object.body.part_of()?;
        let (key, index) = (
            ObjectId::constraint(parent, ConstraintName::new(name.as_str())),
            ObjectId::index(parent.sibling(name.as_str())),
        );
        let of_key = self.body(&key).is_some_and(Body::owns_index);
        // A key whose index PostgreSQL took for a part of an index is made by itself, before that.
        (of_key || matches!(object.body, Body::Index(_))).then_some(if of_key { key } else { index })
    }

    /// Tells whether a part of a partition is made by itself, and not with that of its parent.
    #[must_use]
    pub fn is_own_part(&self, id: &ObjectId) -> bool {
        self.get(id).is_some_and(|object| object.body.part_of().is_none()) || self.part_above(id).is_none()
    }
}

impl Body {
    /// The key or index of a partitioned table that this one of a partition is a part of.
    #[must_use]
    pub fn part_of(&self) -> Option<RelationName> {
        if let Self::Key(key) = self {
            key.part_of
        } else if let Self::Index(index) = self {
            index.part_of
        } else {
            None
        }
    }

    /// The same, to change.
    pub fn part_of_mut(&mut self) -> Option<&mut RelationName> {
        if let Self::Key(key) = self {
            key.part_of.as_mut()
        } else if let Self::Index(index) = self {
            index.part_of.as_mut()
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fragment, PartitionOf, Table};

    #[test]
    fn partitions_of_partitions_are_beneath() {
        let name = |name: &str| Qualified::new("public", name);
        let of = |parent: &str| Table {
            partition_of: Some(PartitionOf { parent: name(parent), bound: Fragment::written("default") }),
            ..Table::default()
        };
        let table = |of: Table| Body::Table(of).into();
        let state = State {
            objects: [
                (ObjectId::table(name("a")), table(Table::default())),
                (ObjectId::table(name("c")), table(of("b"))),
                (ObjectId::table(name("b")), table(of("a"))),
            ]
            .into(),
        };
        let partitions = Partitions::new(&state);
        assert_eq!(partitions.beneath(&name("a")), [name("b"), name("c")]);
        assert_eq!(state.above(&name("c")), [name("b"), name("a")]);
        assert!(state.above(&name("a")).is_empty());
    }
}
