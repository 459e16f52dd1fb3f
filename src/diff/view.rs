//! Compares views: options and comments change where they stand, and so does how a materialized one keeps its rows;
//! another query makes them anew.
use super::{
    Alteration, Pair,
    parts::{self, Compared},
};
use crate::canonical::{Sameness, same_expression};
use crate::model::{Fragment, ObjectId, View, is_name_letter};
use std::collections::BTreeSet;

/// Finds the differences of two views; `uses` is what the queries use, as far as that is known.
pub(super) fn diff(pair: Pair<'_, View>, uses: Pair<'_, BTreeSet<ObjectId>>) -> Vec<Alteration> {
    let mut out = parts::differences(pair);
    // One text, printed in two ways: by two versions of PostgreSQL, or because what it uses is something else by now.
    let texts = (pair.before.query.as_settled(), pair.after.query.as_settled());
    let printed = matches!(texts, (Some(a), Some(b)) if a != b);
    let known = !uses.before.is_empty() && !uses.after.is_empty();
    if printed && known && uses.before != uses.after {
        out.add(Alteration::Replaced(vec!["query"]));
    }
    out.finish()
}

impl Compared for View {
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool> {
        let (a, b) = (pair.before, pair.after);
        let same = |a: &Fragment, b: Option<&Fragment>| b.is_some_and(|b| same_expression(a, b) == Sameness::Same);
        match attribute {
            // Names that nobody declared are the query's own.
            "columns" => Some(!a.columns.is_empty() && !b.columns.is_empty() && a.columns != b.columns),
            "defaults" => Some(
                a.defaults.len() != b.defaults.len()
                    || !a.defaults.iter().all(|(name, d)| same(d, b.defaults.get(name))),
            ),
            _ => None,
        }
    }

    fn alteration(attribute: &'static str, _: Pair<'_, Self>) -> Alteration {
        match attribute {
            "column_comments" => Alteration::ColumnComments,
            "security_barrier" | "security_invoker" | "check_option" => Alteration::ViewOptions,
            kept => Alteration::Kept(kept),
        }
    }
}

/// Tells whether a query takes whatever columns its tables have (`*`, `natural join`): its text stays when they get
/// another, and what it means does not. It may say yes of one that does not.
#[must_use]
pub fn takes_all_columns(query: &Fragment) -> bool {
    let text = query.as_written();
    text.contains('*') || has_word(text, "natural")
}

/// Tells whether a text holds a word, in whatever case.
#[must_use]
pub fn has_word(text: &str, word: &str) -> bool {
    text.split(|c| !is_name_letter(c)).any(|found| found.eq_ignore_ascii_case(word))
}
