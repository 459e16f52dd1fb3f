//! Cuts the neighbourhood of a change out of a state.
use super::operation::is_inline;
use super::reached::reached;
use super::{Lookup, dependents};
use crate::model::{Body, ObjectId, ObjectKind, Qualified, ReplicaIdentity, State};
use std::collections::BTreeSet;

/// The neighbourhood of a change: the objects, what leans on those that may pull something away, and everything that
/// all of these need to be built. Tables come with their columns, keys and checks; foreign keys and indexes only where
/// they are concerned. This one rule serves settling, proof and guards.
#[must_use]
pub fn neighbourhood(state: &State, of: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let lookup = Lookup::new(state);
    let present: BTreeSet<ObjectId> = of.iter().filter(|id| state.has(id)).cloned().collect();
    let mut start = present.clone();
    let mut frontier = present;
    // Who leans on it, and who leans on those: a view over a view.
    while !frontier.is_empty() {
        let found: BTreeSet<ObjectId> =
            dependents(state, &lookup, &leanable(&frontier)).into_values().flatten().collect();
        frontier = found.difference(&start).cloned().collect();
        start.extend(frontier.iter().cloned());
    }
    // A partition is made and dropped under the foreign keys that point to its parents.
    let above = of.iter().filter_map(ObjectId::as_table).flat_map(|table| state.above(&table)).collect();
    start.extend(state.foreign_keys_to(&above).map(|(id, _)| *id));
    close(state, &lookup, start)
}

/// The objects of the state among these, and everything that they need to be built.
#[must_use]
pub fn needed(state: &State, ids: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let lookup = Lookup::new(state);
    close(state, &lookup, ids.iter().filter(|id| state.has(id)).cloned().collect())
}

/// Schemas and extensions are leaned on by everything: that is not a neighbourhood.
fn leanable(ids: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    ids.iter().filter(|id| !matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension)).cloned().collect()
}

fn close(state: &State, lookup: &Lookup<'_>, start: BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    reached(start, |id| next(state, lookup, &id)).into_iter().filter(|id| state.has(id)).collect()
}

/// Requirements of an object for being built, and what it is built with.
fn next(state: &State, lookup: &Lookup<'_>, id: &ObjectId) -> Vec<ObjectId> {
    let mut out: Vec<ObjectId> = lookup.needs(id).into_iter().collect();
    match (id.kind(), state.body(id)) {
        (_, Some(Body::Table(_))) => {
            let Some(table) = id.qualified() else { return out };
            out.extend(state.columns(&table).into_iter().map(|(c, _)| ObjectId::column(table, c)));
            let inline = state.constraints(&table).filter(|(_, object)| is_inline(object));
            out.extend(inline.map(|(c, _)| ObjectId::constraint(table, c)));
            out.extend(marked(state, &table));
        }
        (_, Some(Body::View(_))) => {
            let name = id.qualified();
            out.extend(name.iter().flat_map(|name| marked(state, name)));
        }
        (_, Some(Body::Sequence(sequence))) => {
            out.extend(sequence.owned_by.iter().map(|(t, c)| ObjectId::column(*t, *c)));
            out.extend(sequence.owned_by.iter().filter_map(|(t, _)| lookup.relation(t).cloned()));
        }
        // PostgreSQL knows nothing of what a body calls: whatever it names may be that.
        (ObjectKind::Function | ObjectKind::Procedure, Some(Body::Definition(routine))) => {
            out.extend(lookup.routines_in(routine.text().unwrap_or_default()));
        }
        _ => {}
    }
    out
}

/// The indexes that a table's own marks name: without them it would be built without the marks.
fn marked<'s>(state: &'s State, table: &'s Qualified) -> impl Iterator<Item = ObjectId> + 's {
    let names = state.marks(table).into_iter().flat_map(|marks| {
        let identity = match marks.identity {
            ReplicaIdentity::Index(name) => Some(*name),
            ReplicaIdentity::Default | ReplicaIdentity::Full | ReplicaIdentity::Nothing => None,
        };
        marks.clustered_on.into_iter().chain(identity)
    });
    names.map(|name| ObjectId::index(Qualified { schema: table.schema, name }))
}

/// The part of a state with these identities.
#[must_use]
pub fn restrict(state: &State, ids: &BTreeSet<ObjectId>) -> State {
    State {
        objects: state.objects.iter().filter(|(id, _)| ids.contains(*id)).map(|(id, o)| (*id, o.clone())).collect(),
    }
}
