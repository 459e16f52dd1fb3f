//! Compares sequences: type and options change together, the owning column by itself.
use super::{Alteration, Pair, parts::Compared};
use crate::model::Sequence;

impl Compared for Sequence {
    fn differs(_: &'static str, _: Pair<'_, Self>) -> Option<bool> {
        None
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        if attribute == "owned_by" { Alteration::SequenceOwner } else { Alteration::SequenceOptions }
    }
}
