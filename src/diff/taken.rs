//! Names that a rename takes from what had them.
use crate::model::{ObjectId, ObjectKind, Occupied, Rename, State, aside_name, occupied, renamed_id};
use std::collections::BTreeSet;

/// Whoever has the name that a rename gives leaves it: it goes aside at the same moment, and is dropped under that name.
/// So nobody finds the name missing in between, and a value is never read as another's.
#[must_use]
pub fn set_aside(head: &State, renames: &[Rename]) -> Vec<Rename> {
    if renames.is_empty() {
        return Vec::new();
    }
    let mut all = renames.to_vec();
    // A table that goes aside takes its keys with it: their names are looked at once it has its own.
    for outer in [true, false] {
        let taken: BTreeSet<Occupied> = all
            .iter()
            .filter(|r| !goes_aside(r))
            .flat_map(|rename| {
                let old = head.objects.iter().find(|(id, _)| renamed_id(id, &all) == rename.to);
                old.map(|(_, object)| occupied(&rename.to, object)).unwrap_or_default()
            })
            .collect();
        let mut found = Vec::new();
        for (id, object) in head.objects.iter().filter(|(id, _)| is_outer(id) == outer) {
            let now = through_outer(id, &all);
            let stays = !all.iter().any(|r| r.from == now);
            if stays
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

/// Whether a rename makes way for another.
#[must_use]
pub fn goes_aside(rename: &Rename) -> bool {
    aside(&rename.from, "taken over").as_ref() == Some(&rename.to)
}

/// The same object under a name that is nobody's. Only what can be renamed has one.
#[must_use]
pub fn aside(id: &ObjectId, seed: &str) -> Option<ObjectId> {
    let can_be_renamed = !id.kind().is_carried() && !id.is(ObjectKind::Extension);
    if can_be_renamed { id.renamed(aside_name(seed, id)) } else { None }
}

fn is_outer(id: &ObjectId) -> bool {
    id.depth() < 2 && !id.is(ObjectKind::Index)
}

/// Its identity once what it is named through has its new name, its own rename not yet run.
fn through_outer(id: &ObjectId, renames: &[Rename]) -> ObjectId {
    let own = id.depth();
    let outer: Vec<Rename> = renames.iter().filter(|r| r.depth() < own).cloned().collect();
    renamed_id(id, &outer)
}
