use super::{ColumnName, Persistence, Qualified, attribute::Attributes, attribute::listed};

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

impl SequenceType {
    /// PostgreSQL's name of the type.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smallint => "smallint",
            Self::Integer => "integer",
            Self::Bigint => "bigint",
        }
    }

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

/// What `create sequence` and an identity column's parentheses take
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
    /// Whether it begins again after its bound.
    pub cycle: bool,
}

impl SequenceOptions {
    /// PostgreSQL's defaults for an integer type and an increment.
    #[must_use]
    pub fn defaults(of: SequenceType, increment: i64) -> Self {
        let (min, max) = if increment > 0 { (1, of.max()) } else { (of.min(), -1) };
        Self { increment, min, max, start: if increment > 0 { min } else { max }, cache: 1, cycle: false }
    }

    pub(super) fn attributes(&self, of: SequenceType, out: &mut Attributes) {
        let Self { increment, min, max, start, cache, cycle } = self;
        let usual = Self::defaults(of, *increment);
        let mut unless = |name, value: &i64, usual: i64| {
            if *value != usual {
                out.hard(name, value.to_string());
            }
        };
        unless("increment", increment, 1);
        unless("min", min, usual.min);
        unless("max", max, usual.max);
        unless("start", start, if *increment > 0 { *min } else { *max });
        unless("cache", cache, 1);
        out.flag("cycle", *cycle);
    }
}

/// A sequence that stands on its own or is owned by a column (those behind identity columns belong to the column).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// Its integer type.
    pub data_type: SequenceType,
    /// Increment, bounds, start, cache, cycle.
    pub options: SequenceOptions,
    /// The column that owns it: it is dropped with it.
    pub owned_by: Option<(Qualified, ColumnName)>,
    /// Permanent or unlogged.
    pub persistence: Persistence,
}

impl Sequence {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { data_type, options, owned_by, persistence } = self;
        if *data_type != SequenceType::Bigint {
            out.hard("as", data_type.as_str());
        }
        options.attributes(*data_type, out);
        if let Some((table, column)) = owned_by {
            out.hard("owned_by", listed([table.schema.as_str(), table.name.as_str(), column.as_str()]));
        }
        out.flag("unlogged", *persistence == Persistence::Unlogged);
    }
}
