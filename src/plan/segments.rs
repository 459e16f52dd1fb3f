use super::format::{Back, Held, Lock, LockMode, OperationSummary, Reversibility, Segment};
use super::operation::{Grouping, Operation};
use super::order::Bundle;
use crate::model::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// Cuts the ordered operations into segments. `made` are the relations that the plan itself makes: nobody waits for a
/// lock on them. What is among `absorb` shares with nothing: a database may pass over it.
pub(super) fn segments(bundles: Vec<Bundle>, made: &BTreeSet<ObjectId>, absorb: &BTreeSet<ObjectId>) -> Vec<Segment> {
    let mut out: Vec<(Vec<Operation>, bool)> = Vec::new();
    let absorbed = |operations: &[Operation]| operations.iter().all(|o| absorb.contains(&o.subject));
    for bundle in bundles {
        let shares = bundle.iter().all(|o| o.grouping == Grouping::Shared) && !absorbed(&bundle);
        if shares
            && let Some((current, true)) = out.last_mut()
            && fits(current, &bundle, made)
        {
            current.extend(bundle);
            continue;
        }
        out.push((bundle, shares));
    }
    out.into_iter()
        .map(|(operations, _)| {
            let absorb = absorbed(&operations);
            Segment { absorb, ..segment(operations, made) }
        })
        .collect()
}

/// At most one relation that was there before is strongly locked per segment; a foreign key and its partner are one, so
/// that it goes and comes back in one transaction.
fn fits(current: &[Operation], next: &[Operation], made: &BTreeSet<ObjectId>) -> bool {
    let (a, b) = (strong(current, made), strong(next, made));
    let quick = next
        .iter()
        .chain(current)
        .flat_map(|o| &o.locks)
        .filter(|l| !made.contains(&l.relation))
        .all(|l| l.held == Held::Moment);
    quick && (a.is_empty() || b.is_empty() || a == b)
}

fn strong<'a>(operations: &'a [Operation], made: &BTreeSet<ObjectId>) -> BTreeSet<&'a ObjectId> {
    let locks = operations.iter().flat_map(|o| &o.locks);
    locks.filter(|l| l.mode > LockMode::RowExclusive && !made.contains(&l.relation)).map(|l| &l.relation).collect()
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
