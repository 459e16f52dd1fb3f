//! Check constraints in words: in brief, and attribute by attribute where two differ.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::Pair,
    model::{Check, Enforcement},
};

impl Brief for Check {
    /// Expression, with the words for unusual attributes.
    fn brief(&self, words: &Words) -> String {
        let mut out = words.fragment(&self.expression);
        if self.no_inherit {
            out.push_str(" no inherit");
        }
        if self.enforcement != Enforcement::Valid {
            out.push_str(&format!(" {}", self.enforcement.as_sql()));
        }
        out
    }
}

pub(super) fn difference(pair: Pair<'_, Check>, attribute: &str, words: &Words) -> Difference {
    let Pair { before, after } = pair;
    match attribute {
        "expression" => {
            let (before, after) = words.both(&before.expression, &after.expression);
            Difference::bare("expression", before, after)
        }
        "no_inherit" => Difference::flag("no inherit", after.no_inherit),
        _ => enforcement(before.enforcement, after.enforcement),
    }
}

/// Difference in enforcement: valid, not valid, not enforced.
pub(super) fn enforcement(before: Enforcement, after: Enforcement) -> Difference {
    let words = |e: Enforcement| match e {
        Enforcement::Valid => "valid",
        Enforcement::NotValid | Enforcement::NotEnforced => e.as_sql(),
    };
    Difference::bare("enforcement", words(before), words(after))
}
