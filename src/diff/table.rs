use super::{Alteration, Pair, differences::Differences};
use crate::model::Table;

pub(super) fn diff(pair: Pair<'_, Table>) -> Vec<Alteration> {
    let Table {
        persistence,
        tablespace,
        access_method,
        storage_parameters,
        row_security,
        force_row_security,
        replica_identity,
        clustered_on,
    } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.carried("unlogged", persistence, &after.persistence);
    out.carried("tablespace", tablespace, &after.tablespace);
    out.carried("access_method", access_method, &after.access_method);
    out.carried("with", storage_parameters, &after.storage_parameters);
    out.carried("row_security", row_security, &after.row_security);
    out.carried("force_row_security", force_row_security, &after.force_row_security);
    out.carried("replica_identity", replica_identity, &after.replica_identity);
    out.carried("clustered_on", clustered_on, &after.clustered_on);
    out.finish()
}
