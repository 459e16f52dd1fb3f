//! Results of segments: the objects that each changes, and the assumptions that a plan rests on.
use super::settled_sides::Sides;
use crate::diff::{Alteration, Change as Difference, ColumnChange, What};
use crate::model::{Object, ObjectId, Rename};
use crate::plan::format::{LookKind, Segment};
use crate::prove::Proven;
use std::collections::BTreeSet;

/// Writes into each segment the digests of the objects that it changed, as the shadow showed them.
pub(crate) fn record_leaves(segments: &mut [Segment], sides: &Sides, proven: &Proven) {
    let mut last = &sides.old;
    for (segment, state) in segments.iter_mut().zip(&proven.states) {
        let ids: BTreeSet<&ObjectId> = last.objects.keys().chain(state.objects.keys()).collect();
        for id in ids {
            let (a, b) = (last.get(id).map(Object::digest), state.get(id).map(Object::digest));
            if a != b {
                segment.leaves.insert(*id, b);
            }
        }
        last = state;
    }
}

/// Writes digests into absorbing segments that left none, because only attributes without a digest differ (a comment).
pub(crate) fn record_absorbed(segments: &mut [Segment], sides: &Sides, absorb: &BTreeSet<ObjectId>) {
    let left: BTreeSet<ObjectId> = segments.iter().flat_map(|s| s.leaves.keys().cloned()).collect();
    let soft = |id: &&ObjectId| !left.contains(*id) && sides.before.get(id) != sides.after.get(id);
    let soft: Vec<&ObjectId> = absorb.iter().filter(soft).collect();
    for segment in segments.iter_mut().filter(|s| s.absorb && s.leaves.is_empty()) {
        segment.leaves.extend(soft.iter().map(|id| (*(*id), sides.after.get(id).map(Object::digest))));
    }
}

/// Objects that the plan drops, makes anew, retypes or renames, under their names before.
pub(crate) fn pulled(sides: &Sides, renames: &[Rename]) -> BTreeSet<ObjectId> {
    let away = |change: &&Difference| match &change.what {
        What::Dropped => true,
        What::Altered(list) => list.iter().any(|a| {
            matches!(a, Alteration::Replaced(_) | Alteration::Column(ColumnChange::Type | ColumnChange::Collation))
        }),
        What::Created | What::Renamed { .. } => false,
    };
    let changed = sides.diff.changes.iter().filter(away).map(|change| change.id);
    changed.chain(renames.iter().map(|r| r.from)).collect()
}

/// Assumptions for which the short way was taken, as lines: each database is asked before it runs there.
pub(crate) fn assumed(segments: &[Segment]) -> Vec<String> {
    let looks = segments.iter().flat_map(|s| &s.looks).filter(|look| look.kind == LookKind::Outgrown);
    looks
        .map(|look| format!("{} {} is small: it is written anew in a moment", look.object.word(), look.object.short()))
        .collect()
}
