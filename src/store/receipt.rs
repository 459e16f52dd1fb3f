use super::Accepted;
use crate::model::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What a receipt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// The plan was made: who is its author.
    Made,
    /// Somebody approved it, and accepted its hazards.
    Approved,
    /// It ran there and back.
    DryRun,
    /// It was applied.
    Applied,
    /// It was rolled back.
    RolledBack,
}

impl ReceiptKind {
    /// The word in the file and its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Approved => "approved",
            Self::DryRun => "dry_run",
            Self::Applied => "applied",
            Self::RolledBack => "rolled_back",
        }
    }
}

/// Something that happened to a plan, told once and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// What happened.
    pub kind: ReceiptKind,
    /// To which body: a plan made again with the same one keeps its receipts.
    pub body: Digest,
    /// Where, if it was on a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Who did it.
    pub who: String,
    /// When.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub when: Timestamp,
    /// The hazards accepted with it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Accepted>,
    /// The server that it ran on: `PostgreSQL 16.4, pgvector 0.8.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// What each segment took.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Measurement>,
}

/// What a segment took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Its number in the plan, from 1.
    pub segment: u32,
    /// How long it ran, in milliseconds.
    pub took_ms: u64,
    /// How long it waited for locks before, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waited_ms: u64,
    /// How long its way back took, in milliseconds, where it was gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub back_ms: Option<u64>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

fn write_time<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

fn read_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no time (2026-01-31T09:30:00Z)")))
}
