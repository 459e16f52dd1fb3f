//! `plan --absorb`: records drift of a database in a plan, so that it becomes part of the chain's state.
use super::named_objects::{as_it_is, is_all_of, may_mean, with_parts};
use crate::declaration::Declared;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{Alteration, Change, Hints, What, diff, take_carried};
use crate::model::{Object, ObjectId, Rename, State};
use crate::plan::format::{Assert, Back, Proof, Reversibility, Segment, Step};
use crate::report::Words;
use crate::store;
use crate::workflow::drift::compare::DriftLine;
use std::collections::{BTreeMap, BTreeSet};

/// Record of an object that a plan takes over without running anything: of an opaque kind, or of another kind whose
/// opaque attributes differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Noted {
    /// The object in the chain's state; none where the plans knew nothing of it.
    pub(crate) before: Option<Object>,
    /// The object in the database; none where it is gone there.
    pub(crate) after: Option<Object>,
}

/// Records by object.
pub(crate) type Notes = BTreeMap<ObjectId, Noted>;

/// Finds the difference that a name means.
pub(crate) fn line<'l>(name: &str, lines: &'l [DriftLine]) -> Result<Option<&'l DriftLine>, Diagnostic> {
    let of = |means: fn(&str, &ObjectId) -> bool| -> Vec<&DriftLine> {
        lines.iter().filter(|line| line.mark != '+' && means(name, &line.object)).collect()
    };
    let found = [of(is_all_of), of(may_mean)].into_iter().find(|found| !found.is_empty()).unwrap_or_default();
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(one)),
        several => {
            let list: Vec<String> = several.iter().map(|line| line.object.to_string()).collect();
            let message = format!("`{}` could mean {}", name.escape_debug(), list.join(" or "));
            Err(Diagnostic::error(Code::Ambiguous, message).help("write one of these, in quotes"))
        }
    }
}

/// Takes over that an object is gone in the database: an opaque one is recorded; any other must be out of the
/// declaration, and is dropped where it still exists. Gives the objects to drop.
///
/// # Errors
/// If it is declared.
pub(crate) fn gone(
    id: &ObjectId,
    (head, declared): (&mut State, &Declared),
    notes: &mut Notes,
) -> Result<BTreeSet<ObjectId>, Diagnostic> {
    if head.is_carried(id) {
        notes.insert(*id, Noted { before: head.objects.remove(id), after: None });
        return Ok(BTreeSet::new());
    }
    if declared.state.has(id) {
        let message = format!("{} {} is gone in the database, and is declared", id.word(), id.short());
        let place = declared.places.object(id);
        return Err(Diagnostic::error(Code::Contradiction, message)
            .maybe_at(place, "here")
            .help("take it out of the declaration, then say it again; or make it there again"));
    }
    Ok(with_parts(id, head))
}

/// Takes over that an object differs in the database: opaque attributes are recorded, all others must be declared as
/// they are there.
///
/// # Errors
/// If the chain's head does not have it any more.
pub(crate) fn different(
    id: &ObjectId,
    (head, live): (&mut State, &State),
    declared: &Declared,
    notes: &mut Notes,
) -> Result<(), Diagnostic> {
    let (Some(known), Some(there)) = (head.get(id).cloned(), live.get(id)) else {
        let message = format!("{} {} is not in the state behind the last plan", id.word(), id.short());
        return Err(Diagnostic::error(Code::PlanPosition, message)
            .help("the plans that the database lacks change it: apply them first"));
    };
    let mut wanted = known.clone();
    take_carried(&mut wanted, there, &|name| declared.says(id, name));
    if wanted != known {
        head.objects.insert(*id, wanted.clone());
        notes.insert(*id, Noted { before: Some(known), after: Some(wanted) });
    }
    Ok(())
}

/// The columns, constraints and indexes of tables that were carried along whole, and are tables like others by now.
pub(crate) fn parts_of_tables(ids: &BTreeSet<ObjectId>, head: &State, live: &State) -> BTreeSet<ObjectId> {
    let is_one = |id: &&ObjectId| head.is_carried(id) && live.get(id).is_some_and(|there| there.table().is_some());
    let tables: BTreeSet<&ObjectId> = ids.iter().filter(is_one).collect();
    let of = |part: &ObjectId, object: &Object| object.table_of(part).map(ObjectId::table).filter(|of| of != part);
    let parts = live.objects.iter().filter(|(part, object)| of(part, object).is_some_and(|of| tables.contains(&of)));
    parts.filter(|(_, object)| object.definition().is_none()).map(|(part, _)| *part).collect()
}

/// Refuses records beside renames: objects are recorded under the names that they have in the database.
pub(crate) fn alone(notes: &Notes, renames: &[Rename]) -> Result<(), Diagnostics> {
    if notes.is_empty() || renames.is_empty() {
        return Ok(());
    }
    let message = "a plan cannot rename something and take over what pgform carries along at once";
    Err(Diagnostic::error(Code::Usage, message).help("plan the one without the other first").into())
}

/// Segment of the records: it runs nothing, and has a place in the journal all the same.
pub(crate) fn segment(notes: &[ObjectId], after: &BTreeMap<ObjectId, Option<Object>>) -> Segment {
    let says = |id: &ObjectId| {
        let how = if after.get(id).is_some_and(Option::is_none) { "as gone" } else { "as it is there" };
        format!("take note of {} {} {how}", id.word(), id.short())
    };
    let does: Vec<String> = match notes.len() {
        0..=3 => notes.iter().map(says).collect(),
        many => vec![format!("take note of {many} objects")],
    };
    let nothing = Assert { sql: "select true".to_owned(), expect: "t".to_owned(), says: String::new(), about: None };
    Segment {
        does: vec![does.join(", ")],
        locks: Vec::new(),
        each: Vec::new(),
        steps: vec![Step::Assert(nothing)],
        hazards: Vec::new(),
        back: Back { kind: Reversibility::Exact, conditions: Vec::new(), parts: Vec::new() },
        revive: None,
        absorb: false,
        looks: Vec::new(),
        rule: None,
        leaves: BTreeMap::new(),
    }
}

/// Proof of a plan that only records.
pub(crate) fn nothing_to_prove() -> Proof {
    Proof {
        partial: Vec::new(),
        server: "no server: nothing runs".to_owned(),
        rows: 0,
        boundaries: 0,
        stand_ins: Vec::new(),
    }
}

/// Changes of the records, as a review tells them.
pub(crate) fn changes(notes: &Notes, head: &State, words: &Words) -> Vec<store::PlannedChange> {
    let mut before = head.clone();
    before.take_in(notes.iter().map(|(id, noted)| (id, noted.before.as_ref())));
    let mut found = diff(&before, head, &Hints::default());
    for (id, noted) in notes {
        let text = |object: &Option<Object>| carried_text(object.as_ref()?);
        if noted.before.is_none() || noted.after.is_none() || text(&noted.before) == text(&noted.after) {
            continue;
        }
        let create = Alteration::Carried("create");
        match found.changes.iter_mut().find(|change| change.id == *id) {
            Some(Change { what: What::Altered(list), id: _ }) => list.insert(0, create),
            Some(_) => {}
            None => found.changes.push(Change { id: *id, what: What::Altered(vec![create]) }),
        }
    }
    found.changes.sort_by_key(|a| a.id);
    let mut changes = crate::report::changes(&before, head, &found, &[], words);
    for change in
        changes.iter_mut().filter(|change| [&before, head].iter().any(|state| state.is_carried(&change.object)))
    {
        change.kind.get_or_insert_with(|| change.object.word().to_owned());
    }
    changes
}

/// Text of an opaque object, which no plan changes.
fn carried_text(object: &Object) -> Option<String> {
    object.definition().filter(|definition| definition.carried)?.text().map(str::to_owned)
}

/// State before a stored plan, with the plan's records.
pub(crate) fn with_notes(before: &State, header: &store::Header) -> State {
    let mut state = before.clone();
    state.take_in(header.records.iter().filter_map(|id| Some((id, header.after.get(id)?.as_ref()))));
    state
}

/// Tells whether a stored plan records an object as no planner does: only opaque objects are recorded as gone, and no
/// operation makes another text of them.
pub(crate) fn planned_otherwise(id: &ObjectId, before: &State, header: &store::Header) -> bool {
    let planned = header.planned_before.get(id);
    match header.after.get(id) {
        Some(None) => !before.is_carried(id) || planned.is_some(),
        Some(Some(object)) => planned.is_some_and(|planned| carried_text(planned) != carried_text(object)),
        None => false,
    }
}

/// Changes that the review of a stored plan must tell of its records. An object that the plan also changes was recorded
/// as `planned_before` has it; `after` has it as it is in the end. Where both exist, no file says which of them was
/// recorded: either tells all, with the changes that the plan then makes.
pub(crate) fn told(before: &State, header: &store::Header, words: &Words) -> Vec<Vec<store::PlannedChange>> {
    let ends = with_notes(before, header);
    let mut begins = ends.clone();
    let planned = header.records.iter().filter_map(|id| Some((id, header.planned_before.get(id)?)));
    begins.objects.extend(planned.map(|(id, object)| (*id, object.clone())));
    let told = |head: &State| {
        let noted = |id: &ObjectId| Noted { before: before.get(id).cloned(), after: head.get(id).cloned() };
        let notes: Notes = header.records.iter().map(|id| (*id, noted(id))).collect();
        if notes.is_empty() { Vec::new() } else { changes(&notes, head, words) }
    };
    vec![told(&begins), told(&ends)]
}

/// Errors about objects to be taken over that are declared differently from the database.
pub(crate) fn otherwise(lines: &[DriftLine], declared: &Declared) -> Diagnostics {
    let tell = |line: &DriftLine| {
        let id = &line.object;
        let (word, name) = (id.word(), id.short());
        let message = format!("{word} {name} is declared otherwise than the database has it: {}", line.text);
        let told = Diagnostic::error(Code::NotDeclared, message).maybe_at(declared.places.object(id), "here");
        told.help("declare it as it is there, then plan again").way("how it is there", as_it_is())
    };
    lines.iter().map(tell).collect()
}
