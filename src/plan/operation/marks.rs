//! What a table says of one of its indexes: that rows are clustered by it, or known by it to subscribers.
use super::super::format::{Held, Lock, LockMode};
use super::super::sql::index_marks;
use super::support::lock;
use crate::model::{ObjectId, Qualified, RelationName, ReplicaIdentity, State};

/// The marks of an index, for another that takes its place: they are gone with the first.
pub(super) struct Marks {
    pub(super) steps: Vec<String>,
    pub(super) locks: Vec<Lock>,
}

pub(super) fn marks(state: &State, table: &Qualified, index: &RelationName) -> Marks {
    let mut marks = Marks { steps: Vec::new(), locks: Vec::new() };
    let Some(object) = state.table(table) else { return marks };
    marks.steps = index_marks(table, object, index.as_str());
    let mode = match &object.replica_identity {
        ReplicaIdentity::Index(of) if of == index => LockMode::AccessExclusive,
        ReplicaIdentity::Index(_) | ReplicaIdentity::Default | ReplicaIdentity::Full | ReplicaIdentity::Nothing => {
            LockMode::ShareUpdateExclusive
        }
    };
    if !marks.steps.is_empty() {
        marks.locks.push(lock(&ObjectId::Table(table.clone()), mode, Held::Moment));
    }
    marks
}
