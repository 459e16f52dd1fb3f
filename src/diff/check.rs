//! Compares checks: they can be validated where they stand.
use super::{Alteration, Pair, parts::Compared};
use crate::model::{Check, Enforcement};

impl Compared for Check {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(_: &'static str, pair: Pair<'_, Self>) -> Alteration {
        enforcement(pair.before.enforcement, pair.after.enforcement)
    }
}

/// Gives the alteration of a constraint's enforcement: it can be validated where it stands; every other way of
/// enforcing it makes it anew.
pub(super) fn enforcement(before: Enforcement, after: Enforcement) -> Alteration {
    match (before, after) {
        (Enforcement::NotValid, Enforcement::Valid) => Alteration::Validated,
        _ => Alteration::Replaced(vec!["enforcement"]),
    }
}
