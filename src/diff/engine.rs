//! Compares two states, object by object.
use super::hints::Hints;
use super::{Alteration, Change, Pair, What, definition, enumeration, head, parts, schema, view};
use crate::model::{Body, Object, ObjectId, State};
use std::collections::{BTreeMap, BTreeSet};

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
    let empty = BTreeMap::new();
    let head = Pair { before, after };
    let labels = hints.renamed_labels.get(id).unwrap_or(&empty);
    let mut alterations = match (&before.body, &after.body) {
        (Body::Schema(before), Body::Schema(after)) => schema::diff(Pair { before, after }),
        (Body::Extension(before), Body::Extension(after)) => parts::diff(Pair { before, after }),
        (Body::Enumeration(before), Body::Enumeration(after)) => enumeration::diff(Pair { before, after }, labels),
        (Body::Sequence(before), Body::Sequence(after)) => parts::diff(Pair { before, after }),
        (Body::Table(before), Body::Table(after)) => parts::diff(Pair { before, after }),
        (Body::Column(before), Body::Column(after)) => parts::diff(Pair { before, after }),
        (Body::Key(before), Body::Key(after)) => parts::diff(Pair { before, after }),
        (Body::ForeignKey(before), Body::ForeignKey(after)) => parts::diff(Pair { before, after }),
        (Body::Check(before), Body::Check(after)) => parts::diff(Pair { before, after }),
        (Body::Exclusion(before), Body::Exclusion(after)) => parts::diff(Pair { before, after }),
        (Body::Index(before), Body::Index(after)) => parts::diff(Pair { before, after }),
        (Body::View(before), Body::View(after)) => {
            let uses = Pair { before: &head.before.head.depends_on, after: &head.after.head.depends_on };
            view::diff(Pair { before, after }, uses)
        }
        (Body::Definition(before), Body::Definition(after)) => {
            definition::diff(id.kind(), Pair { before, after }, states)
        }
        // One identity, two kinds: a check that becomes a unique constraint of the same name.
        (
            Body::Schema(_)
            | Body::Extension(_)
            | Body::Enumeration(_)
            | Body::Sequence(_)
            | Body::Table(_)
            | Body::Column(_)
            | Body::Key(_)
            | Body::ForeignKey(_)
            | Body::Check(_)
            | Body::Exclusion(_)
            | Body::Index(_)
            | Body::View(_)
            | Body::Definition(_),
            _,
        ) => vec![Alteration::Replaced(vec!["kind"])],
    };
    alterations.extend(head::diff(id, head));
    if !alterations.is_empty() {
        changes.push(Change { id: *id, what: What::Altered(alterations) });
    }
}
