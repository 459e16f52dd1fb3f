use super::{Alteration, Pair, column::same_optional, differences::Differences};
use crate::canonical::{Sameness, same_query};
use crate::model::{Fragment, ObjectId, View, is_name_letter};
use std::collections::BTreeSet;

/// `uses` is what the queries use, as far as that is known.
pub(super) fn diff(pair: Pair<'_, View>, uses: Pair<'_, BTreeSet<ObjectId>>) -> Vec<Alteration> {
    let View { query, columns, security_barrier, security_invoker, check_option, defaults, column_comments } =
        pair.before;
    let after = pair.after;
    let mut out = Differences::default();
    // One text, printed in two ways: by two versions of PostgreSQL, or because what it uses is something else by now.
    let printed = matches!((query.as_settled(), after.query.as_settled()), (Some(a), Some(b)) if a != b);
    let known = !uses.before.is_empty() && !uses.after.is_empty();
    let means_else = printed && known && uses.before != uses.after;
    out.replaces("query", means_else || same_query(query, &after.query) != Sameness::Same);
    // Names that nobody declared are the query's own.
    out.replaces("columns", !columns.is_empty() && !after.columns.is_empty() && *columns != after.columns);
    let options = *security_barrier != after.security_barrier
        || *security_invoker != after.security_invoker
        || *check_option != after.check_option;
    out.when(options, Alteration::ViewOptions);
    let same_defaults = defaults.len() == after.defaults.len()
        && defaults.iter().all(|(name, d)| same_optional(Some(d), after.defaults.get(name)));
    out.when(!same_defaults, Alteration::Carried("defaults"));
    out.when(*column_comments != after.column_comments, Alteration::ColumnComments);
    out.finish()
}

/// Whether a query takes whatever columns its tables have (`*`, `natural join`): its text stays when they get another, and
/// what it means does not. It may say yes of one that does not.
#[must_use]
pub fn takes_all_columns(query: &Fragment) -> bool {
    let text = query.as_written();
    text.contains('*') || has_word(text, "natural")
}

/// Whether a text holds a word, in whatever case.
#[must_use]
pub fn has_word(text: &str, word: &str) -> bool {
    text.split(|c| !is_name_letter(c)).any(|found| found.eq_ignore_ascii_case(word))
}
