use super::{Alteration, Pair, differences::Differences};
use crate::model::Opaque;

/// What a text of an unmodelled kind does is not compared here: it varies by major version, and only a shadow can tell.
pub(super) fn diff(pair: Pair<'_, Opaque>) -> Vec<Alteration> {
    let Opaque { create: _, comment, owner, privileges, column_privileges, depends_on: _ } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.comment(comment, &after.comment);
    out.carried("owner", owner, &after.owner);
    out.carried("privileges", privileges, &after.privileges);
    out.carried("column_privileges", column_privileges, &after.column_privileges);
    out.finish()
}
