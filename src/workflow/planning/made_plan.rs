//! A plan made of two states: settled, planned, proven, and put into the form of its file.
use super::absorb;
use super::desired_state::composite_attributes;
use super::inputs::{Inputs, PLANNER};
use super::name_conflicts::taken;
use super::segment_results::{assumed, pulled, record_absorbed, record_leaves};
use super::settled_sides::{Sides, settle_sides};
use super::starting_point::StartingPoint;
use crate::declaration::{Declared, Directives};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::diff::Hints;
use crate::model::{Digest, Object, ObjectId, ObjectKind, Rename, State};
use crate::plan::format::{PlanBody, Proof, Segment};
use crate::prove::{Subject, prove};
use crate::report::Words;
use crate::shadow::{Bench, BuildError};
use crate::store::{Format, Header, MODELS, PlanFile, PlanTarget, PlannedChange, RecordedScope};
use crate::workflow::invocation::project::Project;
use std::collections::BTreeMap;

/// Refuses names that are taken, and directives that pgform does not obey yet: never passed over in silence.
pub(crate) fn refuse_disobeyed(declared: &Declared, head: &State) -> Result<(), Diagnostics> {
    let mut problems = taken(declared, head);
    for (id, directives) in &declared.directives {
        problems.extend(taken_attributes(declared, head, (id, directives)));
        if directives.backfill.is_none() || head.has(id) {
            continue;
        }
        let word = "backfill";
        let message = format!("`{word}` of {} {} is not obeyed yet: nothing was planned", id.word(), id.short());
        problems.push(Diagnostic::error(Code::NotObeyed, message).maybe_at(directives.place.as_ref(), "here"));
    }
    problems.or_value(()).map(drop)
}

/// Errors about attributes of a composite type that are to get a name which another one still has: PostgreSQL would
/// rename neither onto it.
fn taken_attributes(declared: &Declared, head: &State, (id, directives): (&ObjectId, &Directives)) -> Diagnostics {
    let known = head.get(id).or_else(|| head.get(&directives.renamed_from?));
    let known = known.filter(|_| id.is(ObjectKind::CompositeType)).map(composite_attributes).unwrap_or_default();
    let renamed = directives.renamed_labels.iter().filter(|(old, new)| known.contains(*old) && known.contains(*new));
    let problem = |(old, new): (&String, &String)| {
        let message =
            format!("attribute {old} of {} {} cannot become {new}: it has one of that name", id.word(), id.short());
        Diagnostic::error(Code::DuplicateName, message)
            .maybe_at(declared.places.attribute(id, &format!("attributes[{new}]")), "this name")
            .help(format!("take {new} away, or rename it, in a plan before this one"))
    };
    renamed.map(problem).collect()
}

/// Place of an attribute in the declaration, or of its object, or of the table around it.
pub(crate) fn place_of(declared: &Declared, id: &ObjectId, attribute: Option<&str>) -> Option<Place> {
    let exact = match attribute {
        Some(attribute) => declared.places.attribute(id, attribute),
        None => declared.places.object(id),
    };
    exact.or_else(|| id.table_of().and_then(|table| declared.places.object(&ObjectId::table(table)))).cloned()
}

/// Contents of a plan, before its place in the chain.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) segments: Vec<Segment>,
    proof: Option<Proof>,
    pub(crate) after: BTreeMap<ObjectId, Option<Object>>,
    guards: BTreeMap<ObjectId, Digest>,
    pub(crate) changes: Vec<PlannedChange>,
    labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
    using: BTreeMap<ObjectId, String>,
    planned_before: BTreeMap<ObjectId, Object>,
    planned_after: BTreeMap<ObjectId, Object>,
}

impl Made {
    /// Adds the records of taken-over objects, before all else.
    pub(crate) fn take_note(&mut self, start: &StartingPoint, words: &Words) {
        self.proof.get_or_insert_with(absorb::nothing_to_prove);
        self.changes.splice(0..0, absorb::changes(&start.notes, &start.head, words));
        for (id, noted) in &start.notes {
            if self.after.contains_key(id) {
                self.planned_before.extend(noted.after.clone().map(|object| (*id, object)));
            }
            self.after.entry(*id).or_insert_with(|| noted.after.clone());
        }
        let ids: Vec<ObjectId> = start.notes.keys().cloned().collect();
        self.segments.insert(0, absorb::segment(&ids, &self.after));
    }
}

/// Plans between two states, and proves the plan; nothing where nothing differs.
///
/// # Errors
/// Changes that cannot be planned, or that fail in their proof.
pub(crate) async fn make(
    bench: &mut Bench,
    start: &StartingPoint,
    (before, after): (&State, &State),
    (renames, hints): (&[Rename], &Hints),
    (title, schemas): (&str, &[String]),
) -> Result<Option<Made>, BuildError> {
    let sides = settle_sides(bench, &start.head, (before, after), renames, hints).await?;
    if sides.diff.changes.is_empty() && renames.is_empty() {
        return Ok(None);
    }
    let in_the_way = start.in_the_way(&pulled(&sides, renames), &sides.after);
    if in_the_way.has_errors() {
        return Err(in_the_way.into());
    }
    let (inputs, recorded) = Inputs::new(&sides, start, (renames, hints), title);
    let basis = inputs.basis(&recorded);
    let mut segments = basis.segments(&inputs).map_err(BuildError::Problems)?;
    let after_slice = crate::plan::restrict(&sides.after, &sides.around);
    let subject = Subject {
        before: &sides.old,
        renamed: &crate::plan::restrict(&sides.before, &sides.around),
        after: &after_slice,
        renames,
        labels: &crate::diff::renamed_labels(&sides.before, &sides.after, hints),
        segments: &segments,
        seeds: &start.seeds,
        using: &inputs.using,
    };
    let proven = prove(bench, subject).await?;
    record_leaves(&mut segments, &sides, &proven);
    record_absorbed(&mut segments, &sides, &start.absorb);
    Ok(Some(Made {
        segments,
        proof: Some(proven.proof),
        // Opaque objects too: a trigger's function or a policy that is another one than the proof ran with is a reason
        // to stop. Their digest is that of their kind alone, as their text varies by major version: `apply` compares
        // the text itself, built and printed by one shadow where it differs.
        guards: sides.old.objects.iter().map(|(id, o)| (*id, o.digest())).collect(),
        changes: basis.changes(&inputs, schemas),
        labels: inputs.labels.into_owned(),
        using: inputs.using.into_owned(),
        after: inputs.after.into_owned(),
        planned_before: inputs.planned_before.into_owned(),
        planned_after: inputs.planned_after.into_owned(),
    }))
}

/// Segments of a plan, not proven.
pub(crate) fn outline(
    sides: &Sides,
    (renames, hints): (&[Rename], &Hints),
    start: &StartingPoint,
    title: &str,
) -> Result<Vec<Segment>, BuildError> {
    let (inputs, recorded) = Inputs::new(sides, start, (renames, hints), title);
    inputs.basis(&recorded).segments(&inputs).map_err(BuildError::Problems)
}

/// Puts the plan into the form of its file.
pub(crate) fn file(
    project: &Project,
    (title, scope): (&str, RecordedScope),
    start: &StartingPoint,
    renames: &[Rename],
    made: Made,
) -> PlanFile {
    let header = Header {
        format: Format::CURRENT,
        title: title.to_owned(),
        parent: start.parent.clone(),
        replaces: start.replaces.clone(),
        repairs: start.repairs.clone(),
        scope,
        postgres: project.postgres(),
        target: PlanTarget::Database,
        models: MODELS,
        planner: Some(PLANNER.to_owned()),
        changes: made.changes,
        renames: renames.to_vec(),
        labels: made.labels,
        absorb: start.absorb.clone(),
        small: start.small.clone(),
        using: made.using,
        assumes: assumed(&made.segments),
        uses: start.newly_used.clone(),
        records: start.notes.keys().cloned().collect(),
        guards: made.guards,
        base: start.begins.then(|| start.head.clone()),
        after: made.after,
        planned_before: made.planned_before,
        planned_after: made.planned_after,
    };
    PlanFile { header, body: PlanBody { segments: made.segments, proof: made.proof } }
}
