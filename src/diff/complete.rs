//! Completes a declaration to the desired state, with what it leaves to others.
use super::{
    head,
    kind::{Kind, SaidOf},
    partition,
};
use crate::model::{Body, Object, ObjectId, ObjectKind, Qualified, State, routine_name, same_kind};
use std::collections::{BTreeMap, BTreeSet};

/// Tells whether a declaration says an attribute of an object itself, at its default too.
pub type Said<'a> = &'a dyn Fn(&ObjectId, &str) -> bool;

/// Makes the desired state: the declaration, and from the chain's head what a declaration does not say: opaque objects,
/// and attributes where silence means "not managed" (owners, privileges, storage and the like). What it says is what is
/// wanted, though it be the default.
#[must_use]
pub fn complete(head: &State, declared: State, said: Said<'_>) -> State {
    let mut objects = partition::with_known_names(head, declared, said).objects;
    let carried = carried_views(head, &objects);
    for (id, before) in &head.objects {
        match objects.get_mut(id) {
            Some(object) => inherit(id, before, object, &|name| said(id, name)),
            None if before.is_carried() || is_or_is_on(id, before, &carried) => {
                objects.insert(*id, before.clone());
            }
            None => {}
        }
    }
    keep_access_of_aggregates(head, &mut objects);
    objects.iter_mut().for_each(|(id, object)| head::forget_nobodys(id, &mut object.head));
    let mut state = State { objects };
    place_new_columns(head, &mut state);
    forget_lost_marks(&mut state);
    state
}

/// Gives an aggregate the owner and the privileges that it had while its arguments had other names: these are a part of
/// its identity, so that it is made as another object, in the place of the one that goes.
fn keep_access_of_aggregates(head: &State, objects: &mut BTreeMap<ObjectId, Object>) {
    let first = ObjectId::first_of(ObjectKind::Aggregate);
    let is_one = |id: &ObjectId| id.is(ObjectKind::Aggregate);
    let all = head.objects.range(first..).take_while(|(id, _)| is_one(id));
    let gone: BTreeMap<ObjectId, &Object> =
        all.filter(|(id, _)| !objects.contains_key(id)).map(|(id, object)| (routine_name(id), object)).collect();
    let new = objects.range_mut(first..).take_while(|(id, _)| is_one(id)).filter(|(id, _)| !head.has(id));
    for (id, object) in new {
        if let Some(before) = gone.get(&routine_name(id)) {
            head::inherit(id, &before.head, object);
        }
    }
}

/// Gives owners all rights where a declaration says all privileges on an object, and does not name its owner; a recorded
/// state whose owner is not named has an owner without rights.
pub fn keep_owners(head: &State, declared: &mut State) {
    follow_tables(head, &mut declared.objects);
    for (id, object) in &mut declared.objects {
        head::keep_owners(id, head.get(id).map(|before| &before.head), &mut object.head);
    }
}

/// Gives sequences that columns own the owners of their tables: PostgreSQL keeps them together. One that is there and
/// whose table says nothing keeps its own.
fn follow_tables(head: &State, objects: &mut BTreeMap<ObjectId, Object>) {
    let owner_of = |id: &ObjectId, object: &Object| {
        let Body::Sequence(sequence) = &object.body else { return None };
        let table = ObjectId::table(sequence.owned_by.as_ref()?.0);
        let known = head.get(&table).filter(|_| !head.has(id));
        let owner = objects.get(&table).and_then(|table| table.head.owner.as_ref());
        let owner = owner.or_else(|| known?.head.owner.as_ref())?;
        object.head.owner.is_none().then(|| (*id, owner.clone()))
    };
    let owners: Vec<(ObjectId, String)> = objects.iter().filter_map(|(id, object)| owner_of(id, object)).collect();
    for (id, owner) in owners {
        objects.entry(id).and_modify(|object| object.head.owner = Some(owner));
    }
}

/// Materialized views that were carried along, and are not declared since.
fn carried_views(head: &State, declared: &BTreeMap<ObjectId, Object>) -> BTreeSet<Qualified> {
    let of = |(id, object): (&ObjectId, &Object)| {
        let carried = object.view().is_some_and(|view| view.carried) && !declared.contains_key(id);
        id.qualified().filter(|_| carried)
    };
    head.objects.iter().filter_map(of).collect()
}

/// Tells whether an object is one of these views, or an index on one.
fn is_or_is_on(id: &ObjectId, object: &Object, views: &BTreeSet<Qualified>) -> bool {
    if let Body::Index(index) = &object.body {
        return views.contains(&index.table);
    }
    id.is(ObjectKind::View) && id.qualified().is_some_and(|name| views.contains(&name))
}

/// Gives the state with what it does not say taken from what is there: for comparing a state that plans made with a
/// live one. Nothing that is only there is added.
#[must_use]
pub fn with_unsaid(state: &State, there: &State) -> State {
    let mut state = state.clone();
    for (id, object) in &mut state.objects {
        let Some(before) = there.get(id) else { continue };
        // A minimum is the declaration's; a live extension has a version.
        if let (Body::Extension(a), Body::Extension(b)) = (&before.body, &mut object.body) {
            b.minimum.clone_from(&a.minimum);
        }
        inherit(id, before, object, &|_| false);
    }
    state
}

fn inherit(id: &ObjectId, before: &Object, after: &mut Object, said: SaidOf<'_>) {
    // A definition that is carried along is never compared here: where its declared text is another one, the caller asks
    // the shadow.
    if before.definition().is_some() && after.definition().is_some_and(|definition| definition.carried) {
        return after.clone_from(before);
    }
    // A body of another kind than what was there takes nothing of it.
    same_kind!((&before.body, &mut after.body), (a, b) => Kind::inherit(a, b, id, said), else => return);
    head::inherit(id, &before.head, after);
}

/// Forgets that a table, or a materialized view, was clustered on an index which is no more.
fn forget_lost_marks(state: &mut State) {
    let gone: Vec<ObjectId> = state
        .objects
        .iter()
        .filter(|(id, object)| {
            let of_table = if let Body::Table(table) = &object.body { table.clustered_on } else { None };
            let clustered_on = of_table.or_else(|| object.view()?.clustered_on);
            id.qualified().zip(clustered_on).is_some_and(|(name, index)| !state.has_index_on(&name, &index))
        })
        .map(|(id, _)| *id)
        .collect();
    for id in gone {
        match state.body_mut(&id) {
            Some(Body::Table(table)) => table.clustered_on = None,
            Some(Body::View(view)) => view.clustered_on = None,
            _ => {}
        }
    }
}

/// Places new columns behind the existing ones, in the order of the declaration: that is where PostgreSQL puts them.
fn place_new_columns(head: &State, state: &mut State) {
    let mut last: BTreeMap<_, u32> = BTreeMap::new();
    for (id, object) in &head.objects {
        if let (Some((table, _)), Body::Column(column)) = (id.as_column(), &object.body) {
            let position = last.entry(table).or_default();
            *position = column.position.max(*position);
        }
    }
    for (id, object) in &mut state.objects {
        if let (Some((table, _)), Body::Column(column)) = (id.as_column(), &mut object.body)
            && !head.has(id)
            && let Some(offset) = last.get(&table)
        {
            column.position += offset;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fragment, Index, View};

    #[test]
    fn a_materialized_view_that_was_carried_along_stays_until_it_is_declared() {
        let name = Qualified::new("public", "m");
        let (view, index) = (ObjectId::view(name), ObjectId::index(Qualified::new("public", "m_a_idx")));
        let of = |carried| View { materialized: true, carried, ..View::of_query(Fragment::written("select 1 as a")) };
        let indexed = |carried| State {
            objects: [(view, Body::View(of(carried)).into()), (index, Body::Index(Index::of_table(name)).into())]
                .into(),
        };
        let silent = |_: &ObjectId, _: &str| false;
        assert_eq!(complete(&indexed(true), State::default(), &silent), indexed(true));
        assert_eq!(complete(&indexed(false), State::default(), &silent), State::default());
        // Declared without its index, it loses that.
        let declared = State { objects: [(view, Body::View(of(false)).into())].into() };
        assert_eq!(complete(&indexed(true), declared.clone(), &silent), declared);
    }
}
