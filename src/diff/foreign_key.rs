//! Compares foreign keys: they can be validated where they stand.
use super::{Alteration, Pair, check::enforcement, parts::Compared};
use crate::model::ForeignKey;

impl Compared for ForeignKey {
    /// Compares by clauses: what belongs to one clause of the statement is one difference.
    fn differs(attribute: &'static str, pair: Pair<'_, Self>) -> Option<bool> {
        let (a, b) = (pair.before, pair.after);
        match attribute {
            "references" => Some((a.references, &a.referenced) != (b.references, &b.referenced)),
            "on_delete" => Some((a.on_delete, &a.on_delete_columns) != (b.on_delete, &b.on_delete_columns)),
            "referenced" | "on_delete_columns" => Some(false),
            _ => None,
        }
    }

    fn alteration(_: &'static str, pair: Pair<'_, Self>) -> Alteration {
        enforcement(pair.before.enforcement, pair.after.enforcement)
    }
}
