//! `plan`: makes a plan from the chain's head to the declaration, proves it, and writes its file and receipt.
use crate::declaration::{self, Declared};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::diff;
use crate::model::{ObjectId, Rename};
use crate::report::{Facts, Words};
use crate::shadow::Bench;
use crate::store::{Plans, Receipt, ReceiptKind, RecordedScope, StoredPlan, titled};
use crate::workflow::database::sizes::facts;
use crate::workflow::invocation::project::{Project, known, left_alone, scope_of};
use crate::workflow::invocation::signature::who;
use crate::workflow::planning::absorb;
use crate::workflow::planning::carried_objects::Touched;
use crate::workflow::planning::desired_state::{acting_renames, both, hints, seeds, using};
use crate::workflow::planning::function_bodies::unseen;
use crate::workflow::planning::made_plan::{Made, file, make, place_of, refuse_disobeyed};
use crate::workflow::planning::outside_names::explained;
use crate::workflow::planning::plan_args::PlanArgs;
use crate::workflow::planning::settled_sides::explain;
use crate::workflow::planning::starting_point::{Looked, StartingPoint, start};
use crate::workflow::renames::already_run::ran;
use crate::workflow::renames::without_effect::of_nothing;
use std::collections::BTreeSet;
use std::time::Duration;

/// Time that settling and proving may take, and the time added for each change.
const PROVING: Duration = Duration::from_secs(300);
const PROVING_EACH: Duration = Duration::from_secs(1);

/// Result of `plan`.
#[derive(Debug)]
pub enum Planned {
    /// The declaration is the state at the head: no plan was written.
    NoChanges(Diagnostics),
    /// A plan was made and written; with the facts of the database that was named, if any.
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
            // Objects that no operation makes, and that are there, are recorded as they are: each turn knows more of
            // them.
            Attempt::CannotMake(ids) => noted.extend(ids),
        }
    }
}

/// Outcome of one planning.
enum Attempt {
    Planned(Planned),
    /// Objects that are to be taken over, and that no operation makes of the chain's state.
    CannotMake(BTreeSet<ObjectId>),
}

async fn attempt(project: &Project, args: &PlanArgs, noted: &BTreeSet<ObjectId>) -> Result<Attempt, Diagnostics> {
    titled(&args.title)?;
    let plans = project.plans()?;
    args.output.as_deref().map_or(Ok(()), |path| plans.may_write_to(path))?;
    let (mut start, declared) = both_sides(project, &plans, args, noted).await?;
    let scope = scope_of(project, &start.head, &declared);
    let renames = acting_renames(&start.head, &declared, &ran(&plans, start.parent.as_ref()))?;
    (start.seeds, start.using) = (seeds(&declared), using(&declared));
    let (before, mut after) = both(&start.head, &declared, &renames, &scope.schemas);
    let hints = hints(&before, &declared);
    let mut warnings = declared.warnings.clone();
    warnings.extend(of_nothing(&start.head, &declared, &renames));
    warnings.extend(start.drifted(&plans));
    warnings.0.extend(start.looked.as_ref().and_then(|looked| left_alone(&looked.beside)));
    start.past.note(start.notes.keys());
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

/// Reads where planning starts and where the declaration wants it to end.
async fn both_sides(
    project: &Project,
    plans: &Plans,
    args: &PlanArgs,
    noted: &BTreeSet<ObjectId>,
) -> Result<(StartingPoint, Declared), Diagnostics> {
    let mut start = start(project, plans, args).await?;
    let declared = declaration::load_knowing(&project.schema_dir, &known(&start.head))?;
    if plans.all().is_empty() {
        start.see_minimums(&declared);
    }
    start.take_in(args, &declared)?;
    start.note_as_it_is(noted);
    refuse_disobeyed(&declared, &start.head)?;
    Ok((start, declared))
}

/// Writes the plan, and gives it with the warnings.
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

/// Time that settling and proving a number of changes may take.
pub(crate) fn limit(args: &PlanArgs, changes: usize) -> Duration {
    args.deadline.unwrap_or(PROVING + PROVING_EACH * u32::try_from(changes).unwrap_or(u32::MAX))
}

pub(crate) fn too_long(limit: Duration) -> Diagnostic {
    let message = format!("the plan could not be settled and proven within {} s: nothing was written", limit.as_secs());
    Diagnostic::error(Code::Shadow, message).help(
        "something declared may never end (a function in a default or check); a large change may take longer: --proof-deadline SECONDS",
    )
}

/// Result without changes: an error where the plan was to take another's place.
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

/// Writes the plan, with a receipt of who made it, and reads facts about its changes from the database that was named.
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
