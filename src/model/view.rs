//! Views: a query with options, column names and comments.
use super::{ColumnName, Fragment, Weight, Word, parts::attributes};
use std::collections::BTreeMap;

/// `with check option`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's two words")]
pub enum CheckOption {
    Local,
    Cascaded,
}

impl Word for CheckOption {
    const WORDS: &'static [(&'static str, Self)] = &[("local", Self::Local), ("cascaded", Self::Cascaded)];
}

/// A view with its options (<https://www.postgresql.org/docs/18/sql-createview.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// The query.
    pub query: Fragment,
    /// The names of its columns, where declared or read; the query's own otherwise.
    pub columns: Vec<ColumnName>,
    /// `security_barrier`.
    pub security_barrier: bool,
    /// `security_invoker` (PostgreSQL 15).
    pub security_invoker: bool,
    /// `check_option`.
    pub check_option: Option<CheckOption>,
    /// Defaults for inserts through the view, by column.
    pub defaults: BTreeMap<ColumnName, Fragment>,
    /// `comment on column` of its columns.
    pub column_comments: BTreeMap<ColumnName, String>,
}

impl View {
    /// A view of a query, everything else at its default.
    #[must_use]
    pub fn of_query(query: Fragment) -> Self {
        Self {
            query,
            columns: Vec::new(),
            security_barrier: false,
            security_invoker: false,
            check_option: None,
            defaults: BTreeMap::new(),
            column_comments: BTreeMap::new(),
        }
    }
}

attributes! { View:
    query: "query" Hard Usual Replaces Specially sql(Query);
    columns: "columns" Out Usual Replaces Everywhere columns;
    security_barrier: "security_barrier" Hard Usual Alters Everywhere flag;
    security_invoker: "security_invoker" Hard Usual Alters Everywhere flag;
    check_option: "check_option" Hard Usual Alters Everywhere maybe_word(CheckOption);
    defaults: "defaults" Hard Unmanaged Carried Specially
        own(|view, out| out.pairs(Weight::Hard, "defaults", view.defaults.iter().map(|(c, d)| (c.as_str(), d.sql()))));
    column_comments: "column_comments" Soft Usual Alters Specially
        own(|view, out| {
            out.pairs(Weight::Soft, "column_comments", view.column_comments.iter().map(|(c, t)| (c.as_str(), t.as_str())));
        });
}
