//! Compares extensions: the version that is installed differs from server to server and is never planned.
use super::{Alteration, ExtensionChange, Pair, parts::Compared};
use crate::model::Extension;

impl Compared for Extension {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        let change = if attribute == "schema" { ExtensionChange::Schema } else { ExtensionChange::Minimum };
        Alteration::Extension(change)
    }
}
