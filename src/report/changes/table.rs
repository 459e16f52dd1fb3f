//! Tables in words: how their rows are kept in partitions, and where they are one.
use super::Words;
use crate::model::{ObjectId, Table};

/// Description of a partitioned table, or of a partition, in a few words; empty for another.
pub(super) fn brief(table: &Table, words: &Words) -> String {
    let of = table
        .partition_of
        .as_ref()
        .map(|of| format!("of {} {}", ObjectId::table(of.parent).short(), words.sql(of.bound.sql())));
    let by = table.partition_by.as_ref().map(|key| format!("partition by {}", words.sql(key.sql())));
    of.into_iter().chain(by).collect::<Vec<_>>().join(", ")
}
