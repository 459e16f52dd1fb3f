use super::{Alteration, Pair, differences::Differences};
use crate::model::Sequence;

pub(super) fn diff(pair: Pair<'_, Sequence>) -> Vec<Alteration> {
    let Sequence { data_type, options, owned_by, persistence } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.when(*data_type != after.data_type || *options != after.options, Alteration::SequenceOptions);
    out.when(*owned_by != after.owned_by, Alteration::SequenceOwner);
    out.carried("unlogged", persistence, &after.persistence);
    out.finish()
}
