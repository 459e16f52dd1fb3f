use super::{Alteration, Pair};
use crate::model::Schema;

/// A schema is its head: nothing else of it can differ.
pub(super) fn diff(pair: Pair<'_, Schema>) -> Vec<Alteration> {
    let (Schema, Schema) = (pair.before, pair.after);
    Vec::new()
}
