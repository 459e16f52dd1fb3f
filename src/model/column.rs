use super::{Fragment, Parameters, SequenceOptions, SequenceType, attribute::Attributes, attribute::pairs};

/// Whether a stored generated column's value is kept or computed when read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GenerationKind {
    /// Written with the row.
    Stored,
    /// Computed when read (PostgreSQL 18).
    Virtual,
}

/// `generated … as identity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// `always` (true) or `by default`.
    pub always: bool,
    /// The options of the sequence behind it.
    pub options: SequenceOptions,
    /// The name of that sequence, in the table's schema, where it is not PostgreSQL's default.
    pub sequence: Option<String>,
}

/// Where a column's value comes from when a row doesn't give one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ColumnValue {
    /// Null.
    #[default]
    None,
    /// An expression.
    Default(Fragment),
    /// A sequence of its own.
    Identity(Identity),
    /// Other columns of the row.
    Generated(Fragment, GenerationKind),
}

/// `storage` of a column (<https://www.postgresql.org/docs/18/storage-toast.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's four words")]
pub enum Storage {
    Plain,
    External,
    Extended,
    Main,
}

impl Storage {
    /// PostgreSQL's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::External => "external",
            Self::Extended => "extended",
            Self::Main => "main",
        }
    }
}

/// `compression` of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's two words")]
pub enum Compression {
    Pglz,
    Lz4,
}

impl Compression {
    /// PostgreSQL's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pglz => "pglz",
            Self::Lz4 => "lz4",
        }
    }
}

/// A table's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Where it stands in the table, from 1; gaps are allowed. Never compared: PostgreSQL cannot move a column.
    pub position: u32,
    /// The type with its modifiers, as `format_type` prints it when settled.
    pub data_type: Fragment,
    /// The collation as SQL (`pg_catalog."C"` when settled), where it is not the type's own.
    pub collation: Option<Fragment>,
    /// Whether null is refused.
    pub not_null: bool,
    /// The name of the not-null constraint (PostgreSQL 18), where it is not the default one.
    pub not_null_name: Option<String>,
    /// False for a not-null constraint that is `not valid` (PostgreSQL 18).
    pub not_null_validated: bool,
    /// Where its value comes from.
    pub value: ColumnValue,
    /// How it is stored, where it is not the type's way (read) or where it is declared.
    pub storage: Option<Storage>,
    /// How it is compressed, where set.
    pub compression: Option<Compression>,
    /// The statistics target, where set.
    pub statistics: Option<i32>,
    /// `n_distinct`, `n_distinct_inherited`.
    pub options: Parameters,
}

impl Column {
    /// A column of a type, everything else at its default.
    #[must_use]
    pub fn of_type(data_type: Fragment, position: u32) -> Self {
        Self {
            position,
            data_type,
            collation: None,
            not_null: false,
            not_null_name: None,
            not_null_validated: true,
            value: ColumnValue::None,
            storage: None,
            compression: None,
            statistics: None,
            options: Parameters::default(),
        }
    }

    /// The integer type whose bounds an identity sequence of this column has by default.
    #[must_use]
    pub fn sequence_type(&self) -> SequenceType {
        match self.data_type.sql() {
            "smallint" | "int2" => SequenceType::Smallint,
            "integer" | "int" | "int4" => SequenceType::Integer,
            _ => SequenceType::Bigint,
        }
    }

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self {
            position,
            data_type,
            collation,
            not_null,
            not_null_name,
            not_null_validated,
            value,
            storage,
            compression,
            statistics,
            options,
        } = self;
        out.out("position", Some(position.to_string()));
        out.sql("type", data_type);
        if let Some(collation) = collation {
            out.sql("collate", collation);
        }
        out.flag("not_null", *not_null);
        out.soft("not_null_name", not_null_name.as_deref());
        out.flag("not_null_not_valid", !*not_null_validated);
        match value {
            ColumnValue::None => {}
            ColumnValue::Default(expression) => out.sql("default", expression),
            ColumnValue::Identity(Identity { always, options, sequence }) => {
                out.hard("identity", if *always { "always" } else { "by default" });
                options.attributes(self.sequence_type(), out);
                out.soft("identity_sequence", sequence.as_deref());
            }
            ColumnValue::Generated(expression, kind) => {
                out.sql("generated", expression);
                out.flag("virtual", *kind == GenerationKind::Virtual);
            }
        }
        out.soft("storage", storage.map(Storage::as_str));
        out.soft("compression", compression.map(Compression::as_str));
        out.soft("statistics", statistics.map(|s| s.to_string()));
        out.soft("options", (!options.is_empty()).then(|| pairs(options.sorted())));
    }
}
