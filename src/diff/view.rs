use super::{Alteration, Pair, column::same_optional, engine::Differences};
use crate::canonical::{Sameness, same_query};
use crate::model::View;

pub(super) fn diff(pair: Pair<'_, View>) -> Vec<Alteration> {
    let View {
        query,
        columns,
        security_barrier,
        security_invoker,
        check_option,
        defaults,
        comment,
        column_comments,
        owner,
        privileges,
        column_privileges,
        depends_on: _, // follows from the query
    } = pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    out.replaces("query", same_query(query, &after.query) != Sameness::Same);
    // Names that nobody declared are the query's own.
    out.replaces("columns", !columns.is_empty() && !after.columns.is_empty() && *columns != after.columns);
    let options = *security_barrier != after.security_barrier
        || *security_invoker != after.security_invoker
        || *check_option != after.check_option;
    out.when(options, Alteration::ViewOptions);
    let same_defaults = defaults.len() == after.defaults.len()
        && defaults.iter().all(|(name, d)| same_optional(Some(d), after.defaults.get(name)));
    out.when(!same_defaults, Alteration::Carried("defaults"));
    out.comment(comment, &after.comment);
    out.when(*column_comments != after.column_comments, Alteration::ColumnComments);
    out.carried("owner", owner, &after.owner);
    out.carried("privileges", privileges, &after.privileges);
    out.carried("column_privileges", column_privileges, &after.column_privileges);
    out.finish()
}
