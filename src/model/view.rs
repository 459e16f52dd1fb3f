//! Views, materialized or not: a query with options, column names and comments; of those that keep rows, how they are kept.
use super::{
    Attributes, ColumnName, ColumnSettings, Fragment, IndexMarks, Parameters, RelationName, ReplicaIdentity, Weight,
    Word, parts::attributes,
};
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

/// A view with its options (<https://www.postgresql.org/docs/18/sql-createview.html>), or a materialized one
/// (<https://www.postgresql.org/docs/18/sql-creatematerializedview.html>), whose indexes are objects beside it.
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
    /// True for a materialized view, which keeps the rows of its query; what follows is of those alone.
    pub materialized: bool,
    /// True where it has no rows, and cannot be read: made `with no data`, or emptied since.
    pub unpopulated: bool,
    /// The tablespace, where not the database's.
    pub tablespace: Option<String>,
    /// The access method, where not `heap`.
    pub access_method: Option<String>,
    /// Storage parameters (`fillfactor`, `autovacuum_…`, `toast.…`).
    pub storage_parameters: Parameters,
    /// Parts of the old row that logical subscribers are told.
    pub replica_identity: ReplicaIdentity,
    /// The index that it was last clustered on.
    pub clustered_on: Option<RelationName>,
    /// Ways in which the values of its columns are kept and counted.
    pub column_settings: BTreeMap<ColumnName, ColumnSettings>,
    /// True as an earlier plan recorded it, which carried materialized views along: until it is declared, silence never
    /// drops it.
    pub carried: bool,
}

impl View {
    /// Statements' word for the view: `view`, or `materialized view`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        if self.materialized { "materialized view" } else { "view" }
    }

    /// Tells whether it has rows of its own, and so can be indexed.
    #[must_use]
    pub const fn has_rows(&self) -> bool {
        self.materialized && !self.unpopulated
    }

    /// What it says of its indexes.
    #[must_use]
    pub const fn marks(&self) -> IndexMarks<'_> {
        IndexMarks { clustered_on: self.clustered_on, identity: &self.replica_identity }
    }

    fn tell_population(&self, out: &mut Attributes) {
        out.text(Weight::Soft, "populate", self.unpopulated.then_some("false"));
    }

    fn tell_replica_identity(&self, out: &mut Attributes) {
        out.text(Weight::Soft, "replica_identity", self.replica_identity.said());
    }

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
            materialized: false,
            unpopulated: false,
            tablespace: None,
            access_method: None,
            storage_parameters: Parameters::default(),
            replica_identity: ReplicaIdentity::Default,
            clustered_on: None,
            column_settings: BTreeMap::new(),
            carried: false,
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
    materialized: "materialized" Hard Usual Replaces InPlans flag;
    unpopulated: "populate" Soft Unmanaged Alters Specially own(View::tell_population);
    tablespace: "tablespace" Soft Unmanaged Alters Everywhere text(unless "pg_default");
    access_method: "access_method" Hard Unmanaged Replaces Everywhere text(unless "heap");
    storage_parameters: "with" Soft Unmanaged Alters Everywhere parameters;
    replica_identity: "replica_identity" Soft Unmanaged Carried Specially own(View::tell_replica_identity);
    clustered_on: "clustered_on" Soft Unmanaged Alters Everywhere name(RelationName);
    column_settings: "column_settings" Soft Usual Alters Specially
        own(|view, out| {
            let told = view.column_settings.iter().map(|(column, of)| (column.as_str(), of.told()));
            out.pairs(Weight::Soft, "column_settings", told);
        });
    carried: "carried" Out Usual Nothing InPlans flag;
}
