//! Finds what has a name that a rename gives, and renames it aside.
use crate::model::{ObjectId, ObjectKind, Occupied, Rename, State, aside_name, occupied, renamed_id};
use std::collections::BTreeSet;

/// Renames of whatever has the name that a rename gives: it goes aside at the same moment, and is dropped under that
/// name. So nobody finds the name missing in between, and a value is never read as another's.
#[must_use]
pub fn set_aside(head: &State, renames: &[Rename]) -> Vec<Rename> {
    if renames.is_empty() {
        return Vec::new();
    }
    let mut all = renames.to_vec();
    // A table that goes aside takes its keys with it: their names are looked at once it has its own.
    for outer in [true, false] {
        let taken = taken(head, &all);
        let leave: BTreeSet<ObjectId> = all.iter().map(|r| r.from).collect();
        let by_depth = by_depth(&all);
        let mut found = Vec::new();
        for (id, object) in head.objects.iter().filter(|(id, _)| is_outer(id) == outer) {
            // What it is named through has its new name, its own rename is not yet run.
            let now = by_depth.get(usize::from(id.depth())).map_or(*id, |outer| renamed_id(id, outer));
            if !leave.contains(&now)
                && occupied(&now, object).iter().any(|name| taken.contains(name))
                && let Some(to) = aside(&now, "taken over")
            {
                found.push(Rename { from: now, to });
            }
        }
        all.extend(found);
    }
    all.split_off(renames.len())
}

/// The names that the renames give, but for those that make way.
fn taken(head: &State, renames: &[Rename]) -> BTreeSet<Occupied> {
    let given: BTreeSet<ObjectId> = renames.iter().filter(|r| !goes_aside(r)).map(|r| r.to).collect();
    let now = head.objects.iter().map(|(id, object)| (renamed_id(id, renames), object));
    now.filter(|(id, _)| given.contains(id)).flat_map(|(id, object)| occupied(&id, object)).collect()
}

/// Renames of what is less deep, for each depth.
fn by_depth(renames: &[Rename]) -> [Vec<Rename>; 3] {
    [0, 1, 2].map(|depth| renames.iter().filter(|r| r.depth() < depth).copied().collect())
}

/// Tells whether a rename makes way for another.
#[must_use]
pub fn goes_aside(rename: &Rename) -> bool {
    aside(&rename.from, "taken over").as_ref() == Some(&rename.to)
}

/// Identity of the object under a name that is nobody's. Only what can be renamed has one.
#[must_use]
pub fn aside(id: &ObjectId, seed: &str) -> Option<ObjectId> {
    let can_be_renamed = !id.kind().is_carried() && !id.is(ObjectKind::Extension);
    if can_be_renamed { id.renamed(aside_name(seed, id)) } else { None }
}

fn is_outer(id: &ObjectId) -> bool {
    id.depth() < 2 && !id.is(ObjectKind::Index)
}
