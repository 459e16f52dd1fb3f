use super::{Alteration, Pair, differences::Differences};
use crate::canonical::{Sameness, same_expression};
use crate::model::{Check, Enforcement};

pub(super) fn diff(pair: Pair<'_, Check>) -> Vec<Alteration> {
    let Check { expression, no_inherit, enforcement: before } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.replaces("expression", same_expression(expression, &after.expression) != Sameness::Same);
    out.replaces("no_inherit", *no_inherit != after.no_inherit);
    enforcement(&mut out, *before, after.enforcement);
    out.finish()
}

/// A constraint can be validated where it stands; every other way of enforcing it makes it anew.
pub(super) fn enforcement(out: &mut Differences, before: Enforcement, after: Enforcement) {
    match (before, after) {
        (Enforcement::NotValid, Enforcement::Valid) => out.when(true, Alteration::Validated),
        (before, after) => out.replaces("enforcement", before != after),
    }
}
