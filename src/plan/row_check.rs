use crate::model::ObjectId;
use serde::{Deserialize, Serialize};

/// Rows that a plan looks for before its first statement, in a database that has the names from before it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Look {
    /// What it means if there are any.
    pub kind: LookKind,
    /// The object that they are about, under the name by which a loss is allowed.
    pub object: ObjectId,
    /// What is found, in a few words: `rows of documents without a value in path`.
    pub says: String,
    /// A query that gives each of them.
    pub rows: String,
    /// For what would be lost: the same, under the names that there are behind the segment's statements. It is asked before
    /// they are committed, while nobody else can write there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<String>,
}

/// What rows mean that are found before a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookKind {
    /// A rule is set up that they break: refused, unless it is to be kept for new rows.
    Breaks,
    /// The plan would fail by them, whatever is kept: refused.
    Fails,
    /// What they hold is lost, or read as something else: `--allow DataLoss:OBJECT`, by that name.
    Loses,
    /// The database is another than the plan was made for: refused.
    Outgrown,
}

impl Look {
    /// How many there are.
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
    /// The column or constraint that it is for.
    pub object: ObjectId,
    /// The name of the constraint that PostgreSQL tells whoever breaks it.
    pub constraint: String,
    /// What fails: `inserts and updates of documents that leave path null`.
    pub refuses: String,
    /// A query that gives the rows which break it, under the names of then.
    pub rows: String,
    /// How many segments follow before it stands as the plan wants it.
    pub segments: u32,
}
