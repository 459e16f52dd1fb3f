//! Puts a change of types, and all that makes way for it, into one transaction.
use super::format::{Hazard, HazardKind};
use super::operation::{Context, Grouping, Operation, Resource, stands_on_retyped};
use crate::model::ObjectId;
use std::collections::{BTreeMap, BTreeSet};

/// Unites the groups of what is made anew with those of the columns that it stands on and that get another type: a view
/// over two of them, a foreign key between them. Of several groups that of the views goes before, then the first.
pub(super) fn unite(context: &Context<'_>, views: Option<&ObjectId>, operations: &mut [Operation]) {
    if context.retyped.is_empty() {
        return;
    }
    let group = |operation: &Operation| match &operation.grouping {
        Grouping::Group(group) => Some(*group),
        Grouping::Shared | Grouping::Alone => None,
    };
    take_in(context, operations);
    // What is changed where it stands, by group; and whether its type is.
    let mut changed: BTreeMap<ObjectId, (ObjectId, bool)> = BTreeMap::new();
    for operation in operations.iter() {
        let Some(group) = group(operation) else { continue };
        let gone = operation.destroys.iter().filter_map(before);
        let own = gone.filter(|id| operation.makes.contains(&Resource::After(**id))).copied();
        let is_type = own.clone().any(|id| context.retyped.contains_key(&id));
        changed.extend(own.map(|id| (id, (group, is_type))));
    }
    let mut united = United::default();
    for operation in operations.iter() {
        let Some(own) = group(operation) else { continue };
        for id in operation.destroys.iter().filter_map(before).filter(|id| context.after.has(id)) {
            let is_remade = stands_on_retyped(context, id);
            let needs = context.before_names.needs(id).into_iter().chain(context.after_names.needs(id));
            let on = needs.filter_map(|need| changed.get(&need)).filter(|(_, is_type)| *is_type || is_remade);
            on.for_each(|(other, _)| united.join(own, *other));
        }
    }
    let names = united.names(views);
    for operation in operations.iter_mut() {
        if let Grouping::Group(group) = &mut operation.grouping
            && let Some(name) = names.get(group)
        {
            *group = *name;
        }
    }
    tell_once(context, operations);
}

/// Leaves out that a table is held while its constraints are looked at, where it is held while it is written anew.
fn tell_once(context: &Context<'_>, operations: &mut [Operation]) {
    let is_type_change = |operation: &Operation| context.retyped.contains_key(&operation.subject);
    let is_long = |hazard: &&Hazard| hazard.hazard == HazardKind::LongLock;
    let told = operations.iter().filter(|operation| is_type_change(operation)).flat_map(|o| &o.hazards);
    let told: BTreeSet<ObjectId> = told.filter(is_long).map(|hazard| hazard.object).collect();
    for operation in operations.iter_mut().filter(|operation| !is_type_change(operation)) {
        operation.hazards.retain(|hazard| !is_long(&hazard) || !told.contains(&hazard.object));
    }
}

/// Takes into a group what pulls away from under what is made again in it: the default of another column of an index.
fn take_in(context: &Context<'_>, operations: &mut [Operation]) {
    let mut used: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
    for operation in operations.iter() {
        let Grouping::Group(group) = &operation.grouping else { continue };
        for id in operation.destroys.iter().filter_map(before).filter(|id| context.after.has(id)) {
            if stands_on_retyped(context, id) {
                used.extend(context.before_names.needs(id).into_iter().map(|need| (need, *group)));
            }
        }
    }
    for operation in operations.iter_mut().filter(|operation| operation.grouping == Grouping::Shared) {
        let group = operation.destroys.iter().filter_map(before).find_map(|id| used.get(id));
        operation.grouping = group.map_or(Grouping::Shared, |group| Grouping::Group(*group));
    }
}

fn before(resource: &Resource) -> Option<&ObjectId> {
    if let Resource::Before(id) = resource { Some(id) } else { None }
}

/// Groups that are one.
#[derive(Default)]
struct United(Vec<BTreeSet<ObjectId>>);

impl United {
    fn join(&mut self, a: ObjectId, b: ObjectId) {
        let (mut one, others): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|set| set.contains(&a) || set.contains(&b));
        one.push(BTreeSet::from([a, b]));
        self.0 = others;
        self.0.push(one.into_iter().flatten().collect());
    }

    /// The name that each group has by now.
    fn names(self, views: Option<&ObjectId>) -> BTreeMap<ObjectId, ObjectId> {
        let name = |set: &BTreeSet<ObjectId>| views.filter(|id| set.contains(id)).or(set.first()).copied();
        let all = self.0.into_iter().filter_map(|set| Some((name(&set)?, set)));
        all.flat_map(|(name, set)| set.into_iter().map(move |id| (id, name))).collect()
    }
}
