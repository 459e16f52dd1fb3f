//! Primary keys and unique constraints of tables.
use super::{ColumnName, Deferrable, Parameters, RelationName, Weight, parts::attributes};

/// Kinds of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyKind {
    /// `primary key`.
    Primary,
    /// `unique`.
    Unique,
}

impl KeyKind {
    /// PostgreSQL's words.
    #[must_use]
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::Primary => "primary key",
            Self::Unique => "unique",
        }
    }
}

/// A primary key or unique constraint; its index has its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Primary or unique.
    pub kind: KeyKind,
    /// The columns, in order.
    pub columns: Vec<ColumnName>,
    /// `include` columns.
    pub include: Vec<ColumnName>,
    /// Time when the key is checked.
    pub deferrable: Deferrable,
    /// `nulls not distinct` (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// Storage parameters of its index.
    pub with: Parameters,
    /// The tablespace of its index, where not the database's.
    pub tablespace: Option<String>,
    /// Comment on its index (`comment on index`), which is not the constraint's.
    pub index_comment: Option<String>,
    /// The key of the partitioned table above that this one is a partition's part of.
    pub part_of: Option<RelationName>,
}

impl Key {
    /// A key of columns, everything else at its default.
    #[must_use]
    pub fn of_columns(kind: KeyKind, columns: Vec<ColumnName>) -> Self {
        Self {
            kind,
            columns,
            include: Vec::new(),
            deferrable: Deferrable::No,
            nulls_not_distinct: false,
            with: Parameters::default(),
            tablespace: None,
            index_comment: None,
            part_of: None,
        }
    }
}

attributes! { Key:
    kind: "kind" Hard Usual Replaces Specially own(|key, out| out.text(Weight::Hard, "kind", Some(key.kind.as_sql())));
    columns: "columns" Hard Usual Replaces Specially columns;
    include: "include" Hard Usual Replaces Everywhere columns;
    deferrable: "deferrable" Hard Usual Replaces Everywhere word(Deferrable);
    nulls_not_distinct: "nulls_not_distinct" Hard Usual Replaces Everywhere flag;
    with: "with" Soft Unmanaged Carried Everywhere parameters;
    tablespace: "tablespace" Soft Unmanaged Carried Everywhere text;
    index_comment: "index_comment" Soft Usual Alters Everywhere text;
    part_of: "part_of" Hard Usual Carried Everywhere name(RelationName);
}
