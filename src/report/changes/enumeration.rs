//! Enums in words: their labels, and a change of one.
use super::{Difference, Words, brief::Brief};
use crate::{
    diff::{EnumerationChange, Pair},
    model::{Enumeration, is_aside},
};

impl Brief for Enumeration {
    fn brief(&self, _: &Words) -> String {
        labels(self)
    }
}

/// Labels in their order, but for those set aside.
fn labels(of: &Enumeration) -> String {
    of.labels.iter().filter(|l| !is_aside(l)).map(|l| word(l)).collect::<Vec<_>>().join(", ")
}

pub(super) fn difference(pair: Pair<'_, Enumeration>, change: &EnumerationChange) -> Difference {
    match change {
        EnumerationChange::Added { label, .. } => {
            let says = format!("+ label {}{}", word(label), place(label, &pair.after.labels));
            Difference { after: Some(label.clone()), ..Difference::said("labels", says) }
        }
        EnumerationChange::Renamed { from, to } => Difference::of("label", Some(word(from)), Some(word(to))),
        EnumerationChange::Removed(label) => {
            let says = format!("- label {}", word(label));
            Difference { before: Some(label.clone()), ..Difference::said("labels", says) }
        }
        EnumerationChange::Reordered => Difference::of("order", Some(labels(pair.before)), Some(labels(pair.after))),
    }
}

/// Place of a new label: ` after indexed`, or ` before draft` for the first.
fn place(label: &str, labels: &[String]) -> String {
    let labels: Vec<&String> = labels.iter().filter(|l| !is_aside(l)).collect();
    let at = labels.iter().position(|l| *l == label).unwrap_or_default();
    match (at.checked_sub(1).and_then(|at| labels.get(at)), labels.get(at + 1)) {
        (Some(before), _) => format!(" after {}", word(before)),
        (None, Some(next)) => format!(" before {}", word(next)),
        (None, None) => String::new(),
    }
}

/// Label, in quotes where it is more than a word.
fn word(label: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let is_plain = !label.is_empty() && label.chars().all(plain);
    if is_plain { label.to_owned() } else { crate::plan::sql::literal(label) }
}
