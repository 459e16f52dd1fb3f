use super::{Alteration, Pair, differences::Differences};
use crate::model::Schema;

pub(super) fn diff(pair: Pair<'_, Schema>) -> Vec<Alteration> {
    let Schema { comment: _, owner, privileges } = pair.before;
    let mut out = Differences::default();
    out.when(!pair.before.same_comment(pair.after), Alteration::Comment);
    out.carried("owner", owner, &pair.after.owner);
    out.carried("privileges", privileges, &pair.after.privileges);
    out.finish()
}
