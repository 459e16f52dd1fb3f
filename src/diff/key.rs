//! Compares keys: only the comment on their index changes where they stand.
use super::{Alteration, Pair, parts::Compared};
use crate::model::Key;

impl Compared for Key {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(_: &'static str, _: Pair<'_, Self>) -> Alteration {
        Alteration::IndexComment
    }
}
