//! Foreign keys in words: in brief, and attribute by attribute where two differ.
use super::{Difference, Words, brief::Brief, check, key};
use crate::{
    diff::Pair,
    model::{Action, Deferrable, Enforcement, ForeignKey, MatchType, Word},
    plan::sql::list,
};

impl Brief for ForeignKey {
    /// Foreign key in a line: `(document_id) → documents (id) on delete cascade`.
    fn brief(&self, words: &Words) -> String {
        let mut out = format!("({}) → {}", list(&self.columns), target(self, words));
        if self.match_type == MatchType::Full {
            out.push_str(" match full");
        }
        if self.on_update != Action::NoAction {
            out.push_str(&format!(" on update {}", self.on_update.word()));
        }
        if self.on_delete != Action::NoAction {
            out.push_str(&format!(" on delete {}", on_delete(self)));
        }
        if self.deferrable != Deferrable::No {
            out.push_str(&format!(" {}", self.deferrable.as_sql()));
        }
        if self.enforcement != Enforcement::Valid {
            out.push_str(&format!(" {}", self.enforcement.as_sql()));
        }
        out
    }
}

fn target(fk: &ForeignKey, words: &Words) -> String {
    format!("{} ({})", words.name(&fk.references), list(&fk.referenced))
}

fn on_delete(fk: &ForeignKey) -> String {
    let columns = match fk.on_delete_columns.is_empty() {
        true => String::new(),
        false => format!(" ({})", list(&fk.on_delete_columns)),
    };
    format!("{}{columns}", fk.on_delete.word())
}

pub(super) fn difference(pair: Pair<'_, ForeignKey>, attribute: &str, words: &Words) -> Difference {
    let Pair { before, after } = pair;
    let named = |name: &str, a: String, b: String| Difference::of(name, Some(a), Some(b));
    match attribute {
        "columns" => {
            Difference::bare("columns", format!("({})", list(&before.columns)), format!("({})", list(&after.columns)))
        }
        "references" => named("references", target(before, words), target(after, words)),
        "match" => Difference::flag("match full", after.match_type == MatchType::Full),
        "on_update" => named("on update", before.on_update.word().to_owned(), after.on_update.word().to_owned()),
        "on_delete" => named("on delete", on_delete(before), on_delete(after)),
        "deferrable" => key::deferrable(before.deferrable, after.deferrable),
        _ => check::enforcement(before.enforcement, after.enforcement),
    }
}
