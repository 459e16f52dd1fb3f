use super::{Header, Rename};
use crate::model::{Object, ObjectId, Qualified, SchemaName, State};
use std::{borrow::Cow, collections::BTreeMap};

/// The state behind a plan, from the state before it and its header: renames first, then `after`.
#[must_use]
pub fn fold(before: State, header: &Header) -> State {
    let mut state = renamed(before, &header.renames);
    for (id, object) in &header.after {
        match object {
            Some(object) => state.objects.insert(id.clone(), object.clone()),
            None => state.objects.remove(id),
        };
    }
    state
}

/// The `after:` with which [`fold`] leads from one state exactly to the other.
#[must_use]
pub fn after_between(before: &State, renames: &[Rename], after: &State) -> BTreeMap<ObjectId, Option<Object>> {
    let before = if renames.is_empty() { Cow::Borrowed(before) } else { Cow::Owned(renamed(before.clone(), renames)) };
    let gone = before.objects.keys().filter(|id| !after.has(id)).map(|id| (id.clone(), None));
    let made = after.objects.iter().filter(|(id, object)| before.get(id) != Some(*object));
    gone.chain(made.map(|(id, object)| (id.clone(), Some(object.clone())))).collect()
}

/// The state with other names. From the outside in, and all names of one level at once, so that two may be swapped; what
/// is renamed takes the place of what had the name. Texts inside objects stay as they are: `after` holds what they become.
fn renamed(before: State, renames: &[Rename]) -> State {
    let mut objects = before.objects;
    for level in 0..3 {
        let now: Vec<&Rename> = renames.iter().filter(|r| depth(&r.from) == level).collect();
        if now.is_empty() {
            continue;
        }
        let (mut stay, mut move_to) = (BTreeMap::new(), BTreeMap::new());
        for (id, object) in objects {
            match now.iter().find_map(|rename| follow(&id, rename)) {
                Some(new) => move_to.insert(new, object),
                None => stay.insert(id, object),
            };
        }
        stay.append(&mut move_to);
        objects = stay;
    }
    State { objects }
}

fn depth(id: &ObjectId) -> usize {
    match id {
        ObjectId::Schema(_) | ObjectId::Extension(_) => 0,
        ObjectId::Type(_) | ObjectId::Sequence(_) | ObjectId::Table(_) | ObjectId::Index(_) | ObjectId::View(_) => 1,
        ObjectId::Column(..) | ObjectId::Constraint(..) => 2,
        ObjectId::Opaque(kind, _) => 1 + usize::from(kind.belongs_to_table()),
    }
}

/// The new identity of an object if the rename is its own, or of what it is named through.
fn follow(id: &ObjectId, Rename { from, to }: &Rename) -> Option<ObjectId> {
    if id == from {
        return Some(to.clone());
    }
    match (from, to) {
        (ObjectId::Schema(from), ObjectId::Schema(to)) if id.schema().as_ref() == Some(from) => Some(in_schema(id, to)),
        (ObjectId::Table(from), ObjectId::Table(to)) if id.table().as_ref() == Some(from) => Some(of_table(id, to)),
        _ => None,
    }
}

fn in_schema(id: &ObjectId, schema: &SchemaName) -> ObjectId {
    let at = |q: &Qualified| Qualified { schema: schema.clone(), name: q.name.clone() };
    match id {
        ObjectId::Schema(_) => ObjectId::Schema(schema.clone()),
        ObjectId::Extension(name) => ObjectId::Extension(name.clone()),
        ObjectId::Type(q) => ObjectId::Type(at(q)),
        ObjectId::Sequence(q) => ObjectId::Sequence(at(q)),
        ObjectId::Table(q) => ObjectId::Table(at(q)),
        ObjectId::Column(q, name) => ObjectId::Column(at(q), name.clone()),
        ObjectId::Constraint(q, name) => ObjectId::Constraint(at(q), name.clone()),
        ObjectId::Index(q) => ObjectId::Index(at(q)),
        ObjectId::View(q) => ObjectId::View(at(q)),
        ObjectId::Opaque(kind, parts) => {
            let rest = parts.iter().skip(1).cloned();
            ObjectId::Opaque(*kind, std::iter::once(schema.as_str().to_owned()).chain(rest).collect())
        }
    }
}

fn of_table(id: &ObjectId, table: &Qualified) -> ObjectId {
    match id {
        ObjectId::Column(_, name) => ObjectId::Column(table.clone(), name.clone()),
        ObjectId::Constraint(_, name) => ObjectId::Constraint(table.clone(), name.clone()),
        ObjectId::Opaque(kind, parts) => {
            let names = [table.schema.as_str().to_owned(), table.name.as_str().to_owned()];
            ObjectId::Opaque(*kind, names.into_iter().chain(parts.iter().skip(2).cloned()).collect())
        }
        ObjectId::Schema(_)
        | ObjectId::Extension(_)
        | ObjectId::Type(_)
        | ObjectId::Sequence(_)
        | ObjectId::Table(_)
        | ObjectId::Index(_)
        | ObjectId::View(_) => id.clone(),
    }
}
