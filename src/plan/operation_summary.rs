use super::lock::Lock;
use super::reversibility::Reversibility;
use serde::{Deserialize, Serialize};

/// One operation of a segment that has several: what a reviewer sees of it beside the others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperationSummary {
    /// The locks that it takes on relations that were there before the plan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// What its own way back brings.
    pub back: Reversibility,
}
