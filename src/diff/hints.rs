//! Hints of a declaration beside the states: renamed labels of enums, and attributes of composite types.
use crate::model::ObjectId;
use std::collections::BTreeMap;

/// Hints that the declaration gives beside the states.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Renamed labels of enums, and attributes of composite types: by type, old name to new.
    pub renamed_labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
}

/// Label, or attribute of a composite type, that gets another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relabelled {
    /// The type.
    pub of: ObjectId,
    /// The label or attribute.
    pub from: String,
    /// Name afterwards.
    pub to: String,
}
