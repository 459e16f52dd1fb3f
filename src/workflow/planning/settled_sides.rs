//! Settling of both sides of a change in one shadow, with their neighbourhoods, before they are compared again.
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::diff::{
    Alteration, Change, ColumnChange, Diff, Hints, What, diff, has_word, renamed_labels, takes_all_columns,
};
use crate::model::{Body, Object, ObjectId, ObjectKind, Qualified, Rename, State, quote, renamed_id};
use crate::plan::{Problem, needed, neighbourhood, restrict};
use crate::shadow::{Bench, BuildError};
use std::collections::BTreeSet;

/// Both sides of a change, settled by one shadow, with their neighbourhoods.
pub(crate) struct Sides {
    /// The state before under its present names, restricted to the neighbourhood.
    pub(crate) old: State,
    /// The state before, the renames run on it, its neighbourhood settled.
    pub(crate) before: State,
    /// The desired state, its neighbourhood settled.
    pub(crate) after: State,
    /// The neighbourhood in the desired state, as the chain keeps it: objects that do not change stay as the head has
    /// them, to the letter. Objects outside of it are the head's anyhow.
    pub(crate) kept: State,
    /// Differences between `before` and `after`.
    pub(crate) diff: Diff,
    /// The neighbourhood of the change, in the desired state's identities.
    pub(crate) around: BTreeSet<ObjectId>,
}

/// Settles the objects that differ, and compares again. `head` has its present names; `before` has the new ones.
pub(crate) async fn settle_sides(
    bench: &mut Bench,
    head: &State,
    (before, after): (&State, &State),
    renames: &[Rename],
    hints: &Hints,
) -> Result<Sides, BuildError> {
    let first = diff(before, after, hints);
    let mut ids = first.ids();
    ids.extend(renames.iter().map(|r| r.to));
    if first.changes.iter().any(takes_members_away) {
        ids.extend(before.objects.iter().filter(|(_, o)| !o.is_carried()).map(|(id, _)| *id));
    }
    ids.extend(wider_views(&first, after));
    // An object whose identity contains a renamed one (a schema, the type of an argument) has a new identity.
    ids.extend(head.objects.keys().filter_map(|id| Some(renamed_id(id, renames)).filter(|now| now != id)));
    ids.extend(naming_schemas(head, renames));
    let around = around(head, (before, after), renames, &ids);
    let old_ids = known_before(head, renames, &around);
    let old = restrict(head, &old_ids);
    let mut settled_before = bench.settle_relabelled(&old, renames, &renamed_labels(before, after, hints)).await?;
    // The texts have the new labels; renaming those of the enums themselves is still a change.
    for (id, object) in settled_before.objects.iter_mut().filter(|(id, _)| hints.renamed_labels.contains_key(id)) {
        if let Some(own) = before.get(id) {
            object.clone_from(own);
        }
    }
    // An opaque object has on the other side the text that the renames left it.
    let mut wanted = restrict(after, &around);
    for (id, object) in &mut wanted.objects {
        if let (Body::Definition(to), Some(Body::Definition(renamed))) = (&mut object.body, settled_before.body(id))
            && to.carried
        {
            to.create.clone_from(&renamed.create);
        }
    }
    let settled_after = match bench.settle(&wanted, &[]).await {
        Ok(settled) => settled,
        Err(refused) => return Err(bench.all_refusals(&wanted, refused).await),
    };
    let plain = before;
    let (before, after) = (laid_over(before, &settled_before), laid_over(after, &settled_after));
    let mut found = diff(&before, &after, hints);
    found.changes.extend(printed_otherwise((&before, &after), &found, &around));
    let made = found.changes.iter().filter(|change| !matches!(change.what, What::Dropped | What::Renamed { .. }));
    let misread = bench.misread_bodies(made.filter_map(|change| after.objects.get_key_value(&change.id))).await?;
    if !misread.is_empty() {
        return Err(BuildError::Problems(misread));
    }
    let kept = kept(plain, &before, &restrict(&after, &around), &found);
    Ok(Sides { old, before, after, kept, diff: found, around })
}

/// Tells whether an extension is dropped. Objects that use it need not name it (an index takes its default operator
/// class): the shadow, which then builds everything, finds them.
fn takes_members_away(change: &Change) -> bool {
    change.id.is(ObjectKind::Extension) && matches!(change.what, What::Dropped)
}

/// Views over a relation that gets a new column, which may mean something else by it though their text stays: they take
/// all columns, or use the new column's name. The shadow finds out which of them really change.
fn wider_views(first: &Diff, after: &State) -> BTreeSet<ObjectId> {
    let new = first.changes.iter().filter(|change| matches!(change.what, What::Created));
    let new: BTreeSet<(Qualified, &str)> =
        new.filter_map(|change| Some((column_of(&change.id)?, *change.id.parts().last()?))).collect();
    let mut wider: BTreeSet<ObjectId> = new.iter().map(|(table, _)| ObjectId::table(*table)).collect();
    let mut out = BTreeSet::new();
    // A view that gets a column makes those over it wider too.
    loop {
        let over =
            |on: &ObjectId| wider.contains(on) || column_of(on).is_some_and(|t| wider.contains(&ObjectId::table(t)));
        let named = |text: &str| new.iter().any(|(_, name)| has_word(text, name) || text.contains(&quote(name)));
        let changes = |(id, object): &(&ObjectId, &Object)| {
            let Body::View(view) = &object.body else { return false };
            !out.contains(*id)
                && object.head.depends_on.iter().any(over)
                && (takes_all_columns(&view.query) || named(view.query.as_written()))
        };
        let found: Vec<ObjectId> = after.objects.iter().filter(changes).map(|(id, _)| *id).collect();
        if found.is_empty() {
            return out;
        }
        wider.extend(found.iter().cloned());
        out.extend(found);
    }
}

/// Objects that are declared as they were, and that a server prints otherwise once a column has another type: each is
/// made again from what is declared.
fn printed_otherwise((before, after): (&State, &State), found: &Diff, around: &BTreeSet<ObjectId>) -> Vec<Change> {
    let retyped = |change: &Change| matches!(&change.what, What::Altered(list) if list.contains(&Alteration::Column(ColumnChange::Type)));
    if !found.changes.iter().any(retyped) {
        return Vec::new();
    }
    let changed = found.ids();
    let texts = |object: &Object| -> Vec<Option<String>> {
        let own = object.definition().and_then(|definition| definition.create.as_ref());
        own.into_iter().chain(object.body.fragments()).map(|text| text.as_settled().map(str::to_owned)).collect()
    };
    let differs = |id: &&ObjectId| match (before.get(id), after.get(id)) {
        (Some(a), Some(b)) => id.as_column().is_none() && !b.is_carried() && texts(a) != texts(b),
        _ => false,
    };
    let unlike = around.iter().filter(|id| !changed.contains(id)).filter(differs);
    let made_again = vec![Alteration::Replaced(vec!["what it uses"])];
    unlike.map(|id| Change { id: *id, what: What::Altered(made_again.clone()) }).collect()
}

fn column_of(id: &ObjectId) -> Option<Qualified> {
    id.as_column().map(|(table, _)| table)
}

/// Desired neighbourhood in which unchanged objects have the head's texts: another declaration of the same, or another
/// server's printing, is no change. Only a text that a rename reached is the one that the shadow printed after it.
fn kept(head: &State, settled: &State, after: &State, diff: &Diff) -> State {
    let changed = diff.ids();
    let object = |(id, object): (&ObjectId, &Object)| {
        let own = match (head.get(id), settled.get(id)) {
            _ if changed.contains(id) => object,
            (Some(a), Some(b)) if !same(id, a, b) => b,
            (Some(a), _) => a,
            (None, _) => object,
        };
        let mut own = own.clone();
        // A declared object is opaque no more.
        if let (Body::Definition(own), Some(said)) = (&mut own.body, object.definition()) {
            own.carried = said.carried;
        }
        (*id, own)
    };
    State { objects: after.objects.iter().map(object).collect() }
}

fn same(id: &ObjectId, a: &Object, b: &Object) -> bool {
    let alone = |object: &Object| State { objects: [(*id, object.clone())].into_iter().collect() };
    a == b || (!a.is_carried() && diff(&alone(a), &alone(b), &Hints::default()).changes.is_empty())
}

/// Opaque objects, in any schema, with a renamed schema's name in their text: a publication of all its tables, a type
/// made from one of its types.
fn naming_schemas(head: &State, renames: &[Rename]) -> Vec<ObjectId> {
    let schemas: Vec<&str> = renames.iter().filter_map(|r| r.from.as_schema().map(|from| from.as_str())).collect();
    let names = |text: &str| schemas.iter().any(|name| has_word(text, name) || text.contains(&quote(name)));
    let named = head.carried().filter(|(_, _, o)| !schemas.is_empty() && o.text().is_some_and(names));
    named.map(|(id, ..)| renamed_id(id, renames)).collect()
}

/// Objects of the head that have one of these identities after the renames.
fn known_before(head: &State, renames: &[Rename], ids: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    head.objects.keys().filter(|id| ids.contains(&renamed_id(id, renames))).cloned().collect()
}

/// Neighbourhood of a change, under the new names. Dependents of a renamed object are read from the head: the texts
/// there have the old names.
fn around(
    head: &State,
    (before, after): (&State, &State),
    renames: &[Rename],
    ids: &BTreeSet<ObjectId>,
) -> BTreeSet<ObjectId> {
    let mut around = both_neighbourhoods(before, after, ids);
    if renames.is_empty() {
        return around;
    }
    let leaning = neighbourhood(head, &known_before(head, renames, ids));
    around.extend(leaning.iter().map(|id| renamed_id(id, renames)));
    let needed_there = needed(head, &known_before(head, renames, &around));
    around.extend(needed_there.iter().map(|id| renamed_id(id, renames)));
    needed(before, &around).union(&needed(after, &around)).cloned().collect()
}

/// Neighbourhood in both states, closed over each other: objects that one side needs, the other builds too.
pub(crate) fn both_neighbourhoods(before: &State, after: &State, ids: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let once: BTreeSet<ObjectId> = neighbourhood(before, ids).union(&neighbourhood(after, ids)).cloned().collect();
    let grown: BTreeSet<ObjectId> = once.union(ids).cloned().collect();
    let need = |state: &State| needed(state, &grown);
    need(before).union(&need(after)).cloned().collect()
}

fn laid_over(state: &State, part: &State) -> State {
    let mut objects = state.objects.clone();
    objects.extend(part.objects.iter().filter(|(id, _)| state.has(id)).map(|(i, o)| (*i, o.clone())));
    State { objects }
}

/// Turns an error of the shadow into diagnostics at their places.
pub(crate) fn explain(error: BuildError, place: &dyn Fn(&ObjectId, Option<&str>) -> Option<Place>) -> Diagnostics {
    match error {
        BuildError::Problems(problems) => problems_at(&problems, place),
        BuildError::Rejected(rejected) => problems_at(&[rejected.problem()], place),
        BuildError::Broken(diagnostics) => diagnostics,
    }
}

/// Turns problems into diagnostics at their places.
pub(crate) fn problems_at(
    problems: &[Problem],
    place: &dyn Fn(&ObjectId, Option<&str>) -> Option<Place>,
) -> Diagnostics {
    problems.iter().map(|p| -> Diagnostic { p.diagnostic(place(&p.object, p.attribute).as_ref()) }).collect()
}
