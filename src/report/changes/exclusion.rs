//! Exclusion constraints in words: in brief, and attribute by attribute where two differ.
use super::{Difference, Words, brief::Brief, key::deferrable};
use crate::{
    diff::Pair,
    model::{Deferrable, Exclusion},
    plan::sql::list,
};

impl Brief for Exclusion {
    /// Exclusion constraint in a line: `gist (room with =, during with &&) where not cancelled`.
    fn brief(&self, words: &Words) -> String {
        let mut out = format!("{} {}", self.method, keys(self, words));
        if !self.include.is_empty() {
            out.push_str(&format!(" include ({})", list(&self.include)));
        }
        if let Some(predicate) = &self.predicate {
            out.push_str(&format!(" where {}", words.fragment(predicate)));
        }
        if self.deferrable != Deferrable::No {
            out.push_str(&format!(" {}", self.deferrable.as_sql()));
        }
        out
    }
}

fn keys(exclusion: &Exclusion, words: &Words) -> String {
    let key = exclusion.keys.iter().map(|key| format!("{} with {}", words.fragment(&key.key.sql), key.operator));
    format!("({})", list(key))
}

pub(super) fn difference(pair: Pair<'_, Exclusion>, attribute: &str, words: &Words) -> Difference {
    let Pair { before, after } = pair;
    match attribute {
        "using" => Difference::bare("using", before.method.clone(), after.method.clone()),
        "include" => {
            let text = |of: &Exclusion| (!of.include.is_empty()).then(|| format!("({})", list(&of.include)));
            Difference::of("include", text(before), text(after))
        }
        "where" => {
            let text = |of: &Exclusion| of.predicate.as_ref().map(|predicate| words.fragment(predicate));
            Difference::of("where", text(before), text(after))
        }
        "deferrable" => deferrable(before.deferrable, after.deferrable),
        _ => Difference::bare("keys", keys(before, words), keys(after, words)),
    }
}
