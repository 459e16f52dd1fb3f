use super::{
    ColumnName, Fragment,
    attribute::Attributes,
    attribute::{listed, pairs},
};
use std::collections::BTreeMap;

/// `with check option`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's two words")]
pub enum CheckOption {
    Local,
    Cascaded,
}

impl CheckOption {
    /// PostgreSQL's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Cascaded => "cascaded",
        }
    }
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

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { query, columns, security_barrier, security_invoker, check_option, defaults, column_comments } = self;
        out.sql("query", query);
        out.out("columns", (!columns.is_empty()).then(|| listed(columns.iter().map(ColumnName::as_str))));
        out.flag("security_barrier", *security_barrier);
        out.flag("security_invoker", *security_invoker);
        if let Some(option) = check_option {
            out.hard("check_option", option.as_str());
        }
        if !defaults.is_empty() {
            out.hard("defaults", listed(defaults.iter().map(|(c, d)| listed([c.as_str(), d.sql()]))));
        }
        let comments: BTreeMap<String, String> =
            column_comments.iter().map(|(c, t)| (c.as_str().to_owned(), t.clone())).collect();
        out.soft("column_comments", (!comments.is_empty()).then(|| pairs(&comments)));
    }
}
