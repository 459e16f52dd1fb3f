use super::approve::{covers, meant};
use super::clock::{now, who};
use super::project::{Connected, Project};
use super::stand;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::execute::{self, Apply, JournalState, Kind, Observer, PlanToRun, Settings, Unguarded};
use crate::model::{ObjectId, State};
use crate::settings::Asked;
use crate::store::{Measurement, Plans, Receipt, ReceiptKind, Receipts, StoredPlan};
use std::sync::Arc;

/// What `apply` was asked.
#[derive(Clone, Default)]
pub struct ApplyArgs {
    /// One plan; all that the database lacks where not said.
    pub plan: Option<String>,
    /// The database.
    pub database: Asked,
    /// Hazards allowed, as typed.
    pub allow: Vec<String>,
    /// Whether a held plan may run again.
    pub again: bool,
}

/// What `apply` did.
#[derive(Debug, Default)]
pub struct Applied {
    /// The plans that were run, in order.
    pub plans: Vec<Arc<StoredPlan>>,
}

/// Asks before anything is changed; what it is told is what `apply` is about to do.
pub(crate) type Confirm<'a> = &'a mut (dyn FnMut(&str, &[Arc<StoredPlan>]) -> bool + Send);

/// Applies the plans that a database lacks, in order.
///
/// # Errors
/// Before anything is changed: an unapproved plan, a hazard not allowed, a database in another state or of another
/// environment. After that, [`Code::Stopped`] with how to go on.
pub async fn apply(
    project: &Project,
    args: &ApplyArgs,
    observer: &mut dyn Observer,
    confirm: Confirm<'_>,
) -> Result<Applied, Diagnostics> {
    let mut plans = project.plans()?;
    let receipts = project.receipts()?;
    let mut connected = project.connect_writing(&args.database, "apply").await?;
    let outside = outside(&mut plans, args)?;
    let stand = stand::read(&mut connected, &plans).await?;
    let todo = match outside {
        Some(plan) => vec![plan],
        None => select(&plans, &stand, args)?,
    };
    right_label(&connected, stand.journal.as_ref())?;
    may_run(&receipts, &connected, &todo, args, stand.journal.as_ref())?;
    let Some(first) = todo.first() else { return Ok(Applied::default()) };
    starts_here(project, &plans, &mut connected, &stand, first).await?;
    if !confirm(&stand.server, &todo) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was changed: nobody said yes")
            .help("say --yes, or answer y")
            .into());
    }
    run_all(project, &plans, connected, (&todo, args), observer).await
}

/// A plan file outside of the plans' folder: it stands at the end of the chain.
fn outside(plans: &mut Plans, args: &ApplyArgs) -> Result<Option<Arc<StoredPlan>>, Diagnostics> {
    let Some(name) = &args.plan else { return Ok(None) };
    let plan = plans.select(name)?;
    Ok(plans.by_digest(plan.digest()).is_none().then_some(plan))
}

fn select(plans: &Plans, stand: &stand::Stand, args: &ApplyArgs) -> Result<Vec<Arc<StoredPlan>>, Diagnostics> {
    let Some(name) = &args.plan else { return Ok(stand.pending.clone()) };
    let wanted = plans.select(name)?;
    if let Some(by) = plans.replaced_by(wanted.digest()) {
        let message = format!("{} was replaced by {}", wanted.title_line(), by.title_line());
        return Err(Diagnostic::error(Code::Replaced, message).help(format!("pgform apply {}", by.slug)).into());
    }
    match stand.pending.iter().position(|p| p.digest() == wanted.digest()) {
        Some(at) => Ok(stand.pending[..=at].to_vec()),
        None => {
            Err(Diagnostic::error(Code::PlanPosition, format!("{} is applied here already", wanted.title_line()))
                .into())
        }
    }
}

/// A database knows which environment it is.
pub(super) fn right_label(connected: &Connected, journal: Option<&JournalState>) -> Result<(), Diagnostics> {
    let label = journal.and_then(|j| j.label.as_ref()).and_then(|l| l.environment.clone());
    match (label, &connected.environment) {
        (Some(label), Some(asked)) if label != *asked => {
            Err(Diagnostic::error(Code::WrongDatabase, format!("this database says that it is {label}, not {asked}"))
                .help("check the address; if the database is a copy, give it a new name: pgform adopt --relabel")
                .into())
        }
        _ => Ok(()),
    }
}

fn may_run(
    receipts: &Receipts,
    connected: &Connected,
    todo: &[Arc<StoredPlan>],
    args: &ApplyArgs,
    journal: Option<&JournalState>,
) -> Result<(), Diagnostics> {
    meant(&args.allow, todo.iter().map(Arc::as_ref))?;
    let mut problems = Diagnostics::default();
    for plan in todo {
        let held = journal.is_some_and(|j| j.held().iter().any(|r| r.digest == *plan.digest()));
        if held && !args.again {
            problems.push(
                Diagnostic::error(Code::Held, format!("{} was rolled back here and is held", plan.title_line()))
                    .help(format!("pgform apply --again {}, or make a plan that replaces it", plan.slug)),
            );
        }
        demanded(receipts, connected, plan, &mut problems);
        let accepted = receipts.accepted_hazards(plan);
        for hazard in plan.file().hazards().into_iter().filter(|h| h.hazard.must_be_allowed()) {
            if !accepted.contains(&hazard) && !covers(&args.allow, hazard.hazard, &hazard.object) {
                let object = plan.file().name_of(&hazard.object);
                problems.push(
                    Diagnostic::error(
                        Code::Hazard,
                        format!(
                            "{} of {}: {} {object} is not allowed",
                            hazard.hazard.as_str(),
                            plan.title_line(),
                            hazard.object.word()
                        ),
                    )
                    .help(format!(
                        "--allow {}:{object}, or pgform approve {} --accept {}:{object}",
                        hazard.hazard.as_str(),
                        plan.slug,
                        hazard.hazard.as_str()
                    )),
                );
            }
        }
    }
    problems.or_value(()).map(drop)
}

/// What the environment demands of a plan before it may run there.
fn demanded(receipts: &Receipts, connected: &Connected, plan: &StoredPlan, problems: &mut Diagnostics) {
    let Some(environment) = &connected.settings else { return };
    let requires = &environment.requires;
    let authors = receipts.authors(plan);
    let approvals = receipts
        .approvals(plan)
        .into_iter()
        .filter(|r| !requires.not_author || !authors.contains(&r.who.as_str()))
        .count();
    if approvals < requires.approvals as usize {
        let message = format!(
            "{} has {approvals} of the {} approvals that {} demands",
            plan.title_line(),
            requires.approvals,
            environment.name
        );
        problems.push(Diagnostic::error(Code::NotApproved, message).help(format!("pgform approve {}", plan.slug)));
    }
    if let Some(other) = &requires.dry_run
        && receipts.tried_in(plan, other).is_none()
    {
        let message = format!("{} was not tried on {other}, which {} demands", plan.title_line(), environment.name);
        problems.push(
            Diagnostic::error(Code::NotApproved, message).help(format!("pgform dry-run {} --env {other}", plan.slug)),
        );
    }
}

/// Whether the database is what the first plan starts from: what the plan touches, and what that needs.
async fn starts_here(
    project: &Project,
    plans: &Plans,
    connected: &mut Connected,
    stand: &stand::Stand,
    first: &StoredPlan,
) -> Result<(), Diagnostics> {
    let midway = stand.journal.as_ref().and_then(|j| j.midway()).is_some();
    if midway {
        return Ok(());
    }
    let expected = expected_before(plans, first)?;
    let live = crate::catalog::read(connected.connection.diesel(), &project.catalog_scope(&expected)).await?.state;
    if stand.journal.is_none()
        && first.file().header.parent.is_none()
        && first.file().is_baseline()
        && has_objects(&live)
    {
        return Err(not_adopted(first));
    }
    if stand.journal.is_none() && first.file().header.parent.is_none() && !has_objects(&live) {
        return Ok(());
    }
    let guarded: std::collections::BTreeSet<ObjectId> = first.file().header.guards.keys().cloned().collect();
    let differs = super::check::drift(&expected, &live, &guarded).await?;
    if differs.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = differs.iter().map(|d| d.text.clone()).collect();
    Err(Diagnostic::error(
        Code::Stale,
        format!("this database is not what {} starts from: {}", first.title_line(), lines.join("; ")),
    )
    .help("see: pgform check; take it over with a plan, or bring the database back")
    .into())
}

fn has_objects(state: &State) -> bool {
    state.objects.keys().any(|id| !matches!(id, ObjectId::Schema(_) | ObjectId::Extension(_)))
}

fn not_adopted(first: &StoredPlan) -> Diagnostics {
    Diagnostic::error(Code::NotAdopted, "this database has objects, but pgform never ran here")
        .help(format!("if it is what {} records: pgform adopt {} -d URL", first.title_line(), first.slug))
        .into()
}

pub(super) fn expected_before(plans: &Plans, plan: &StoredPlan) -> Result<State, Diagnostics> {
    plans.fold_before(plan.file())
}

pub(super) fn to_run(plan: &StoredPlan) -> PlanToRun {
    PlanToRun {
        digest: plan.digest().clone(),
        body_digest: plan.body_digest().clone(),
        parent: plan.file().header.parent.clone(),
        name: plan.name.clone(),
        bytes: plan.sealed.text().to_owned(),
        body: plan.file().body.clone(),
    }
}

pub(super) fn settings(connected: &Connected) -> Settings {
    let mut settings = Settings {
        role: connected.role.clone(),
        arguments: connected.arguments.clone(),
        watch: Some(connected.options.clone()),
        ..Settings::default()
    };
    if let Some(environment) = &connected.settings {
        let timeouts = &environment.timeouts;
        settings.max_stall = timeouts.max_stall;
        settings.lock_budget = timeouts.lock_budget;
        settings.max_wait = Some(timeouts.max_wait);
        settings.deadline = Some(timeouts.deadline);
    }
    settings
}

async fn run_all(
    project: &Project,
    plans: &Plans,
    mut connected: Connected,
    (todo, args): (&[Arc<StoredPlan>], &ApplyArgs),
    observer: &mut dyn Observer,
) -> Result<Applied, Diagnostics> {
    let settings = settings(&connected);
    let mut applied = Applied::default();
    for plan in todo {
        if plan.file().is_baseline() {
            build_baseline(&mut connected, plan).await?;
        }
        let how = Apply {
            settings: &settings,
            observer: &mut *observer,
            guard: &mut Unguarded,
            kind: Kind::Apply,
            until: None,
            again: args.again,
            carriers_ready: false,
        };
        let outcome = execute::apply(&mut connected.connection, &to_run(plan), how).await?;
        if plans.by_digest(plan.digest()).is_some() {
            receipt(project, plan, ReceiptKind::Applied, &connected, &outcome)?;
        }
        applied.plans.push(Arc::clone(plan));
    }
    let _ = connected.connection.close().await;
    Ok(applied)
}

/// The baseline's state in one go, on an empty scope.
async fn build_baseline(connected: &mut Connected, plan: &StoredPlan) -> Result<(), Diagnostics> {
    let Some(base) = &plan.file().header.base else { return Ok(()) };
    let start = super::project::empty_database();
    let changes = crate::diff::diff(&start, base, &crate::diff::Hints::default());
    let input = crate::plan::Input { before: &start, after: base, diff: &changes, renames: &[], seed: "baseline" };
    let operations = crate::plan::build(input)
        .map_err(|problems| -> Diagnostics { problems.iter().map(|p| p.diagnostic(None)).collect() })?;
    let mut sql = String::from("begin;\n");
    for (_, steps) in operations {
        for step in steps {
            if let crate::plan::format::Step::Statement(statement) = step {
                sql.push_str(&statement.sql);
                sql.push_str(";\n");
            }
        }
    }
    sql.push_str("commit;");
    let done = connected.connection.batch(&sql).await;
    if let Err(error) = done {
        let _ = connected.connection.batch("rollback").await;
        return Err(Diagnostic::from(error).into());
    }
    Ok(())
}

pub(super) fn receipt(
    project: &Project,
    plan: &StoredPlan,
    kind: ReceiptKind,
    connected: &Connected,
    outcome: &execute::Outcome,
) -> Result<(), Diagnostics> {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "milliseconds of a run")]
    let measured = |m: &execute::Measured| Measurement {
        segment: m.number,
        took_ms: (m.seconds * 1000.0) as u64,
        waited_ms: 0,
        back_ms: None,
    };
    let receipt = Receipt {
        kind,
        body: plan.body_digest().clone(),
        environment: connected.environment.clone(),
        who: who(&project.variables),
        when: now(),
        hazards: Vec::new(),
        server: Some(format!("PostgreSQL {}", connected.connection.info().version)),
        segments: outcome.measured.iter().map(measured).collect(),
    };
    project.receipts()?.write(plan, receipt).map(drop)
}
