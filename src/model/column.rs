//! Columns of tables: type, default, identity, storage.
use super::{Attributes, Fragment, Parameters, SequenceOptions, SequenceType, Weight, Word, parts::attributes};

/// Ways of a generated column's value: kept, or computed when read.
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

/// Source of a column's value when a row doesn't give one.
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

impl Word for Storage {
    const WORDS: &'static [(&'static str, Self)] =
        &[("plain", Self::Plain), ("external", Self::External), ("extended", Self::Extended), ("main", Self::Main)];
}

/// `compression` of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's two words")]
pub enum Compression {
    Pglz,
    Lz4,
}

impl Word for Compression {
    const WORDS: &'static [(&'static str, Self)] = &[("pglz", Self::Pglz), ("lz4", Self::Lz4)];
}

/// A table's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Place in the table, from 1; gaps are allowed. Never compared: PostgreSQL cannot move a column.
    pub position: u32,
    /// The type with its modifiers, as `format_type` prints it when settled.
    pub data_type: Fragment,
    /// The collation as SQL (`pg_catalog."C"` when settled), where it is not the type's own.
    pub collation: Option<Fragment>,
    /// True where null is refused.
    pub not_null: bool,
    /// The name of the not-null constraint (PostgreSQL 18), where it is not the default one.
    pub not_null_name: Option<String>,
    /// False for a not-null constraint that is `not valid` (PostgreSQL 18).
    pub not_null_validated: bool,
    /// Source of the value where a row gives none.
    pub value: ColumnValue,
    /// Way of storing the values, where it is not the type's (read) or where it is declared.
    pub storage: Option<Storage>,
    /// Way of compressing the values, where set.
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

    /// The column that a partition has where it says nothing: numbers are the parent's, and so is the name of what refuses
    /// nulls.
    #[must_use]
    pub fn beneath(&self) -> Self {
        let value = if let ColumnValue::Identity(_) = self.value { ColumnValue::None } else { self.value.clone() };
        Self { value, not_null_name: None, statistics: None, options: Parameters::default(), ..self.clone() }
    }

    /// Tells whether a partition's column is what it has from its parent's, its place and the check of its rows apart.
    #[must_use]
    pub fn is_beneath(&self, parent: &Self) -> bool {
        let usual = Self { position: self.position, not_null_validated: self.not_null_validated, ..parent.beneath() };
        *self == usual
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

    fn tell_value(&self, out: &mut Attributes) {
        match &self.value {
            ColumnValue::None => {}
            ColumnValue::Default(expression) => out.text(Weight::Hard, "default", Some(expression.sql())),
            ColumnValue::Identity(Identity { always, options, sequence }) => {
                out.text(Weight::Hard, "identity", Some(if *always { "always" } else { "by default" }));
                options.tell(self.sequence_type(), out);
                out.text(Weight::Soft, "identity_sequence", sequence.as_deref());
            }
            ColumnValue::Generated(expression, kind) => {
                out.text(Weight::Hard, "generated", Some(expression.sql()));
                out.text(Weight::Hard, "virtual", (*kind == GenerationKind::Virtual).then_some("true"));
            }
        }
    }
}

attributes! { Column:
    position: "position" Out Usual Nothing Specially
        own(|column, out| out.text(Weight::Out, "position", Some(column.position.to_string())));
    data_type: "type" Hard Usual Alters Specially sql(Type);
    collation: "collate" Hard Usual Alters Everywhere maybe_sql(Collation);
    not_null: "not_null" Hard Usual Alters Specially flag;
    not_null_name: "not_null_name" Soft Usual Carried InPlans text;
    not_null_validated: "not_null_not_valid" Hard Usual Carried InPlans unless;
    value: "value" Hard Usual Alters Specially own(Column::tell_value);
    storage: "storage" Soft Unmanaged Carried Everywhere maybe_word(Storage);
    compression: "compression" Soft Unmanaged Carried Everywhere maybe_word(Compression);
    statistics: "statistics" Soft Unmanaged Carried Everywhere number;
    options: "options" Soft Unmanaged Carried Everywhere parameters;
}
