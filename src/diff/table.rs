//! Compares tables: what belongs to the table alone is carried along.
use super::{Alteration, Pair, parts::Compared};
use crate::model::Table;

impl Compared for Table {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        Alteration::Carried(attribute)
    }
}
