use super::{Alteration, ExtensionChange, Pair, differences::Differences};
use crate::model::Extension;

pub(super) fn diff(pair: Pair<'_, Extension>) -> Vec<Alteration> {
    // The version that is installed differs from server to server and is never planned.
    let Extension { schema, minimum, installed: _ } = pair.before;
    let mut out = Differences::default();
    out.when(*schema != pair.after.schema, Alteration::Extension(ExtensionChange::Schema));
    out.when(*minimum != pair.after.minimum, Alteration::Extension(ExtensionChange::Minimum));
    out.finish()
}
