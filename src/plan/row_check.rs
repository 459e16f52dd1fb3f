//! Looks for rows before a plan, and rules that new rows obey from a segment on.
use crate::model::ObjectId;
use serde::{Deserialize, Serialize};

/// Rows that a plan looks for before its first statement, in a database that has the names from before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// Meaning of rows that are found.
    pub kind: LookKind,
    /// The object that the rows are about, under the name by which a loss is allowed.
    pub object: ObjectId,
    /// Name of what is found, in a few words: `rows of documents without a value in path`.
    pub says: String,
    /// A query that gives each of the rows.
    pub rows: String,
    /// Query for the same rows under the names that there are behind the segment's statements, for what would be lost:
    /// asked before they are committed, while nobody else can write there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// Meanings of rows that are found before a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookKind {
    /// A rule is set up that the rows break: refused, unless it is to be kept for new rows.
    Breaks,
    /// The plan would fail by the rows, whatever is kept: refused.
    Fails,
    /// Values of the rows are lost, or read as something else: `--allow DataLoss:OBJECT`, by that name.
    Loses,
    /// The database is another than the plan was made for: refused.
    Outgrown,
}

impl Look {
    /// Query for the number of rows.
    #[must_use]
    pub fn count(&self) -> String {
        counting(&self.rows)
    }
}

/// A query that counts what another gives.
#[must_use]
pub fn counting(rows: &str) -> String {
    format!("select count(*) from ({rows}) as found")
}

/// A rule that every new row obeys from a segment on, before the old ones were read: inserts and updates that break it
/// fail from then on, as the application's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The column or constraint that the rule is for.
    pub object: ObjectId,
    /// The name of the constraint that PostgreSQL tells whoever breaks it.
    pub constraint: String,
    /// Name of what fails: `inserts and updates of documents that leave path null`.
    pub refuses: String,
    /// A query that gives the rows which break it, under the names of then.
    pub rows: String,
    /// Number of segments that follow before the rule stands as the plan wants it.
    pub segments: u32,
}
