use super::{Alteration, Pair};
use crate::model::Opaque;

/// What a text of an unmodelled kind does is not compared here: it varies by major version, and only a shadow can tell.
pub(super) fn diff(pair: Pair<'_, Opaque>) -> Vec<Alteration> {
    let Opaque { create: _ } = pair.before;
    Vec::new()
}
