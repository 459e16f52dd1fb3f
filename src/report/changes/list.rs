//! List of the changes of a plan, in the order of a review: by relation, and in each as a declaration reads.
use super::{
    Words,
    detail::{brief, differences, kind},
    joined,
};
use crate::{
    diff::{Change as Found, Diff, What, goes_aside},
    model::{Body, Object, ObjectId, ObjectKind, Rename, State, quote, renamed_id},
    report::words::kinds,
    store::{Mark, PlannedChange},
};
use std::collections::{BTreeMap, BTreeSet};

/// Changes between two states, in the order of the review: by relation, and in each as its declaration reads: columns
/// in their order, keys, checks, indexes.
#[must_use]
pub fn changes(before: &State, after: &State, diff: &Diff, renames: &[Rename], words: &Words) -> Vec<PlannedChange> {
    let of_parent = |r: &Rename| {
        let above = r.to.as_column().and_then(|_| after.part_above(&r.to));
        above.is_some_and(|above| renames.iter().any(|other| other.to == above))
    };
    let renamed = renames.iter().filter(|r| !goes_aside(r) && !of_parent(r)).map(|r| PlannedChange {
        does: Mark::Altered,
        object: r.to,
        kind: after.get(&r.to).and_then(kind).map(str::to_owned),
        under: under(&r.to, after),
        detail: format!("renamed from {}", words.sql(&renamed_from(r))),
    });
    let dropped: BTreeSet<ObjectId> =
        diff.changes.iter().filter(|c| matches!(c.what, What::Dropped)).map(|c| c.id).collect();
    let parts = PartCounts::of(&dropped, before);
    let by_id: BTreeMap<ObjectId, &Found> = diff.changes.iter().map(|change| (change.id, change)).collect();
    let shown = diff.changes.iter().filter(|c| table_of(&c.id, before).is_none_or(|table| !dropped.contains(&table)));
    let shown = shown.filter(|change| !is_told_above((before, after), &by_id, change, words));
    // A rename is told before what else changes.
    let renamed = renamed.map(|change| (false, change));
    let mut out: Vec<(bool, PlannedChange)> =
        renamed.chain(shown.map(|c| (true, one((before, after), &parts, c, words)))).collect();
    out.sort_by_cached_key(|(later, change)| (place(change, before, after), *later));
    let mut out: Vec<PlannedChange> = out.into_iter().map(|(_, change)| change).collect();
    // An object set aside for a rename is told under its old name.
    let back = renames.iter().filter(|r| goes_aside(r)).map(|r| Rename { from: r.to, to: r.from });
    let back: Vec<Rename> = back.collect();
    for change in &mut out {
        change.object = renamed_id(&change.object, &back);
        change.under = change.under.as_ref().map(|under| renamed_id(under, &back));
        for rename in &back {
            let name = |id: &ObjectId| quote(id.own_name());
            change.detail = change.detail.replace(&name(&rename.from), &format!("the old {}", name(&rename.to)));
        }
    }
    out
}

/// Old name in a rename: with its schema, or by its own name alone where it is part of a table, or a routine.
fn renamed_from(rename: &Rename) -> String {
    let whole = rename.from.table_of().is_none_or(|table| ObjectId::table(table) == rename.from);
    let routine = rename.from.kind().is_routine();
    if whole && !routine { rename.from.sql() } else { quote(rename.from.own_name()) }
}

fn under(id: &ObjectId, state: &State) -> Option<ObjectId> {
    match state.body(id) {
        Some(Body::Index(index)) => Some(state.indexed(&index.table)),
        _ => None,
    }
}

/// Table that an object is a part of, if it is one.
fn table_of(id: &ObjectId, state: &State) -> Option<ObjectId> {
    under(id, state).or_else(|| id.table_of().map(ObjectId::table).filter(|table| table != id))
}

fn one((before, after): (&State, &State), parts: &PartCounts, change: &Found, words: &Words) -> PlannedChange {
    let (does, state) = match &change.what {
        What::Created => (Mark::Created, after),
        What::Dropped => (Mark::Dropped, before),
        What::Altered(_) | What::Renamed { .. } => (Mark::Altered, after),
    };
    let object = state.get(&change.id);
    let detail = match (&change.what, before.get(&change.id), after.get(&change.id)) {
        (What::Altered(found), Some(a), Some(b)) => joined(&differences(&change.id, (a, b), found, words)),
        (What::Dropped, Some(Object { body: Body::Table(_), head: _ }), _) => parts.words(&change.id),
        _ => object.map(|o| brief(o, words)).unwrap_or_default(),
    };
    PlannedChange {
        does,
        object: change.id,
        kind: object.and_then(kind).map(str::to_owned),
        under: under(&change.id, state),
        detail,
    }
}

/// Tells whether the change of a partition's part is told by that of its parent's, or by the partition's own.
fn is_told_above(
    (before, after): (&State, &State),
    changes: &BTreeMap<ObjectId, &Found>,
    change: &Found,
    words: &Words,
) -> bool {
    let Some(above) = after.part_above(&change.id).or_else(|| before.part_above(&change.id)) else { return false };
    let parts = PartCounts::default();
    let told = |change: &Found| one((before, after), &parts, change, words).detail;
    let has_head = after.get(&change.id).is_some_and(|object| object.head.comment.is_some());
    let is_new = table_of(&change.id, after).is_some_and(|table| !before.has(&table));
    match (&change.what, changes.get(&above)) {
        (What::Created, _) if is_new => {
            !has_head && (!change.id.is(ObjectKind::Column) || has_from_parent(after, &change.id, &above))
        }
        (What::Created, Some(Found { what: What::Created, id: _ })) => !has_head,
        (What::Dropped, Some(Found { what: What::Dropped, id: _ })) => true,
        (What::Altered(own), Some(of_above @ Found { what: What::Altered(list), id: _ })) => {
            own == list && told(change) == told(of_above)
        }
        (What::Created | What::Dropped | What::Altered(_) | What::Renamed { .. }, _) => false,
    }
}

/// Tells whether a partition's column is what it has from its parent's.
fn has_from_parent(after: &State, column: &ObjectId, above: &ObjectId) -> bool {
    let body = |id: &ObjectId| if let Some(Body::Column(column)) = after.body(id) { Some(column) } else { None };
    body(column).zip(body(above)).is_some_and(|(own, parent)| own.is_beneath(parent))
}

/// Counts of the parts of tables, by table: each with the word of its kind, in the order of a review.
#[derive(Debug, Default)]
pub struct PartCounts(BTreeMap<ObjectId, BTreeMap<(u8, String), usize>>);

impl PartCounts {
    /// Counts the parts of these tables, in one go.
    #[must_use]
    pub fn of(tables: &BTreeSet<ObjectId>, state: &State) -> Self {
        let mut out = Self::default();
        if tables.is_empty() {
            return out;
        }
        for (id, object) in &state.objects {
            let Some(table) = table_of(id, state).filter(|table| tables.contains(table)) else { continue };
            let word = kind(object).unwrap_or_else(|| id.word());
            *out.0.entry(table).or_default().entry((rank(id, Some(object)), word.to_owned())).or_default() += 1;
        }
        out
    }

    /// The parts of a table in words: `with 6 columns, 1 index`; empty where it has none.
    #[must_use]
    pub fn words(&self, table: &ObjectId) -> String {
        let counts = self.0.get(table).into_iter().flatten().map(|((_, word), n)| kinds(*n, word));
        let counts: Vec<String> = counts.collect();
        if counts.is_empty() { String::new() } else { format!("with {}", counts.join(", ")) }
    }
}

/// Sort key of a change: its relation, and its place in that.
fn place(change: &PlannedChange, before: &State, after: &State) -> (ObjectId, u8, u32, ObjectId) {
    let state = if change.does == Mark::Dropped { before } else { after };
    let object = state.get(&change.object);
    let whole = change.under.or_else(|| table_of(&change.object, state));
    let position = match object.map(|object| &object.body) {
        Some(Body::Column(column)) => column.position,
        _ => 0,
    };
    let rank = if whole.is_none() { 0 } else { rank(&change.object, object) };
    (whole.unwrap_or(change.object), rank, position, change.object)
}

fn rank(id: &ObjectId, object: Option<&Object>) -> u8 {
    match (id.kind(), object.map(|object| &object.body)) {
        (ObjectKind::Column, _) => 1,
        (_, Some(Body::Key(key))) if key.kind == crate::model::KeyKind::Primary => 2,
        (_, Some(Body::Key(_))) => 3,
        (_, Some(Body::ForeignKey(_))) => 4,
        (_, Some(Body::Check(_) | Body::Exclusion(_))) => 5,
        (_, Some(Body::Index(_))) => 6,
        _ => 7,
    }
}
