//! Makes a sequence and its options from their catalog row.
use super::{relation::RelationRow, table::persistence};
use crate::model::{Sequence, SequenceOptions, SequenceType};

/// The options of a sequence's row.
pub(super) fn sequence_options(row: &RelationRow) -> SequenceOptions {
    let usual = SequenceOptions::defaults(data_type(row), row.increment.unwrap_or(1));
    SequenceOptions {
        increment: row.increment.unwrap_or(usual.increment),
        min: row.min.unwrap_or(usual.min),
        max: row.max.unwrap_or(usual.max),
        start: row.start.unwrap_or(usual.start),
        cache: row.cache.unwrap_or(usual.cache),
        cycle: row.cycle.unwrap_or(usual.cycle),
    }
}

pub(super) fn data_type(row: &RelationRow) -> SequenceType {
    match row.sequence_type.as_deref() {
        Some("smallint") => SequenceType::Smallint,
        Some("integer") => SequenceType::Integer,
        _ => SequenceType::Bigint,
    }
}

/// The sequence of a row.
pub(super) fn sequence(row: &RelationRow) -> Sequence {
    Sequence {
        data_type: data_type(row),
        options: sequence_options(row),
        owned_by: row.owned_by(),
        persistence: persistence(row),
    }
}
