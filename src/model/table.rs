//! Tables, without the columns, constraints and indexes, which are objects beside them.
use super::{Attributes, Fragment, Parameters, Qualified, RelationName, Weight, parts::attributes};

/// Fates of a relation in a crash: kept, or emptied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Persistence {
    /// Written to the log.
    #[default]
    Permanent,
    /// Kept out of the log: emptied by a crash, absent on replicas.
    Unlogged,
}

/// Parts of the old row that a logical subscriber is told
/// (<https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-REPLICA-IDENTITY>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReplicaIdentity {
    /// The primary key.
    #[default]
    Default,
    /// All columns.
    Full,
    /// Nothing.
    Nothing,
    /// The columns of a unique index.
    Index(RelationName),
}

impl ReplicaIdentity {
    /// The words for it; none where it is usual.
    pub(super) fn said(&self) -> Option<String> {
        match self {
            Self::Default => None,
            Self::Full => Some("full".to_owned()),
            Self::Nothing => Some("nothing".to_owned()),
            Self::Index(name) => Some(format!("index {}", name.as_str())),
        }
    }
}

/// What a table, or a materialized view, says of its indexes.
#[derive(Clone, Copy, Debug)]
pub struct IndexMarks<'s> {
    /// The index that the rows were last clustered on.
    pub clustered_on: Option<RelationName>,
    /// Parts of the old row that logical subscribers are told: those of an index, maybe.
    pub identity: &'s ReplicaIdentity,
}

/// Place of a partition: its parent, and the rows that it takes there
/// (<https://www.postgresql.org/docs/18/ddl-partitioning.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartitionOf {
    /// The partitioned table.
    pub parent: Qualified,
    /// The rows that go here: `for values …`, or `default`.
    pub bound: Fragment,
}

/// A table without what has an identity of its own: columns, constraints and indexes are objects beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Permanent or unlogged.
    pub persistence: Persistence,
    /// The tablespace, where not the database's.
    pub tablespace: Option<String>,
    /// The access method, where not `heap`.
    pub access_method: Option<String>,
    /// Storage parameters (`fillfactor`, `autovacuum_…`, `toast.…`).
    pub storage_parameters: Parameters,
    /// The method and the keys by which its rows are kept in partitions: `range (created_at)`.
    pub partition_by: Option<Fragment>,
    /// Its place among the partitions of another table.
    pub partition_of: Option<PartitionOf>,
    /// `enable row level security`.
    pub row_security: bool,
    /// `force row level security`.
    pub force_row_security: bool,
    /// Parts of the old row that logical subscribers are told.
    pub replica_identity: ReplicaIdentity,
    /// The index that the table was last clustered on.
    pub clustered_on: Option<RelationName>,
}

attributes! { Table:
    persistence: "unlogged" Hard Usual Carried Everywhere either(Persistence::Permanent, Persistence::Unlogged);
    tablespace: "tablespace" Soft Unmanaged Carried Everywhere text;
    access_method: "access_method" Hard Unmanaged Carried Everywhere text(unless "heap");
    storage_parameters: "with" Soft Unmanaged Carried Everywhere parameters;
    partition_by: "partition_by" Hard Usual Carried Specially own(Table::tell_partition_by);
    partition_of: "partition_of" Hard Usual Carried Specially own(Table::tell_partition_of);
    row_security: "row_security" Hard Usual Alters Everywhere flag;
    force_row_security: "force_row_security" Hard Usual Alters Everywhere flag;
    replica_identity: "replica_identity" Soft Unmanaged Carried Specially own(Table::tell_replica_identity);
    clustered_on: "clustered_on" Soft Unmanaged Carried Everywhere name(RelationName);
}

impl Table {
    /// What it says of its indexes.
    #[must_use]
    pub const fn marks(&self) -> IndexMarks<'_> {
        IndexMarks { clustered_on: self.clustered_on, identity: &self.replica_identity }
    }

    /// The word that people read of a partition or a partitioned table; none of another.
    #[must_use]
    pub fn form_word(&self) -> Option<&'static str> {
        if self.partition_of.is_some() {
            Some("partition")
        } else {
            self.partition_by.as_ref().map(|_| "partitioned table")
        }
    }

    /// The table that its rows are read through, where it is a partition.
    #[must_use]
    pub fn parent(&self) -> Option<Qualified> {
        self.partition_of.as_ref().map(|of| of.parent)
    }

    fn tell_partition_by(&self, out: &mut Attributes) {
        out.text(Weight::Hard, "partition_by", self.partition_by.as_ref().map(Fragment::sql));
    }

    fn tell_partition_of(&self, out: &mut Attributes) {
        if let Some(PartitionOf { parent, bound }) = &self.partition_of {
            out.list(Weight::Hard, "partition_of", [parent.schema.as_str(), parent.name.as_str(), bound.sql()]);
        }
    }

    fn tell_replica_identity(&self, out: &mut Attributes) {
        out.text(Weight::Soft, "replica_identity", self.replica_identity.said());
    }
}
