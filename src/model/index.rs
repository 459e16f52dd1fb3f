use super::{
    ColumnName, Fragment, Parameters, Qualified, Weight,
    attribute::Attributes,
    attribute::{listed, pairs},
};
use std::collections::BTreeMap;

/// One key of an index, whole, as `create index` takes it between the parentheses and `pg_get_indexdef` prints it:
/// column or expression, collation, operator class with parameters, order, nulls.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IndexKey {
    /// The whole key as SQL.
    pub sql: Fragment,
}

/// An index that no constraint owns (<https://www.postgresql.org/docs/18/sql-createindex.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The table it is on, in whose schema it lives.
    pub table: Qualified,
    /// The access method: `btree`, `hnsw`, …
    pub method: String,
    /// Whether it refuses duplicates.
    pub unique: bool,
    /// `nulls not distinct` (PostgreSQL 15).
    pub nulls_not_distinct: bool,
    /// The keys, in order.
    pub keys: Vec<IndexKey>,
    /// `include` columns.
    pub include: Vec<ColumnName>,
    /// Parameters (`m`, `lists`, `fillfactor`); those at the method's default are left out where pgform knows it.
    pub with: Parameters,
    /// The predicate of a partial index.
    pub predicate: Option<Fragment>,
    /// The tablespace, where not the database's.
    pub tablespace: Option<String>,
    /// False for what a failed concurrent build left.
    pub valid: bool,
    /// Statistics targets of expression keys, by position from 1.
    pub statistics: BTreeMap<u32, i32>,
}

impl Index {
    /// The parameters without those that are at their access method's default: writing a default out does not change
    /// an index (pgvector: `m` 16, `ef_construction` 64, `lists` 100).
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        let usual = |name: &str, value: &str| {
            matches!(
                (self.method.as_str(), name, value),
                ("hnsw", "m", "16") | ("hnsw", "ef_construction", "64") | ("ivfflat", "lists", "100")
            )
        };
        self.with.iter().filter(|(k, v)| !usual(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self {
            table,
            method,
            unique,
            nulls_not_distinct,
            keys,
            include,
            with: _, // as `parameters`
            predicate,
            tablespace,
            valid,
            statistics,
        } = self;
        out.hard("table", listed([table.schema.as_str(), table.name.as_str()]));
        out.hard("using", method);
        out.flag("unique", *unique);
        out.flag("nulls_not_distinct", *nulls_not_distinct);
        out.list(Weight::Hard, "keys", keys.iter().map(|k| k.sql.sql()));
        out.list(Weight::Hard, "include", include.iter().map(ColumnName::as_str));
        let parameters = self.parameters();
        if !parameters.is_empty() {
            out.hard("with", pairs(parameters.sorted()));
        }
        if let Some(predicate) = predicate {
            out.sql("where", predicate);
        }
        out.soft("tablespace", tablespace.as_deref());
        out.flag("invalid", !*valid);
        out.soft(
            "statistics",
            (!statistics.is_empty()).then(|| listed(statistics.iter().map(|(k, v)| format!("{k}={v}")))),
        );
    }
}
