use super::{Alteration, Pair, differences::Differences};
use crate::model::Key;

pub(super) fn diff(pair: Pair<'_, Key>) -> Vec<Alteration> {
    let Key { kind, columns, include, deferrable, nulls_not_distinct, with, tablespace, index_comment } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.replaces("kind", *kind != after.kind);
    out.replaces("columns", *columns != after.columns);
    out.replaces("include", *include != after.include);
    out.replaces("deferrable", *deferrable != after.deferrable);
    out.replaces("nulls_not_distinct", *nulls_not_distinct != after.nulls_not_distinct);
    out.carried("with", with, &after.with);
    out.carried("tablespace", tablespace, &after.tablespace);
    out.when(*index_comment != after.index_comment, Alteration::IndexComment);
    out.finish()
}
