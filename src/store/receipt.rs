//! A receipt: one event of a plan (made, approved, tried, applied, rolled back), with user, time and measurements.
use super::Accepted;
use crate::model::Digest;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Event that a receipt records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptKind {
    /// Made by its author.
    Made,
    /// Approved by somebody, and its hazards accepted.
    Approved,
    /// Run forward and back.
    DryRun,
    /// Applied.
    Applied,
    /// Rolled back.
    RolledBack,
}

impl ReceiptKind {
    /// Word in the file and its name.
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

/// Event of a plan, recorded once and never changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Kind of the event.
    pub kind: ReceiptKind,
    /// Digest of the plan's body: a plan made again with the same body keeps its receipts.
    pub body: Digest,
    /// Environment, where it happened on a database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Name of the user.
    pub who: String,
    /// Time, in UTC.
    #[serde(serialize_with = "write_time", deserialize_with = "read_time")]
    pub when: Timestamp,
    /// Hazards accepted with it, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Accepted>,
    /// Server that it ran on: `PostgreSQL 16.4, pgvector 0.8.0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Measurements of the segments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<Measurement>,
}

/// Measurement of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measurement {
    /// Number in the plan, from 1.
    pub segment: u32,
    /// Duration in milliseconds.
    pub took_ms: u64,
    /// Time waited before, for locks and for older sessions, in milliseconds.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waited_ms: u64,
    /// Duration of the way back in milliseconds, where it was taken.
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
