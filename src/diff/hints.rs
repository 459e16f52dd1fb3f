//! Hints of a declaration beside the states: renamed labels of enums.
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// Hints that the declaration gives beside the states.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Renamed labels of enums: by enum, old label to new.
    pub renamed_labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
}
