//! Follows changes of partitioned tables to their partitions: what one statement makes on all of them.
use super::format::{Lock, LockMode};
use super::operation::{Context, Operation, Resource};
use super::problem::Problem;
use crate::canonical::parse_trigger;
use crate::diff::{Alteration, Change, ColumnChange, What};
use crate::model::{Body, ColumnValue, ObjectId, ObjectKind, Qualified, State};
use std::collections::BTreeMap;

/// The change without what a statement on the table above makes of it; `None` if nothing is left.
pub(super) fn of_its_own(
    context: &Context<'_>,
    changes: &BTreeMap<ObjectId, &Change>,
    change: &Change,
) -> Option<Change> {
    let above = context.after.part_above(&change.id).or_else(|| context.before.part_above(&change.id));
    let Some(above) = above else { return Some(change.clone()) };
    let (was, will) = (context.before.has(&above), context.after.has(&above));
    let is_new = || context.after.table_of(&change.id).is_some_and(|table| context.is_new(&table));
    let what = match &change.what {
        What::Created if is_new() || (!was && will) => return None,
        What::Dropped if was && !will => return None,
        What::Altered(list) => {
            let of_above = changes.get(&above).map(|change| &change.what);
            let of_above = if let Some(What::Altered(list)) = of_above { list.as_slice() } else { &[] };
            let own =
                list.iter().filter(|one| !(of_above.contains(*one) && follows(context, (&above, &change.id), one)));
            What::Altered(own.cloned().collect())
        }
        What::Created | What::Dropped | What::Renamed { .. } => change.what.clone(),
    };
    match &what {
        What::Altered(list) if list.is_empty() => None,
        What::Altered(_) | What::Created | What::Dropped | What::Renamed { .. } => Some(Change { what, ..*change }),
    }
}

/// Tells whether an alteration of the part above reaches this one, and leaves it as it is to be.
fn follows(context: &Context<'_>, (above, own): (&ObjectId, &ObjectId), alteration: &Alteration) -> bool {
    if *alteration != Alteration::Column(ColumnChange::Value) {
        return reaches_partitions(alteration);
    }
    let value = |id| if let Some(Body::Column(column)) = context.after.body(id) { Some(&column.value) } else { None };
    match (value(above), value(own)) {
        (Some(ColumnValue::Identity(_)), Some(ColumnValue::None)) => true,
        (above, own) => above == own,
    }
}

/// Tells whether PostgreSQL makes an alteration of a partitioned table's part on each partition too.
pub(super) fn reaches_partitions(alteration: &Alteration) -> bool {
    matches!(
        alteration,
        Alteration::Column(_) | Alteration::Replaced(_) | Alteration::Validated | Alteration::Carried(_)
    )
}

/// Tells what operations on a part of a partitioned table do to its partitions: they lock them, make and drop their
/// parts, and wait for those that are new.
pub(super) fn spread(context: &Context<'_>, change: &ObjectId, operations: &mut [Operation]) {
    let table = context.after.table_of(change).or_else(|| context.before.table_of(change));
    let Some(table) = table.filter(|table| *change != ObjectId::table(*table)) else { return };
    lock_referenced(context, change, operations);
    if !reaches_beneath(context, change) {
        return;
    }
    let (before, after) = (context.beneath_before.tables(&table), context.beneath_after.tables(&table));
    if before.is_empty() && after.is_empty() {
        return;
    }
    let (there, new): (Vec<_>, Vec<_>) = after.iter().partition(|of| context.before.table(of).is_some());
    let there = before.iter().filter(|of| !there.contains(of)).chain(there.iter().copied());
    let there: Vec<ObjectId> = there.map(|of| ObjectId::table(*of)).collect();
    let is_column = change.as_column().is_some();
    // A new partition is there on the way back of what waited for it.
    let behind: Vec<ObjectId> = new.iter().filter(|_| !is_column).map(|of| ObjectId::table(**of)).collect();
    let of_new = |id: &ObjectId| id.table_of().is_some_and(|table| context.is_new(&table));
    for operation in operations {
        also_lock(&mut operation.locks, &table, &there);
        let by_then: Vec<ObjectId> = there.iter().copied().chain(behind.iter().copied()).collect();
        operation.inverse.parts.iter_mut().for_each(|part| also_lock(&mut part.locks, &table, &by_then));
        let made: Vec<ObjectId> = made_by(operation)
            .flat_map(|id| context.beneath_after.parts(&table, &id))
            .filter(|id| context.after.has(id) && !(is_column && of_new(id)))
            .collect();
        let taken = made_by(operation).filter_map(|id| context.beneath_after.taken.get(&id)).flatten();
        let taken: Vec<Resource> = taken.map(|key| Resource::After(*key)).collect();
        operation.needs.extend(taken);
        // A new partition is made with the columns, whenever they came, and gets the keys and indexes that come behind it.
        if !operation.makes.is_empty() && !is_column {
            operation.needs.extend(new.iter().map(|of| Resource::After(ObjectId::table(**of))));
        }
        // The names are free by then: PostgreSQL would put a number behind one that is not.
        operation.needs.extend(made.iter().filter_map(|id| relation_name(context.after, id)));
        let made = made.into_iter().map(Resource::After).filter(|made| !operation.makes.contains(made));
        operation.makes.extend(made.collect::<Vec<_>>());
        let gone: Vec<ObjectId> = operation
            .destroys
            .iter()
            .filter_map(|gone| if let Resource::Before(id) = gone { Some(id) } else { None })
            .flat_map(|id| context.beneath_before.parts(&table, id))
            .filter(|id| context.before.has(id))
            .collect();
        for id in gone {
            operation.destroys.push(Resource::Before(id));
            operation.destroys.extend(relation_name(context.before, &id));
        }
    }
}

/// Tells whether what happens to a part of a partitioned table happens on its partitions: not to a policy, a rule, or a trigger
/// for each statement.
fn reaches_beneath(context: &Context<'_>, id: &ObjectId) -> bool {
    let Some(object) = context.after.get(id).or_else(|| context.before.get(id)) else { return false };
    let Some(definition) = object.definition() else { return true };
    let by_row = |text: &str| parse_trigger(text).is_ok_and(|trigger| trigger.for_each_row);
    id.is(ObjectKind::Trigger) && definition.text().is_some_and(by_row)
}

/// A foreign key has triggers on each partition of the table that it points to.
fn lock_referenced(context: &Context<'_>, id: &ObjectId, operations: &mut [Operation]) {
    let there = [(context.before, &context.beneath_before), (context.after, &context.beneath_after)];
    for (state, beneath) in there {
        let Some(Body::ForeignKey(key)) = state.body(id) else { continue };
        let partitions = beneath.tables(&key.references).into_iter();
        let partitions: Vec<ObjectId> =
            partitions.filter(|of| context.before.table(of).is_some()).map(ObjectId::table).collect();
        let also_lock = |locks: &mut Vec<Lock>| {
            // Rows are looked for in the table as a whole.
            let referenced = ObjectId::table(key.references);
            if locks.iter().any(|lock| lock.relation == referenced && lock.mode > LockMode::RowExclusive) {
                also_lock(locks, &key.references, &partitions);
            }
        };
        for operation in operations.iter_mut() {
            also_lock(&mut operation.locks);
            operation.inverse.parts.iter_mut().for_each(|part| also_lock(&mut part.locks));
        }
        return;
    }
}

fn made_by(operation: &Operation) -> impl Iterator<Item = ObjectId> + '_ {
    operation.makes.iter().filter_map(|made| if let Resource::After(id) = made { Some(*id) } else { None })
}

/// The name among relations that a key or an index has.
fn relation_name(state: &State, id: &ObjectId) -> Option<Resource> {
    let table = state.table_of(id)?;
    state.body(id)?.part_of().map(|_| Resource::RelationName(table.sibling(id.own_name())))
}

fn also_lock(locks: &mut Vec<Lock>, table: &Qualified, partitions: &[ObjectId]) {
    let table = ObjectId::table(*table);
    if let Some(own) = locks.iter().find(|lock| lock.relation == table).cloned() {
        locks.extend(partitions.iter().map(|relation| Lock { relation: *relation, ..own.clone() }));
    }
}

/// An index of a partitioned table that has a partition's own key as a part, on tables that stay: PostgreSQL drops neither of the
/// two before the other.
pub(super) fn held_problem(context: &Context<'_>, change: &Change) -> Option<Problem> {
    let id = &change.id;
    let stays = context
        .after
        .table_of(id)
        .or_else(|| context.before.table_of(id))
        .is_some_and(|table| !context.is_new(&table) && !context.dropped_tables.contains(&table));
    let taken = context.beneath_before.taken.get(id).or_else(|| context.beneath_after.taken.get(id));
    let key = taken.and_then(|keys| keys.first()).filter(|_| stays)?;
    let acts = matches!(change.what, What::Created | What::Dropped) || change.is_replaced();
    let message = format!(
        "the index {} has the {} {} of a partition as a part, and PostgreSQL drops neither of the two before the other",
        id.short(),
        context.after.word(key),
        key.short()
    );
    let help = "leave both as they are; or give the partition a unique index in the key's place in one plan, and change the rest in the next";
    acts.then(|| Problem { help: Some(help.to_owned()), ..Problem::not_yet(id, message) })
}
