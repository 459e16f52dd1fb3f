//! What a declaration says beside the states.
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// What the declaration says beside the states.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Renamed labels of enums: by enum, old label to new.
    pub renamed_labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
}
