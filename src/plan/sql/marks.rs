//! Writes as SQL that a table is clustered on an index, or identifies its rows by it.
use crate::model::{IndexMarks, Qualified, RelationName, ReplicaIdentity};

/// Statements for what a table, or a materialized view, says of one of its indexes, and none about the index can: that rows were last clustered
/// on it, and that it identifies rows to subscribers (<https://www.postgresql.org/docs/18/sql-altertable.html>). The
/// index is there by then; each statement takes the mark from whichever index had it.
#[must_use]
pub fn index_marks(name: &Qualified, marks: IndexMarks<'_>, index: &RelationName) -> Vec<String> {
    let mut out = Vec::new();
    if marks.clustered_on.as_ref() == Some(index) {
        out.push(format!("alter table {name} cluster on {index}"));
    }
    if *marks.identity == ReplicaIdentity::Index(*index) {
        out.push(format!("alter table {name} replica identity using index {index}"));
    }
    out
}
