//! Indexes that no constraint owns: table, method, keys, predicate.
use super::{ColumnName, Fragment, Parameters, Qualified, RelationName, Weight, parts::attributes};
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
    /// The table of the index, in whose schema the index lives.
    pub table: Qualified,
    /// The access method: `btree`, `hnsw`, …
    pub method: String,
    /// True where duplicates are refused.
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
    /// The index of the partitioned table above that this one is a partition's part of.
    pub part_of: Option<RelationName>,
}

impl Index {
    /// A btree index of a table without keys yet, everything else at its default.
    #[must_use]
    pub fn of_table(table: Qualified) -> Self {
        Self {
            table,
            method: "btree".to_owned(),
            unique: false,
            nulls_not_distinct: false,
            keys: Vec::new(),
            include: Vec::new(),
            with: Parameters::default(),
            predicate: None,
            tablespace: None,
            valid: true,
            statistics: BTreeMap::new(),
            part_of: None,
        }
    }

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
}

attributes! { Index:
    table: "table" Hard Usual Replaces Specially
        own(|index, out| out.list(Weight::Hard, "table", [index.table.schema.as_str(), index.table.name.as_str()]));
    method: "using" Hard Usual Replaces Everywhere text(else "btree");
    keys: "keys" Hard Usual Replaces Specially
        own(|index, out| out.list(Weight::Hard, "keys", index.keys.iter().map(|key| key.sql.sql())));
    unique: "unique" Hard Usual Replaces Everywhere flag;
    nulls_not_distinct: "nulls_not_distinct" Hard Usual Replaces Everywhere flag;
    include: "include" Hard Usual Replaces Everywhere columns;
    with: "with" Hard Usual Replaces Specially
        own(|index, out| out.pairs(Weight::Hard, "with", index.parameters().sorted()));
    predicate: "where" Hard Usual Replaces Everywhere maybe_sql(Expression);
    tablespace: "tablespace" Soft Unmanaged Carried Everywhere text;
    valid: "invalid" Hard Usual Replaces InPlans unless;
    statistics: "statistics" Soft Unmanaged Carried Specially
        own(|index, out| {
            let targets = index.statistics.iter().map(|(key, target)| (key.to_string(), target.to_string()));
            out.pairs(Weight::Soft, "statistics", targets);
        });
    part_of: "part_of" Hard Usual Carried Everywhere name(RelationName);
}
