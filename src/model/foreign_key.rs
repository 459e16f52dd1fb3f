use super::{Action, ColumnName, Deferrable, Enforcement, Qualified, Weight, attribute::Attributes, attribute::listed};

/// How a key of several columns treats nulls.
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
    /// How nulls are treated.
    pub match_type: MatchType,
    /// When the referenced key changes.
    pub on_update: Action,
    /// When the referenced row goes.
    pub on_delete: Action,
    /// The columns that `set null` or `set default` touches; empty for all (PostgreSQL 15).
    pub on_delete_columns: Vec<ColumnName>,
    /// When it is checked.
    pub deferrable: Deferrable,
    /// How far it holds.
    pub enforcement: Enforcement,
}

impl ForeignKey {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self {
            columns,
            references,
            referenced,
            match_type,
            on_update,
            on_delete,
            on_delete_columns,
            deferrable,
            enforcement,
        } = self;
        out.hard("kind", "foreign key");
        out.list(Weight::Hard, "columns", columns.iter().map(ColumnName::as_str));
        out.hard("references", listed([references.schema.as_str(), references.name.as_str()]));
        out.list(Weight::Hard, "referenced", referenced.iter().map(ColumnName::as_str));
        out.flag("match_full", *match_type == MatchType::Full);
        if *on_update != Action::NoAction {
            out.hard("on_update", on_update.as_str());
        }
        if *on_delete != Action::NoAction {
            out.hard("on_delete", on_delete.as_str());
        }
        out.list(Weight::Hard, "on_delete_columns", on_delete_columns.iter().map(ColumnName::as_str));
        if *deferrable != Deferrable::No {
            out.hard("deferrable", deferrable.as_sql());
        }
        if *enforcement != Enforcement::Valid {
            out.hard("enforcement", enforcement.as_sql());
        }
    }
}
