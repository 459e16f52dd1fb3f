use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::diff::{Hints, diff};
use crate::model::{Body, Digest, Object, ObjectId, Rename, State};
use crate::plan::format::{PlanBody, Proof, Segment};
use crate::prove::{Subject, prove};
use crate::report::{Facts, Words};
use crate::shadow::{Bench, BuildError};
use crate::store::{
    Format, Header, PlanFile, PlanTarget, PlannedChange, Plans, Receipt, ReceiptKind, RecordedScope, StoredPlan, titled,
};
use crate::workflow::database::sizes::facts;
use crate::workflow::invocation::project::{Project, known, left_alone, scope_of};
use crate::workflow::invocation::signature::who;
use crate::workflow::planning::absorb;
use crate::workflow::planning::carried_objects::Touched;
use crate::workflow::planning::desired_state::{acting_renames, both, hints, seeds};
use crate::workflow::planning::function_bodies::unseen;
use crate::workflow::planning::inputs::{Inputs, PLANNER};
use crate::workflow::planning::name_conflicts::taken;
use crate::workflow::planning::outside_names::explained;
use crate::workflow::planning::plan_args::PlanArgs;
use crate::workflow::planning::segment_results::{assumed, pulled, record_absorbed, record_leaves};
use crate::workflow::planning::settled_sides::{Sides, explain, settle_sides};
use crate::workflow::planning::starting_point::{Looked, StartingPoint, start};
use crate::workflow::renames::already_run::ran;
use crate::workflow::renames::without_effect::of_nothing;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long settling and proving may take, and how much longer for each change.
const PROVING: Duration = Duration::from_secs(300);
const PROVING_EACH: Duration = Duration::from_secs(1);

/// What `plan` found.
#[derive(Debug)]
pub enum Planned {
    /// Nothing differs; nothing was written.
    NoChanges(Diagnostics),
    /// A plan was made and written; with what the database that was named says about it.
    Made(Box<StoredPlan>, Diagnostics, Option<Facts>),
}

/// Makes a plan from the chain's head to the declaration, proves it and writes it.
///
/// # Errors
/// All mistakes of the declaration at once; changes that cannot be made; a proof that fails.
pub async fn plan(project: &Project, args: &PlanArgs) -> Result<Planned, Diagnostics> {
    let mut noted = BTreeSet::new();
    loop {
        match attempt(project, args, &noted).await? {
            Attempt::Planned(planned) => return Ok(planned),
            // What no operation makes, and is there, is taken note of: each turn knows more of it.
            Attempt::CannotMake(ids) => noted.extend(ids),
        }
    }
}

/// What came of planning once.
enum Attempt {
    Planned(Planned),
    /// These are to be taken over, and no operation makes them of what the plans had.
    CannotMake(BTreeSet<ObjectId>),
}

async fn attempt(project: &Project, args: &PlanArgs, noted: &BTreeSet<ObjectId>) -> Result<Attempt, Diagnostics> {
    titled(&args.title)?;
    let plans = project.plans()?;
    args.output.as_deref().map_or(Ok(()), |path| plans.may_write_to(path))?;
    let mut start = start(project, &plans, args).await?;
    let known = known(&start.head);
    let declared = declaration::load_knowing(&project.schema_dir, &known)?;
    if plans.all().is_empty() {
        start.see_minimums(&declared);
    }
    start.take_in(args, &declared)?;
    start.note_as_it_is(noted);
    refuse_disobeyed(&declared, &start.head)?;
    let scope = scope_of(project, &start.head, &declared);
    let renames = acting_renames(&start.head, &declared, &ran(&plans, start.parent.as_ref()))?;
    start.seeds = seeds(&declared);
    let (before, mut after) = both(&start.head, &declared, &renames, &scope.schemas);
    let hints = hints(&before, &declared);
    let mut warnings = declared.warnings.clone();
    warnings.extend(of_nothing(&start.head, &declared, &renames));
    warnings.extend(start.drifted(&plans));
    start.past.note(start.notes.keys());
    if let Some(told) = start.looked.as_ref().and_then(|looked| left_alone(&looked.beside)) {
        warnings.push(told);
    }
    let past = start.past.followed_by(&start.head, &renames);
    let touched = Touched::new(&before, &declared, &past);
    warnings.extend(touched.settle_names(&mut after, &declared));
    absorb::alone(&start.notes, &renames)?;
    let first = diff(&before, &after, &hints);
    start.measure((&first, &before), &renames).await?;
    let changes = first.changes.len();
    if touched.is_empty() && renames.is_empty() && changes == 0 {
        start.is_as_declared((project, &plans), &start.head, &declared).await?;
        let nothing = (scope, &renames[..], Made::default());
        return match start.notes.is_empty() {
            true => unchanged(args, warnings),
            false => done(project, plans, args, &mut start, nothing, warnings).await,
        }
        .map(Attempt::Planned);
    }
    let place = |id: &ObjectId, attribute: Option<&str>| place_of(&declared, id, attribute);
    let unknown = start.look_outside(&before, &after).await?;
    let mut bench = Bench::open_with(args.shadow.as_deref(), &[&before, &after], &start.uses).await?;
    let titled = (args.title.as_str(), scope.schemas.as_slice());
    let limit = limit(args, changes);
    let work = async {
        touched.refuse(&mut bench, &start.head, (&after, &declared), &renames).await?;
        make(&mut bench, &start, (&before, &after), (&renames, &hints), titled).await
    };
    let Ok(made) = tokio::time::timeout(limit, work).await else {
        bench.abandon();
        return Err(too_long(limit).into());
    };
    let closed = bench.close().await;
    if let Some(ids) = made.as_ref().err().and_then(|error| start.only_taken_over(error)) {
        return Ok(Attempt::CannotMake(ids));
    }
    let made = made.map_err(|error| explained(explain(error, &place), &unknown, start.looked.is_some()))?;
    closed?;
    let made = match made {
        Some(made) => made,
        None if start.notes.is_empty() => return unchanged(args, warnings).map(Attempt::Planned),
        None => Made::default(),
    };
    let behind = start.behind_it(&made.after);
    start.is_as_declared((project, &plans), &behind, &declared).await?;
    warnings.extend(unseen(&start.head, &renames, &made.after));
    done(project, plans, args, &mut start, (scope, &renames, made), warnings).await.map(Attempt::Planned)
}

/// Writes the plan and tells of it.
async fn done(
    project: &Project,
    mut plans: Plans,
    args: &PlanArgs,
    start: &mut StartingPoint,
    (scope, renames, mut made): (RecordedScope, &[Rename], Made),
    mut warnings: Diagnostics,
) -> Result<Planned, Diagnostics> {
    if !start.notes.is_empty() {
        made.take_note(start, &Words::new(&scope.schemas));
    }
    let (told, stored, unsigned) = keep(project, &mut plans, args, start, (scope, renames, made)).await?;
    warnings.extend(unsigned);
    Ok(Planned::Made(Box::new(stored), warnings, told))
}

/// How long so many changes may take.
pub(crate) fn limit(args: &PlanArgs, changes: usize) -> Duration {
    args.deadline.unwrap_or(PROVING + PROVING_EACH * u32::try_from(changes).unwrap_or(u32::MAX))
}

pub(crate) fn too_long(limit: Duration) -> Diagnostic {
    let message = format!("the plan could not be settled and proven within {} s: nothing was written", limit.as_secs());
    Diagnostic::error(Code::Shadow, message).help(
        "something declared may never end (a function in a default or check); a large change may take longer: --proof-deadline SECONDS",
    )
}

/// Nothing differs; a plan that takes another's place must do something.
fn unchanged(args: &PlanArgs, warnings: Diagnostics) -> Result<Planned, Diagnostics> {
    match &args.replace {
        None => Ok(Planned::NoChanges(warnings)),
        Some(name) => Err(Diagnostic::error(
            Code::NothingDeclared,
            format!("the declaration is what was there before {name}: nothing would take its place"),
        )
        .help("roll it back where it is applied, then remove its file")
        .into()),
    }
}

/// Writes the plan, with a receipt of who made it, and asks the database that was named what it means there.
pub(crate) async fn keep(
    project: &Project,
    plans: &mut Plans,
    args: &PlanArgs,
    start: &mut StartingPoint,
    (scope, renames, made): (RecordedScope, &[Rename], Made),
) -> Result<(Option<Facts>, StoredPlan, Diagnostics), Diagnostics> {
    let told = match &mut start.looked {
        Some(Looked { connected, live: _, beside: _ }) => {
            Some(facts(connected, &made.segments, (&made.changes, renames), &start.head, &made.after).await?)
        }
        None => None,
    };
    let file = file(project, (&args.title, scope), start, renames, made);
    let mut unsigned = Diagnostics::default();
    let stored = match &args.output {
        None if args.check => StoredPlan::unwritten(file)?,
        None => {
            let stored = plans.write(&file)?;
            let receipt = Receipt {
                kind: ReceiptKind::Made,
                body: stored.body_digest().clone(),
                environment: None,
                who: who(project, &mut unsigned),
                when: project.now(),
                hazards: Vec::new(),
                server: None,
                segments: Vec::new(),
            };
            project.receipts()?.write(&stored, receipt)?;
            (*stored).clone()
        }
        Some(path) => StoredPlan::write_to(path, file)?,
    };
    Ok((told, stored, unsigned))
}

/// Names that are taken, and directives that would act and that pgform does not obey yet: said, never passed over.
pub(crate) fn refuse_disobeyed(declared: &Declared, head: &State) -> Result<(), Diagnostics> {
    let mut problems = taken(declared, head);
    for (id, directives) in &declared.directives {
        let word = match (&directives.using, &directives.backfill) {
            (_, Some(_)) if !head.has(id) => "backfill",
            (Some(_), _) if changes_type(head.get(id), declared.state.get(id)) => "using",
            _ => continue,
        };
        let message = format!("`{word}` of {} {} is not obeyed yet: nothing was planned", id.word(), id.short());
        problems.push(Diagnostic::error(Code::NotObeyed, message).maybe_at(directives.place.as_ref(), "here"));
    }
    problems.or_value(()).map(drop)
}

fn changes_type(before: Option<&Object>, after: Option<&Object>) -> bool {
    match (before.map(|object| &object.body), after.map(|object| &object.body)) {
        (Some(Body::Column(a)), Some(Body::Column(b))) => {
            crate::canonical::same_type(&a.data_type, &b.data_type) != crate::canonical::Sameness::Same
        }
        _ => false,
    }
}

pub(crate) fn place_of(declared: &Declared, id: &ObjectId, attribute: Option<&str>) -> Option<Place> {
    let exact = match attribute {
        Some(attribute) => declared.places.attribute(id, attribute),
        None => declared.places.object(id),
    };
    exact.or_else(|| id.table_of().and_then(|table| declared.places.object(&ObjectId::table(table)))).cloned()
}

#[derive(Default)]
pub(crate) struct Made {
    segments: Vec<Segment>,
    proof: Option<Proof>,
    after: BTreeMap<ObjectId, Option<Object>>,
    guards: BTreeMap<ObjectId, Digest>,
    pub(crate) changes: Vec<PlannedChange>,
    labels: BTreeMap<ObjectId, BTreeMap<String, String>>,
    planned_before: BTreeMap<ObjectId, Object>,
    planned_after: BTreeMap<ObjectId, Object>,
}

impl Made {
    /// Adds what is taken note of, before all else.
    fn take_note(&mut self, start: &StartingPoint, words: &Words) {
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
    };
    let proven = prove(bench, subject).await?;
    record_leaves(&mut segments, &sides, &proven);
    record_absorbed(&mut segments, &sides, &start.absorb);
    Ok(Some(Made {
        segments,
        proof: Some(proven.proof),
        // Opaque objects too: a trigger's function or a policy that is another one than the proof ran with is a reason to
        // stop. Their digest is that of their kind alone, as their text varies by major version: `apply` compares the
        // text itself, built and printed by one shadow where it differs.
        guards: sides.old.objects.iter().map(|(id, o)| (*id, o.digest())).collect(),
        changes: basis.changes(&inputs, schemas),
        labels: inputs.labels.into_owned(),
        after: inputs.after.into_owned(),
        planned_before: inputs.planned_before.into_owned(),
        planned_after: inputs.planned_after.into_owned(),
    }))
}

/// What a plan runs, not proven.
pub(crate) fn outline(
    sides: &Sides,
    (renames, hints): (&[Rename], &Hints),
    start: &StartingPoint,
    title: &str,
) -> Result<Vec<Segment>, BuildError> {
    let (inputs, recorded) = Inputs::new(sides, start, (renames, hints), title);
    inputs.basis(&recorded).segments(&inputs).map_err(BuildError::Problems)
}

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
        models: 1,
        planner: Some(PLANNER.to_owned()),
        changes: made.changes,
        renames: renames.to_vec(),
        labels: made.labels,
        absorb: start.absorb.clone(),
        small: start.small.clone(),
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
