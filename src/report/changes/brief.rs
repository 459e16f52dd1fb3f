//! Objects in a few words, which each kind's file gives.
use super::Words;
use crate::model::{Definition, Schema};

/// Kind that a review describes in a line.
pub(super) trait Brief {
    /// Describes the object in a few words; empty where its name says all.
    fn brief(&self, words: &Words) -> String;
}

impl Brief for Schema {
    fn brief(&self, _: &Words) -> String {
        String::new()
    }
}

impl Brief for Definition {
    fn brief(&self, _: &Words) -> String {
        String::new()
    }
}
