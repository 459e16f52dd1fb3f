//! Tables in words: how their rows are kept in partitions, and where they are one.
use super::{Words, brief::Brief};
use crate::model::{ObjectId, Table};

impl Brief for Table {
    /// Description of a partitioned table, or of a partition, in a few words; empty for another.
    fn brief(&self, words: &Words) -> String {
        let of = self
            .partition_of
            .as_ref()
            .map(|of| format!("of {} {}", ObjectId::table(of.parent).short(), words.sql(of.bound.sql())));
        let by = self.partition_by.as_ref().map(|key| format!("partition by {}", words.sql(key.sql())));
        of.into_iter().chain(by).collect::<Vec<_>>().join(", ")
    }
}
