//! Compares two readings of the shadow, and names what no reading of it can show.
use crate::model::{Attribute, Object, ObjectId, State, Weight};
use crate::shadow::runs_as_its_owner;
use std::collections::BTreeSet;

/// Tells the differences between two readings of the shadow, in words; but for what is carried along, as positions of
/// columns are.
#[must_use]
pub fn difference(a: &State, b: &State) -> Vec<String> {
    let ids: BTreeSet<&ObjectId> = a.objects.keys().chain(b.objects.keys()).collect();
    ids.into_iter().filter_map(|id| one(id, a.get(id), b.get(id))).collect()
}

fn one(id: &ObjectId, a: Option<&Object>, b: Option<&Object>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let (left, right) = (compared(a), compared(b));
            if left == right {
                return None;
            }
            let named = |list: &[Attribute], other: &[Attribute]| -> Vec<String> {
                list.iter()
                    .filter(|x| !other.contains(x))
                    .map(|x| format!("{} = {}", x.name, x.value.shown()))
                    .collect()
            };
            Some(format!("{id}: {} instead of {}", named(&right, &left).join(", "), named(&left, &right).join(", ")))
        }
        (Some(_), None) => Some(format!("{id} is missing")),
        (None, Some(_)) => Some(format!("{id} is there")),
        (None, None) => None,
    }
}

fn compared(object: &Object) -> Vec<Attribute> {
    let mut attributes = object.attributes();
    // A function that runs as its owner belongs to the shadow's own role, whose rights stand in its list.
    let is_the_shadows = object.definition().is_some_and(runs_as_its_owner);
    attributes.retain(|a| a.weight != Weight::Out && !(is_the_shadows && matches!(a.name, "owner" | "grants")));
    attributes
}

/// Tells what the shadow cannot show of a function that runs as its owner: there it is the shadow's own role's.
pub(super) fn unseen_access(before: &State, after: &State) -> Vec<String> {
    let access = |object: &Object| (object.head.owner.clone(), object.head.privileges.clone());
    // Of a new one, nothing was known before.
    let changes = |(id, object): &(&ObjectId, &Object)| {
        object.definition().is_some_and(runs_as_its_owner)
            && before.get(id).map(access).unwrap_or_default() != access(object)
    };
    let says = |(id, _): (&ObjectId, &Object)| {
        format!(
            "owner and privileges of {} {}: it runs as its owner, and there it is the shadow's own role's",
            id.word(),
            id.short()
        )
    };
    after.objects.iter().filter(changes).map(says).collect()
}
