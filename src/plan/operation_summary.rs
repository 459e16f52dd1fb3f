//! Summary of one operation among several of a segment, for reviewers.
use super::lock::Lock;
use super::reversibility::Reversibility;
use serde::{Deserialize, Serialize};

/// Locks and way back of one operation, in a segment that has several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationSummary {
    /// The locks that the operation takes on relations that were there before the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// Grade of what the operation's own way back brings.
    pub back: Reversibility,
}
