//! Compares views: options and comments change where they stand, and so does how a materialized one keeps its rows;
//! another query makes them anew.
use super::{
    Alteration, Pair,
    differences::Differences,
    kind::{SaidOf, Subject},
    parts::{self, Compared},
};
use crate::canonical::{Sameness, same_expression};
use crate::model::{Fragment, View, is_name_letter};

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

    /// Counts one text that is printed in two ways as another query, where what it uses is something else by now; two
    /// versions of PostgreSQL print in two ways too.
    fn add_more(out: &mut Differences, pair: Pair<'_, Self>, of: &Subject<'_>) {
        let texts = (pair.before.query.as_settled(), pair.after.query.as_settled());
        let printed = matches!(texts, (Some(a), Some(b)) if a != b);
        let (before, after) = (&of.forms.before.head.depends_on, &of.forms.after.head.depends_on);
        if printed && !before.is_empty() && !after.is_empty() && before != after {
            out.add(Alteration::Replaced(vec!["query"]));
        }
    }

    fn take_over(before: &Self, after: &mut Self, said: SaidOf<'_>) {
        // A query that takes all columns there are names others once there are more.
        if after.columns.is_empty() && before.query.same_text(&after.query) && !takes_all_columns(&after.query) {
            after.columns.clone_from(&before.columns);
        }
        // One that becomes materialized, or is so no more, keeps nothing in the old way.
        if before.materialized == after.materialized {
            parts::inherit(before, after, said);
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
