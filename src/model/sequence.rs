//! Sequences, and the options that they share with identity columns.
use super::{Attributes, ColumnName, Persistence, Qualified, Weight, Word, parts::attributes};

/// The integer type of a sequence; decides its default bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SequenceType {
    /// Two bytes.
    Smallint,
    /// Four bytes.
    Integer,
    /// Eight bytes, the default.
    #[default]
    Bigint,
}

impl Word for SequenceType {
    const WORDS: &'static [(&'static str, Self)] =
        &[("bigint", Self::Bigint), ("integer", Self::Integer), ("int", Self::Integer), ("smallint", Self::Smallint)];
}

impl SequenceType {
    /// The largest value.
    #[must_use]
    pub fn max(self) -> i64 {
        match self {
            Self::Smallint => i64::from(i16::MAX),
            Self::Integer => i64::from(i32::MAX),
            Self::Bigint => i64::MAX,
        }
    }

    /// The smallest value.
    #[must_use]
    pub fn min(self) -> i64 {
        match self {
            Self::Smallint => i64::from(i16::MIN),
            Self::Integer => i64::from(i32::MIN),
            Self::Bigint => i64::MIN,
        }
    }
}

/// Options of `create sequence` and of an identity column's parentheses
/// (<https://www.postgresql.org/docs/18/sql-createsequence.html>). Always whole: defaults are filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SequenceOptions {
    /// The step; never 0.
    pub increment: i64,
    /// The lower bound.
    pub min: i64,
    /// The upper bound.
    pub max: i64,
    /// The first value.
    pub start: i64,
    /// Values taken at once by a session.
    pub cache: i64,
    /// True where the sequence begins again after its bound.
    pub cycle: bool,
}

impl SequenceOptions {
    /// PostgreSQL's defaults for an integer type and an increment.
    #[must_use]
    pub fn defaults(of: SequenceType, increment: i64) -> Self {
        let (min, max) = if increment > 0 { (1, of.max()) } else { (of.min(), -1) };
        Self { increment, min, max, start: if increment > 0 { min } else { max }, cache: 1, cycle: false }
    }

    /// The options that are not PostgreSQL's default for the type, by their keys.
    #[must_use]
    pub fn unusual(&self, of: SequenceType) -> Vec<(&'static str, i64)> {
        let Self { increment, min, max, start, cache, cycle: _ } = self;
        let usual = Self::defaults(of, *increment);
        let first = if *increment > 0 { *min } else { *max };
        let all = [
            ("increment", *increment, 1),
            ("min", *min, usual.min),
            ("max", *max, usual.max),
            ("start", *start, first),
            ("cache", *cache, 1),
        ];
        all.into_iter().filter(|(_, value, usual)| value != usual).map(|(name, value, _)| (name, value)).collect()
    }

    pub(super) fn tell(&self, of: SequenceType, out: &mut Attributes) {
        for (name, value) in self.unusual(of) {
            out.text(Weight::Hard, name, Some(value.to_string()));
        }
        out.text(Weight::Hard, "cycle", self.cycle.then_some("true"));
    }
}

/// A sequence that stands on its own or is owned by a column (those behind identity columns belong to the column).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The integer type of the values.
    pub data_type: SequenceType,
    /// Increment, bounds, start, cache, cycle.
    pub options: SequenceOptions,
    /// The column that owns the sequence, which is dropped with it.
    pub owned_by: Option<(Qualified, ColumnName)>,
    /// Permanent or unlogged.
    pub persistence: Persistence,
}

impl Default for Sequence {
    /// A `bigint` sequence from 1 that nobody owns.
    fn default() -> Self {
        let data_type = SequenceType::Bigint;
        let options = SequenceOptions::defaults(data_type, 1);
        Self { data_type, options, owned_by: None, persistence: Persistence::Permanent }
    }
}

attributes! { Sequence:
    data_type: "as" Hard Usual Alters Everywhere word(SequenceType);
    options: "options" Hard Usual Alters Specially own(|sequence, out| sequence.options.tell(sequence.data_type, out));
    owned_by: "owned_by" Hard Usual Alters Specially own(|sequence, out| {
        let owner = sequence.owned_by.iter();
        let parts = owner.flat_map(|(table, column)| [table.schema.as_str(), table.name.as_str(), column.as_str()]);
        out.list(Weight::Hard, "owned_by", parts);
    });
    persistence: "unlogged" Hard Usual Carried Everywhere either(Persistence::Permanent, Persistence::Unlogged);
}
