//! Makes what operations often hold: steps, locks, hazards, inverses, changes in place.
use super::super::format::{
    BackPart, Condition, Hazard, HazardKind, Held, Lock, LockMode, Reversibility, RunAs, Statement, Step,
};
use super::answer::{Ahead, Grouping, Inverse, Operation, Resource};
use crate::model::ObjectId;

pub(super) fn step(sql: impl Into<String>) -> Step {
    Step::Statement(Statement { sql: sql.into(), run_as: RunAs::Role, probe: None, clear: None })
}

pub(in super::super) fn steps<S: Into<String>>(sql: impl IntoIterator<Item = S>) -> Vec<Step> {
    sql.into_iter().map(step).collect()
}

pub(super) fn lock(relation: &ObjectId, mode: LockMode, held: Held) -> Lock {
    Lock { relation: *relation, mode, held }
}

/// `AccessExclusive` for a moment: what nearly every `alter table` takes.
pub(super) fn exclusive(relation: &ObjectId) -> Vec<Lock> {
    vec![lock(relation, LockMode::AccessExclusive, Held::Moment)]
}

pub(super) fn hazard(hazard: HazardKind, object: &ObjectId, because: impl Into<String>) -> Hazard {
    Hazard { hazard, object: *object, because: because.into() }
}

/// An inverse of one transaction.
pub(super) fn back(kind: Reversibility, conditions: Vec<Condition>, locks: Vec<Lock>, steps: Vec<Step>) -> Inverse {
    Inverse { kind, conditions, parts: vec![BackPart { locks, steps, relief: Vec::new() }], revive: None }
}

/// An exact inverse of one transaction.
pub(super) fn exact(locks: Vec<Lock>, sql: Vec<String>) -> Inverse {
    back(Reversibility::Exact, Vec::new(), locks, steps(sql))
}

/// A change of one object in place that PostgreSQL makes in a moment, and unmakes exactly.
pub(super) struct InPlace {
    pub(super) does: String,
    pub(super) subject: ObjectId,
    pub(super) forward: Vec<String>,
    pub(super) backward: Vec<String>,
    pub(super) locks: Vec<Lock>,
    pub(super) hazards: Vec<Hazard>,
    pub(super) needs: Vec<Resource>,
}

impl InPlace {
    pub(super) fn operation(self) -> Operation {
        let Self { does, subject, forward, backward, locks, hazards, needs } = self;
        Operation {
            does,
            makes: vec![Resource::After(subject)],
            destroys: vec![Resource::Before(subject)],
            subject,
            steps: steps(forward),
            inverse: exact(locks.clone(), backward),
            locks,
            hazards,
            needs,
            grouping: Grouping::Shared,
            ahead: Ahead::none(),
        }
    }
}
