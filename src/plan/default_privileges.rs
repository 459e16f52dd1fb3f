//! Holds new objects against default privileges: those of the later state are there when an object is made, and give nothing
//! that its declaration does not give.
use super::operation::{Context, Milestone, Operation, Resource, beyond, steps};
use super::order::{Bundle, Cycle, order};
use crate::diff::{Change, What};
use crate::model::{DefaultsOf, NewObjects, Object, ObjectId, SchemaName, State};
use std::collections::{BTreeMap, BTreeSet};

/// Default privileges that change, by the objects that they are for and the schema, if they are of one.
type Changed = BTreeMap<(NewObjects, Option<SchemaName>), Vec<ObjectId>>;

/// Lets what is made wait for the default privileges that change in the same plan, so that it is made under those of the
/// later state; and takes away from it what they give beyond its declaration. What goes, and has the privileges that they gave
/// it as far as anybody knows, goes before they change: it comes back under those that there were.
pub(super) fn meet_new_objects(context: &Context<'_>, changes: &[Change], operations: &mut [Operation]) {
    let mut changed = Changed::new();
    for (id, of) in changes.iter().filter_map(|change| Some((change.id, DefaultsOf::of(&change.id)?))) {
        changed.entry((of.on, of.schema)).or_default().push(id);
    }
    let created =
        |id: &ObjectId| changes.binary_search_by_key(id, |c| c.id).is_ok_and(|at| changes[at].what == What::Created);
    let mut first: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    for operation in operations.iter_mut() {
        let makes =
            operation.makes.iter().find_map(|made| if let Resource::After(id) = made { of_new(id) } else { None });
        let ends =
            operation.destroys.iter().find_map(|gone| if let Resource::Before(id) = gone { of_new(id) } else { None });
        let beyond = |id: &ObjectId, state: &State| {
            steps(state.get(id).map(|object| beyond(context, id, &object.head)).unwrap_or_default())
        };
        match (makes, ends) {
            (Some((id, on)), None) => {
                let of_these = for_object(&changed, &id, on).filter(|_| created(&id));
                let needs = of_these.flat_map(|id| [Resource::After(*id), Resource::OwnName(*id)]);
                operation.needs.extend(needs);
                operation.steps.extend(beyond(&id, context.after));
            }
            (None, Some((id, on))) => {
                let again = beyond(&id, context.before);
                operation.inverse.parts.last_mut().into_iter().for_each(|part| part.steps.extend(again.clone()));
                if context.before.get(&id).is_some_and(is_nobodys) {
                    operation.makes.push(Resource::Halfway(id, Milestone::GoneFirst));
                    for of in for_object(&changed, &id, on) {
                        first.entry(*of).or_default().insert(id);
                    }
                }
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for operation in operations {
        let gone = first.get(&operation.subject).into_iter().flatten();
        operation.needs.extend(gone.map(|id| Resource::Halfway(*id, Milestone::GoneFirst)));
    }
}

/// Says that nothing is known of whose an object is and who may use it.
fn is_nobodys(object: &Object) -> bool {
    object.head.owner.is_none() && object.head.privileges.is_none()
}

/// An object that default privileges are for when it is made.
fn of_new(id: &ObjectId) -> Option<(ObjectId, NewObjects)> {
    NewObjects::with(id.kind()).map(|on| (*id, on))
}

/// Default privileges among these that are for an object when it is made.
fn for_object<'c>(changed: &'c Changed, id: &ObjectId, on: NewObjects) -> impl Iterator<Item = &'c ObjectId> {
    let home = id.home().filter(|_| on.live_in_schemas());
    let places = [Some(None), home.map(Some)].into_iter().flatten();
    places.filter_map(move |place| changed.get(&(on, place))).flatten()
}

/// Orders operations. That something goes before default privileges change is given up where it has to wait for what is made
/// after that: a function for the overload that takes its place.
///
/// # Errors
/// The operations of a circle.
pub(super) fn ordered(operations: Vec<Operation>) -> Result<Vec<Bundle>, Cycle> {
    let waits = |need: &Resource| matches!(need, Resource::Halfway(_, Milestone::GoneFirst));
    if !operations.iter().any(|operation| operation.needs.iter().any(waits)) {
        return order(operations);
    }
    let mut without = operations.clone();
    without.iter_mut().for_each(|operation| operation.needs.retain(|need| !waits(need)));
    order(operations).or_else(|_| order(without))
}
