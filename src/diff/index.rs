use super::{Alteration, Pair, column::same_optional, differences::Differences};
use crate::canonical::{Sameness, same_index_key};
use crate::model::Index;

pub(super) fn diff(pair: Pair<'_, Index>) -> Vec<Alteration> {
    let Index {
        table,
        method,
        unique,
        nulls_not_distinct,
        keys,
        include,
        with: _, // as `parameters()`: written defaults and omitted ones are one
        predicate,
        tablespace,
        valid,
        statistics,
    } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.replaces("table", *table != after.table);
    out.replaces("using", *method != after.method);
    out.replaces("unique", *unique != after.unique);
    out.replaces("nulls_not_distinct", *nulls_not_distinct != after.nulls_not_distinct);
    let same_keys = keys.len() == after.keys.len()
        && keys.iter().zip(&after.keys).all(|(a, b)| same_index_key(&after.method, &a.sql, &b.sql) == Sameness::Same);
    out.replaces("keys", !same_keys);
    out.replaces("include", *include != after.include);
    out.replaces("with", pair.before.parameters() != after.parameters());
    out.replaces("where", !same_optional(predicate.as_ref(), after.predicate.as_ref()));
    out.replaces("invalid", *valid != after.valid);
    out.carried("tablespace", tablespace, &after.tablespace);
    out.carried("statistics", statistics, &after.statistics);
    out.finish()
}
