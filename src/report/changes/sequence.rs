//! Sequences in words: type, options and owner, and a change of them.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::Pair,
    model::{Sequence, Word},
    plan::sql::sequence_options,
};

impl Brief for Sequence {
    fn brief(&self, _: &Words) -> String {
        numbers(self)
    }
}

/// Type and options, where they are not the usual ones.
fn numbers(of: &Sequence) -> String {
    let options = sequence_options(&of.options, of.data_type);
    format!("{} {options}", of.data_type.word()).trim_end().to_owned()
}

pub(super) fn options(pair: Pair<'_, Sequence>) -> Difference {
    Difference::bare("options", numbers(pair.before), numbers(pair.after))
}

pub(super) fn owner(pair: Pair<'_, Sequence>, words: &Words) -> Difference {
    let text = |s: &Sequence| s.owned_by.as_ref().map(|(table, column)| format!("{}.{column}", words.name(table)));
    Difference::of("owned by", text(pair.before), text(pair.after))
}
