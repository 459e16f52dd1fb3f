//! Writes sequences and their options as SQL.
use super::head_of;
use crate::model::{ObjectId, Persistence, Qualified, Sequence, SequenceOptions, SequenceType, Typed, Word};

/// The options that differ from PostgreSQL's defaults, as `create sequence` takes them.
#[must_use]
pub fn sequence_options(options: &SequenceOptions, of: SequenceType) -> String {
    let usual = SequenceOptions::defaults(of, options.increment);
    let mut out = Vec::new();
    if options.increment != 1 {
        out.push(format!("increment by {}", options.increment));
    }
    if options.min != usual.min {
        out.push(format!("minvalue {}", options.min));
    }
    if options.max != usual.max {
        out.push(format!("maxvalue {}", options.max));
    }
    if options.start != (if options.increment > 0 { options.min } else { options.max }) {
        out.push(format!("start with {}", options.start));
    }
    if options.cache != 1 {
        out.push(format!("cache {}", options.cache));
    }
    if options.cycle {
        out.push("cycle".to_owned());
    }
    out.join(" ")
}

/// The sequence without its owning column, which may not be there yet.
#[must_use]
pub fn create_sequence(name: &Qualified, sequence: Typed<'_, Sequence>) -> Vec<String> {
    let unlogged = if sequence.persistence == Persistence::Unlogged { "unlogged " } else { "" };
    let mut text = format!("create {unlogged}sequence {name}");
    if sequence.data_type != SequenceType::Bigint {
        text.push_str(&format!(" as {}", sequence.data_type.word()));
    }
    let options = sequence_options(&sequence.options, sequence.data_type);
    if !options.is_empty() {
        text.push_str(&format!(" {options}"));
    }
    let mut out = vec![text];
    out.extend(head_of(&ObjectId::sequence(*name), sequence.head));
    out
}
