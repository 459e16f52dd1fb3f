//! Foreign keys: columns, the columns that they point to, and their actions.
use super::{Action, ColumnName, Deferrable, Enforcement, Qualified, Weight, Word, parts::attributes};

/// Treatments of nulls in a key of several columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchType {
    /// One null is enough to point nowhere.
    #[default]
    Simple,
    /// All or none.
    Full,
}

/// A foreign key (<https://www.postgresql.org/docs/18/ddl-constraints.html#DDL-CONSTRAINTS-FK>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeignKey {
    /// The referencing columns, in order.
    pub columns: Vec<ColumnName>,
    /// The referenced table.
    pub references: Qualified,
    /// The referenced columns, in the same order.
    pub referenced: Vec<ColumnName>,
    /// Treatment of nulls.
    pub match_type: MatchType,
    /// Action when the referenced key changes.
    pub on_update: Action,
    /// Action when the referenced row goes.
    pub on_delete: Action,
    /// The columns that `set null` or `set default` touches; empty for all (PostgreSQL 15).
    pub on_delete_columns: Vec<ColumnName>,
    /// Time when the key is checked.
    pub deferrable: Deferrable,
    /// Rows for which the key holds.
    pub enforcement: Enforcement,
}

impl Word for MatchType {
    const WORDS: &'static [(&'static str, Self)] = &[("simple", Self::Simple), ("full", Self::Full)];
}

attributes! { ForeignKey:
    columns: "columns" Hard Usual Replaces Specially columns;
    references: "references" Hard Usual Replaces Specially
        own(|key, out| out.list(Weight::Hard, "references", [key.references.schema.as_str(), key.references.name.as_str()]));
    referenced: "referenced" Hard Usual Replaces InPlans columns;
    match_type: "match" Hard Usual Replaces Everywhere word(MatchType);
    on_update: "on_update" Hard Usual Replaces Everywhere word(Action);
    on_delete: "on_delete" Hard Usual Replaces Everywhere word(Action);
    on_delete_columns: "on_delete_columns" Hard Usual Replaces Everywhere columns;
    deferrable: "deferrable" Hard Usual Replaces Everywhere word(Deferrable);
    enforcement: "enforcement" Hard Usual Alters Specially
        own(|key, out| out.text(Weight::Hard, "enforcement", key.enforcement.told()));
}
