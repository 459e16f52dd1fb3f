//! Cuts the ordered operations into segments by locks and groups.
use super::format::{Back, Held, Lock, LockMode, OperationSummary, Reversibility, Segment};
use super::operation::{Grouping, Operation};
use super::order::Bundle;
use crate::model::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// Cuts the ordered operations into segments. `made` are the relations that the plan itself makes: nobody waits for a
/// lock on them. What is among `absorb` shares with nothing: a database may pass over it.
pub(super) fn segments(bundles: Vec<Bundle>, made: &BTreeSet<ObjectId>, absorb: &BTreeSet<ObjectId>) -> Vec<Segment> {
    let mut out: Vec<Share> = Vec::new();
    let absorbed = |operations: &[Operation]| operations.iter().all(|o| absorb.contains(&o.subject));
    for bundle in bundles {
        let open = bundle.iter().all(|o| o.grouping == Grouping::Shared) && !absorbed(&bundle);
        let share = Share::of(bundle, open, made);
        match out.last_mut() {
            Some(current) if current.takes(&share) => current.extend(share),
            _ => out.push(share),
        }
    }
    out.into_iter()
        .map(|share| {
            let absorb = absorbed(&share.operations);
            Segment { absorb, ..segment(share.operations, made) }
        })
        .collect()
}

/// Operations of one segment, and what decides which others share it.
struct Share {
    operations: Vec<Operation>,
    /// True where others may share the segment at all.
    open: bool,
    /// True where no lock is held for longer than a moment.
    quick: bool,
    /// The relations that were there before and are strongly locked.
    strong: BTreeSet<ObjectId>,
}

impl Share {
    fn of(operations: Vec<Operation>, open: bool, made: &BTreeSet<ObjectId>) -> Self {
        let locks = || operations.iter().flat_map(|o| &o.locks).filter(|l| !made.contains(&l.relation));
        let quick = locks().all(|l| l.held == Held::Moment);
        let strong = locks().filter(|l| l.mode > LockMode::RowExclusive).map(|l| l.relation).collect();
        Self { operations, open, quick, strong }
    }

    /// Says whether others join. At most one relation that was there before is strongly locked per segment; a foreign
    /// key and its partner are one, so that it goes and comes back in one transaction.
    fn takes(&self, next: &Self) -> bool {
        let alike = self.strong.is_empty() || next.strong.is_empty() || self.strong == next.strong;
        self.open && next.open && self.quick && next.quick && alike
    }

    fn extend(&mut self, next: Self) {
        self.operations.extend(next.operations);
        self.strong.extend(next.strong);
    }
}

/// The strongest lock on each relation, held for the longest; relations made by the plan left out.
fn merged(locks: impl IntoIterator<Item = Lock>, made: &BTreeSet<ObjectId>) -> Vec<Lock> {
    let mut by_relation: BTreeMap<ObjectId, Lock> = BTreeMap::new();
    for lock in locks.into_iter().filter(|l| !made.contains(&l.relation)) {
        let entry = by_relation.entry(lock.relation).or_insert_with(|| lock.clone());
        entry.mode = entry.mode.max(lock.mode);
        entry.held = entry.held.max(lock.held);
    }
    by_relation.into_values().collect()
}

fn segment(operations: Vec<Operation>, made: &BTreeSet<ObjectId>) -> Segment {
    let none = BTreeSet::new();
    let transactional = operations.iter().all(|o| o.inverse.parts.len() < 2);
    let mut back = Back { kind: Reversibility::Exact, conditions: Vec::new(), parts: Vec::new() };
    for operation in operations.iter().rev() {
        back.kind = back.kind.max(operation.inverse.kind);
        back.conditions.extend(operation.inverse.conditions.clone());
        back.parts.extend(operation.inverse.parts.clone());
    }
    back.conditions.sort();
    // The ways back of operations that share a transaction share one too.
    if transactional && back.parts.len() > 1 && back.parts.iter().all(super::format::BackPart::is_transactional) {
        let parts = std::mem::take(&mut back.parts);
        let locks = merged(parts.iter().flat_map(|p| p.locks.clone()), &none);
        back.parts = vec![super::format::BackPart {
            locks,
            steps: parts.into_iter().flat_map(|p| p.steps).collect(),
            relief: Vec::new(),
        }];
    }
    let revive = match operations.as_slice() {
        [one] => one.inverse.revive.clone(),
        _ => None,
    };
    let mut hazards: Vec<_> = operations.iter().flat_map(|o| o.hazards.clone()).collect();
    hazards.sort();
    hazards.dedup();
    let looks = operations.iter().flat_map(|o| o.ahead.looks.clone()).collect();
    let rule = operations.iter().find_map(|o| o.ahead.rule.clone());
    Segment {
        does: operations.iter().map(|o| o.does.clone()).collect(),
        looks,
        rule,
        locks: merged(operations.iter().flat_map(|o| o.locks.clone()), made),
        each: if operations.len() > 1 { operations.iter().map(|o| each(o, made)).collect() } else { Vec::new() },
        steps: operations.into_iter().flat_map(|o| o.steps).collect(),
        hazards,
        back,
        revive,
        absorb: false,
        leaves: BTreeMap::new(),
    }
}

fn each(operation: &Operation, made: &BTreeSet<ObjectId>) -> OperationSummary {
    OperationSummary { locks: merged(operation.locks.clone(), made), back: operation.inverse.kind }
}
