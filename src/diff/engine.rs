//! Compares two states, object by object.
use super::hints::Hints;
use super::kind::{Kind, Subject};
use super::{Alteration, Change, Pair, What, head};
use crate::model::{Object, ObjectId, State, same_kind};
use std::collections::BTreeSet;

/// Differences of two states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diff {
    /// The changes, in the order of identities.
    pub changes: Vec<Change>,
}

impl Diff {
    /// Lists the objects that differ, or may differ until both sides are settled.
    #[must_use]
    pub fn ids(&self) -> BTreeSet<ObjectId> {
        self.changes.iter().map(|change| change.id).collect()
    }
}

/// Compares two states, object by object: one merge over two sorted maps. Fragments whose texts differ count as
/// different: where both sides are settled by one shadow that is the truth, before that it is what is to be settled.
#[must_use]
pub fn diff(before: &State, after: &State, hints: &Hints) -> Diff {
    let mut changes = Vec::new();
    let (mut left, mut right) = (before.objects.iter().peekable(), after.objects.iter().peekable());
    loop {
        let order = match (left.peek(), right.peek()) {
            (None, None) => break,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some((a, _)), Some((b, _))) => a.cmp(b),
        };
        match order {
            std::cmp::Ordering::Less => {
                changes.extend(left.next().map(|(id, _)| Change { id: *id, what: What::Dropped }));
            }
            std::cmp::Ordering::Greater => {
                changes.extend(right.next().map(|(id, _)| Change { id: *id, what: What::Created }));
            }
            std::cmp::Ordering::Equal => {
                if let (Some((id, a)), Some((_, b))) = (left.next(), right.next()) {
                    pair(id, (a, b), Pair { before, after }, hints, &mut changes);
                }
            }
        }
    }
    Diff { changes }
}

fn pair(
    id: &ObjectId,
    (before, after): (&Object, &Object),
    states: Pair<'_, State>,
    hints: &Hints,
    changes: &mut Vec<Change>,
) {
    let forms = Pair { before, after };
    let of = Subject { id, forms, states, renamed_labels: hints.renamed_labels.get(id) };
    let mut alterations = same_kind!(
        (&before.body, &after.body),
        (before, after) => Kind::diff(Pair { before, after }, &of),
        // One identity, two kinds: a check that becomes a unique constraint of the same name.
        else => vec![Alteration::Replaced(vec!["kind"])]
    );
    alterations.extend(head::diff(id, forms));
    if !alterations.is_empty() {
        changes.push(Change { id: *id, what: What::Altered(alterations) });
    }
}
