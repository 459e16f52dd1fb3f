//! Makes a table from its catalog row.
use super::{
    index::IndexRow,
    relation::RelationRow,
    row::{letter, options},
};
use crate::canonical::{canonical_bound, canonical_partition_key};
use crate::model::{Fragment, PartitionOf, Persistence, Qualified, RelationName, ReplicaIdentity, Table};

/// The table of a row; its indexes say which of them it is clustered on and known to subscribers by.
pub(super) fn table(row: &RelationRow, indexes: &[IndexRow]) -> Table {
    let named = |chosen: fn(&IndexRow) -> bool| {
        indexes.iter().find(|index| chosen(index)).map(|index| RelationName::new(index.name.clone()))
    };
    let mut storage_parameters = options(row.options.as_ref());
    let toast = options(row.toast_options.as_ref());
    storage_parameters.extend(toast.into_iter().map(|(name, value)| (format!("toast.{name}"), value)));
    Table {
        persistence: persistence(row),
        tablespace: row.tablespace.clone(),
        access_method: row.access_method.clone(),
        storage_parameters,
        partition_by: row.partition_key.as_ref().map(|key| printed(key, canonical_partition_key(key).ok())),
        partition_of: partition_of(row),
        row_security: row.row_security,
        force_row_security: row.force_row_security,
        replica_identity: match letter(&row.replica_identity) {
            'f' => ReplicaIdentity::Full,
            'n' => ReplicaIdentity::Nothing,
            // `i` outlives its index: without one, PostgreSQL treats it as nothing.
            'i' => named(|i| i.is_replica_identity).map_or(ReplicaIdentity::Nothing, ReplicaIdentity::Index),
            _ => ReplicaIdentity::Default,
        },
        clustered_on: named(|i| i.is_clustered),
    }
}

/// A text as the catalog prints it; where the grammar does not know it, texts are compared as printed.
fn printed(text: &str, canonical: Option<String>) -> Fragment {
    Fragment::settled(text, canonical.unwrap_or_else(|| text.to_owned()))
}

fn partition_of(row: &RelationRow) -> Option<PartitionOf> {
    let (schema, name) = (row.parent_schema.as_ref()?, row.parent_name.as_ref()?);
    let bound = row.bound.as_ref()?;
    Some(PartitionOf { parent: Qualified::new(schema, name), bound: printed(bound, canonical_bound(bound).ok()) })
}

pub(super) fn persistence(row: &RelationRow) -> Persistence {
    if letter(&row.persistence) == 'u' { Persistence::Unlogged } else { Persistence::Permanent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toast_parameters_and_the_chosen_indexes_are_the_tables() {
        let row = RelationRow {
            options: Some(vec!["fillfactor=70".to_owned()]),
            toast_options: Some(vec!["autovacuum_enabled=false".to_owned()]),
            replica_identity: "i".to_owned(),
            persistence: "u".to_owned(),
            ..RelationRow::default()
        };
        let index = |name: &str, replica, clustered| IndexRow {
            name: name.to_owned(),
            is_replica_identity: replica,
            is_clustered: clustered,
            ..IndexRow::default()
        };
        let read = table(&row, &[index("a", false, true), index("b", true, false)]);
        assert_eq!(read.storage_parameters.get("toast.autovacuum_enabled").unwrap(), "false");
        assert_eq!(read.storage_parameters.get("fillfactor").unwrap(), "70");
        assert_eq!(read.replica_identity, ReplicaIdentity::Index(RelationName::new("b")));
        assert_eq!(read.clustered_on, Some(RelationName::new("a")));
        assert_eq!(read.persistence, Persistence::Unlogged);
        assert_eq!(table(&row, &[]).replica_identity, ReplicaIdentity::Nothing);
    }
}
