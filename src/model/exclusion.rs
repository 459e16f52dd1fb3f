//! Exclusion constraints of tables: no two rows for which every comparison holds.
use super::{ColumnName, Deferrable, Fragment, IndexKey, Parameters, Weight, parts::attributes};

/// A key of an exclusion constraint, and the operator that compares it in two rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionKey {
    /// The key, as that of an index.
    pub key: IndexKey,
    /// The operator, as SQL: `&&`, `operator(public.=)`.
    pub operator: String,
}

impl ExclusionKey {
    /// The key as `exclude` takes it: `room with =`.
    #[must_use]
    pub fn sql(&self) -> String {
        format!("{} with {}", self.key.sql.sql(), self.operator)
    }
}

/// An exclusion constraint; its index has its name
/// (<https://www.postgresql.org/docs/18/sql-createtable.html#SQL-CREATETABLE-EXCLUDE>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The access method of its index: `gist`, `spgist`, …
    pub method: String,
    /// The keys, in order.
    pub keys: Vec<ExclusionKey>,
    /// `include` columns.
    pub include: Vec<ColumnName>,
    /// The condition of the rows that it is about.
    pub predicate: Option<Fragment>,
    /// Time when it is checked.
    pub deferrable: Deferrable,
    /// Storage parameters of its index.
    pub with: Parameters,
    /// The tablespace of its index, where not the database's.
    pub tablespace: Option<String>,
    /// Comment on its index (`comment on index`), which is not the constraint's.
    pub index_comment: Option<String>,
}

impl Exclusion {
    /// An exclusion constraint by a method, without keys yet, everything else at its default.
    #[must_use]
    pub fn by(method: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            keys: Vec::new(),
            include: Vec::new(),
            predicate: None,
            deferrable: Deferrable::No,
            with: Parameters::default(),
            tablespace: None,
            index_comment: None,
        }
    }
}

attributes! { Exclusion:
    method: "using" Hard Usual Replaces Everywhere text(else "btree");
    keys: "keys" Hard Usual Replaces Specially
        own(|exclusion, out| out.list(Weight::Hard, "keys", exclusion.keys.iter().map(ExclusionKey::sql)));
    include: "include" Hard Usual Replaces Everywhere columns;
    predicate: "where" Hard Usual Replaces Everywhere maybe_sql(Expression);
    deferrable: "deferrable" Hard Usual Replaces Everywhere word(Deferrable);
    with: "with" Soft Unmanaged Carried Everywhere parameters;
    tablespace: "tablespace" Soft Unmanaged Carried Everywhere text;
    index_comment: "index_comment" Soft Usual Alters Everywhere text;
}
