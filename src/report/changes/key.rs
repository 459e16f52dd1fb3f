//! Primary and unique keys in words: in brief, and attribute by attribute where two differ.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::Pair,
    model::{Deferrable, Key},
    plan::sql::list,
};

impl Brief for Key {
    /// Columns, with unusual attributes: `(repository_id, path) include (title)`.
    fn brief(&self, _: &Words) -> String {
        let mut out = format!("({})", list(&self.columns));
        if !self.include.is_empty() {
            out.push_str(&format!(" include ({})", list(&self.include)));
        }
        if self.nulls_not_distinct {
            out.push_str(" nulls not distinct");
        }
        if self.deferrable != Deferrable::No {
            out.push_str(&format!(" {}", self.deferrable.as_sql()));
        }
        out
    }
}

pub(super) fn difference(pair: Pair<'_, Key>, attribute: &str) -> Difference {
    let Pair { before, after } = pair;
    match attribute {
        "kind" => Difference::bare("kind", kind(before), kind(after)),
        "nulls_not_distinct" => Difference::flag("nulls not distinct", after.nulls_not_distinct),
        "include" => {
            let text = |k: &Key| (!k.include.is_empty()).then(|| format!("({})", list(&k.include)));
            Difference::of("include", text(before), text(after))
        }
        "deferrable" => deferrable(before.deferrable, after.deferrable),
        _ => Difference::bare("columns", format!("({})", list(&before.columns)), format!("({})", list(&after.columns))),
    }
}

/// Words for the kind of key.
pub(super) fn kind(key: &Key) -> &'static str {
    match key.kind {
        crate::model::KeyKind::Primary => "primary key",
        crate::model::KeyKind::Unique => "unique",
    }
}

pub(super) fn deferrable(before: Deferrable, after: Deferrable) -> Difference {
    let words = |d: Deferrable| match d {
        Deferrable::No => "not deferrable",
        Deferrable::InitiallyImmediate | Deferrable::InitiallyDeferred => d.as_sql(),
    };
    Difference::bare("deferrable", words(before), words(after))
}
