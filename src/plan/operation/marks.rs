//! Keeps what a table says of one of its indexes (clustered on, replica identity) while the index is made anew.
use super::super::format::{Held, Lock, LockMode};
use super::super::problem::Problem;
use super::super::sql::index_marks;
use super::context::Context;
use super::support::lock;
use crate::diff::{Change, What};
use crate::model::{Body, ObjectId, Qualified, RelationName, ReplicaIdentity, State};

/// The statements that mark the index in a state, and what they lock.
pub(super) fn of(state: &State, table: &Qualified, index: &RelationName) -> (Vec<String>, Vec<Lock>) {
    let Some(marks) = state.marks(table) else { return (Vec::new(), Vec::new()) };
    let sql = index_marks(table, marks, index);
    let identifies = *marks.identity == ReplicaIdentity::Index(*index);
    let mode = if identifies { LockMode::AccessExclusive } else { LockMode::ShareUpdateExclusive };
    let locks = if sql.is_empty() { Vec::new() } else { vec![lock(&state.indexed(table), mode, Held::Moment)] };
    (sql, locks)
}

/// Lock that marking an index takes on the index itself, which has another name until then.
pub(super) fn on_marked(state: &State, table: &Qualified, (index, now): (&Qualified, &Qualified)) -> Lock {
    let identity = state.marks(table).map(|marks| marks.identity);
    let mode = match identity {
        Some(ReplicaIdentity::Index(name)) if *name == index.name => LockMode::Share,
        _ => LockMode::ShareUpdateExclusive,
    };
    lock(&ObjectId::index(*now), mode, Held::Moment)
}

/// Tells whether the index that a table was clustered on goes: the mark goes with it, and comes back with it.
pub(in super::super) fn clustered_on_goes(context: &Context<'_>, id: &ObjectId) -> bool {
    let Some(table) = id.qualified() else { return false };
    let clustered = |state: &State| state.marks(&table).and_then(|marks| marks.clustered_on);
    clustered(context.after).is_none()
        && clustered(context.before).is_some_and(|index| !context.after.has_index_on(&table, &index))
}

/// Problem of a table that could not tell its subscribers any more which row is meant: without the index that does,
/// `update` and `delete` of a published table fail.
pub(in super::super) fn identity_problem(context: &Context<'_>, change: &Change) -> Option<Problem> {
    let is_index = matches!(context.before.body(&change.id), Some(Body::Index(_) | Body::Key(_)));
    if !is_index || matches!(change.what, What::Created | What::Renamed { .. }) {
        return None;
    }
    let table = context.before.table_of(&change.id)?;
    let ReplicaIdentity::Index(index) = context.after.marks(&table)?.identity else { return None };
    if context.after.has_index_on(&table, index) {
        return None;
    }
    let id = context.after.indexed(&table);
    let message =
        format!("index {index} is the replica identity of {} {}, and is no longer declared", id.word(), id.short());
    let help = "declare it again: pgform cannot change a table's replica identity yet, and without one updates and \
                deletes of a published table fail";
    Some(Problem { help: Some(help.to_owned()), ..Problem::not_yet(&id, message) })
}
