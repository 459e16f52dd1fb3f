//! Views in words: the beginning of the query, and differences in query, columns and options.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::Pair,
    model::{ColumnName, View, Word},
    plan::sql::list,
};

/// Number of letters of a query that are shown.
const SHOWN: usize = 100;

impl Brief for View {
    /// Beginning of the query.
    fn brief(&self, words: &Words) -> String {
        let query = words.fragment(&self.query);
        let query = query.trim_end_matches(';').trim_end();
        match query.char_indices().nth(SHOWN) {
            Some((at, _)) => format!("{} …", &query[..at]),
            None => query.to_owned(),
        }
    }
}

/// Differences that need a new view: the query and its columns.
pub(super) fn replaced(pair: Pair<'_, View>, attributes: &[&str], words: &Words) -> Vec<Difference> {
    let Pair { before, after } = pair;
    let missing = |a: &[ColumnName], b: &[ColumnName]| -> Vec<ColumnName> {
        a.iter().filter(|name| !b.contains(name)).cloned().collect()
    };
    let mut out = Vec::new();
    let (gone, new) = (missing(&before.columns, &after.columns), missing(&after.columns, &before.columns));
    // Columns without declared names come from the query, and are not known here.
    if !before.columns.is_empty() && !after.columns.is_empty() {
        let word = |names: &[ColumnName]| if names.len() == 1 { "column" } else { "columns" };
        if !new.is_empty() {
            out.push(Difference::bare("columns", "", format!("{} {}", word(&new), list(&new))));
        }
        if !gone.is_empty() {
            out.push(Difference::bare("columns", format!("{} {}", word(&gone), list(&gone)), ""));
        }
        if new.is_empty() && gone.is_empty() && before.columns != after.columns {
            out.push(Difference::said("columns", "columns in another order"));
        }
    }
    if attributes.contains(&"query") {
        let (a, b) = words.both(&before.query, &after.query);
        out.push(Difference { says: "query changed".to_owned(), ..Difference::text("query", &a, &b) });
    }
    out
}

/// Differences of options: `security_barrier`, `security_invoker`, `check_option`.
pub(super) fn options(pair: Pair<'_, View>) -> Vec<Difference> {
    let Pair { before, after } = pair;
    let mut out = Vec::new();
    if before.security_barrier != after.security_barrier {
        out.push(Difference::flag("security barrier", after.security_barrier));
    }
    if before.security_invoker != after.security_invoker {
        out.push(Difference::flag("security invoker", after.security_invoker));
    }
    if before.check_option != after.check_option {
        let text = |v: &View| v.check_option.map(|o| o.word().to_owned());
        out.push(Difference::of("check option", text(before), text(after)));
    }
    out
}
