//! Compares tables: what belongs to the table alone is carried along, but for row security.
use super::{Alteration, Pair, parts::Compared};
use crate::model::Table;

impl Compared for Table {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        match attribute {
            "row_security" | "force_row_security" => Alteration::RowSecurity(attribute),
            _ => Alteration::Carried(attribute),
        }
    }
}
