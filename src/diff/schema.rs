//! Compares schemas: nothing but their head can differ.
use super::{Alteration, Pair};
use crate::model::Schema;

/// Gives no differences: a schema is its head, and nothing else of it can differ.
pub(super) fn diff(pair: Pair<'_, Schema>) -> Vec<Alteration> {
    let (Schema, Schema) = (pair.before, pair.after);
    Vec::new()
}
