use super::{Alteration, Pair, check::enforcement, differences::Differences};
use crate::model::ForeignKey;

pub(super) fn diff(pair: Pair<'_, ForeignKey>) -> Vec<Alteration> {
    let ForeignKey {
        columns,
        references,
        referenced,
        match_type,
        on_update,
        on_delete,
        on_delete_columns,
        deferrable,
        enforcement: before,
    } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.replaces("columns", *columns != after.columns);
    out.replaces("references", *references != after.references || *referenced != after.referenced);
    out.replaces("match", *match_type != after.match_type);
    out.replaces("on_update", *on_update != after.on_update);
    out.replaces("on_delete", *on_delete != after.on_delete || *on_delete_columns != after.on_delete_columns);
    out.replaces("deferrable", *deferrable != after.deferrable);
    enforcement(&mut out, *before, after.enforcement);
    out.finish()
}
