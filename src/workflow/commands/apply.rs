//! `apply`: runs the plans that a database lacks, in order, after all checks that can refuse them.
use super::repair::leads_here;
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{self, Apply, DatabaseLabel, Journal, JournalState, Kind, Observer, Rollback};
use crate::report::Beginning;
use crate::settings::Asked;
use crate::store::{Plans, ReceiptKind, StoredPlan};
use crate::workflow::database::label::{demands, label, right_label};
use crate::workflow::database::position::{self, Position};
use crate::workflow::invocation::confirm::{Confirm, Question};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::invocation::proposal::{Proposal, beginning};
use crate::workflow::preflight::allowances::{Allowing, by_name, meant};
use crate::workflow::preflight::approvals::{Asking, may_run};
use crate::workflow::preflight::copied_plans::may_run_copies;
use crate::workflow::preflight::emptied::still_there;
use crate::workflow::preflight::forward::{could_start, starts_here};
use crate::workflow::preflight::outcome::Preflight;
use crate::workflow::running::arrival::arrived;
use crate::workflow::running::baseline::{build_at_once, build_base};
use crate::workflow::running::guard::Watch;
use crate::workflow::running::plan_to_run::{settings, to_run};
use crate::workflow::running::receipt::receipt;
use crate::workflow::verification::planned_again::{vouched, vouched_back};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Arguments of `apply`.
#[derive(Clone, Default)]
pub struct ApplyArgs {
    /// The plan to run; all that the database lacks where none is named.
    pub plan: Option<String>,
    /// The database.
    pub database: Asked,
    /// Hazards allowed, as typed.
    pub allow: Vec<String>,
    /// True where a held plan may run again.
    pub again: bool,
    /// True where a check, foreign key or `not null` that old rows break stays in force for new ones, not validated.
    pub keep_rules: bool,
}

/// Result of `apply`.
#[derive(Debug, Default)]
pub struct Applied {
    /// The plans that were run, in order.
    pub plans: Vec<Arc<StoredPlan>>,
    /// The plans that went back first, because others took their place.
    pub back: Vec<Arc<StoredPlan>>,
    /// The plan that was named and is applied here already: nothing was to be done.
    pub already: Option<Arc<StoredPlan>>,
    /// Drift that is in no plan's way.
    pub warnings: Diagnostics,
}

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
    let plans = project.plans()?;
    let mut receipts = project.receipts()?;
    let (mut connected, stand) = position::open(project, &args.database, "apply", &plans).await?;
    stand.sound()?;
    let mut said = right_label(project, &mut connected, stand.journal.as_ref())?;
    // A repair makes what is missing, so that missing objects do not stop it.
    let gone = match repairs(&plans, args) {
        true => Diagnostics::default(),
        false => still_there(project, &plans, &mut connected, &stand).await?,
    };
    let Selected { todo, already } = select(&plans, &stand, args)?;
    stand.leads_to(&todo)?;
    for plan in &todo {
        receipts = receipts.beside(plan)?;
    }
    let back_first = back_first(&plans, &stand, &todo)?;
    may_run_copies(&mut connected, stand.journal.as_ref(), &back_first).await?;
    let demands = demands(&connected, stand.journal.as_ref())?;
    let named = args.plan.is_some() && todo.len() == 1;
    let asking = Asking { allow: &args.allow, again: args.again, named, major: connected.connection.info().major() };
    meant(&args.allow, todo.iter().chain(&back_first).map(Arc::as_ref))?;
    may_run(&plans, &receipts, &demands, &todo, &asking, stand.journal.as_ref())?;
    said.extend(vouched(&plans, &todo, &demands)?);
    said.extend(vouched_back(&plans, &back_first, &demands)?);
    if todo.is_empty() {
        // Otherwise the check before the run tells of it as drift.
        said.extend(gone);
        said.extend(nothing_to_do(&mut connected, &stand).await.into_iter().collect());
        return Ok(Applied { already, warnings: said, ..Applied::default() });
    }
    // Objects that plans change by going back first are compared after that; all others now.
    let start = if back_first.is_empty() {
        starts_here(project, &plans, &mut connected, &stand, &todo).await
    } else {
        could_start(project, &plans, &mut connected, &stand, (&back_first, &todo)).await
    };
    let start = match start {
        Ok(start) => start,
        Err(problems) => return Err(position::or_busy(&mut connected, problems).await),
    };
    let back = back_first.iter().map(|p| p.title_line()).collect();
    let makes_base = start.makes_base.then(|| todo.first().map(|p| p.title_line())).flatten();
    let said_first = beginning(&connected, &receipts, &stand, (&plans, &todo), &args.allow);
    let beginning = Beginning { makes_base, back_first: back, ..said_first };
    let protected = demands.protected.then_some(demands.who.as_str());
    if !confirm(&Question { proposal: &Proposal::Apply(beginning), protected }) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was changed: nobody said yes")
            .help("say --yes, or answer y")
            .into());
    }
    let label = label(&connected, stand.journal.as_ref());
    let several = todo.len() + back_first.len() > 1;
    position::keep_out(&mut connected, &stand).await?;
    let applied = Applied { warnings: said, ..Applied::default() };
    let journal = stand.journal;
    let mut run = Run { project, plans: &plans, connected, label, args, start, several, journal, applied };
    run.applied.warnings.extend(std::mem::take(&mut run.start.warnings));
    let done = run.all(&back_first, &todo, observer).await;
    let Run { connected, applied, .. } = run;
    position::let_in(connected).await;
    done.map(|()| applied)
}

/// Writes into the journal that this apply had nothing to do: a `rollback` that names no plan must not go back over an
/// earlier run. Gives a warning where that cannot be written.
async fn nothing_to_do(connected: &mut Connected, stand: &Position) -> Option<Diagnostic> {
    let at = stand.journal.as_ref()?.position()?;
    let error = Journal::found_nothing_to_do(&mut connected.connection, &at.digest).await.err()?;
    let message = format!("that nothing was to do could not be written into the journal: {}", error.message);
    Some(Diagnostic::warning(Code::Journal, message))
}

/// Plans to run, and the plan that was named and has run already.
#[derive(Default)]
struct Selected {
    todo: Vec<Arc<StoredPlan>>,
    already: Option<Arc<StoredPlan>>,
}

impl Selected {
    fn to_do(todo: Vec<Arc<StoredPlan>>) -> Self {
        Self { todo, already: None }
    }

    /// Selects nothing to run: who applies a plan again, because the answer was lost, is told that it has run.
    fn done(plan: Arc<StoredPlan>) -> Self {
        Self { todo: Vec::new(), already: Some(plan) }
    }
}

/// Selects the plans to run: all that are pending, up to a plan if one is named; or a plan file outside of the plans'
/// folder, which follows the plan that the database is at.
fn select(plans: &Plans, stand: &Position, args: &ApplyArgs) -> Result<Selected, Diagnostics> {
    let Some(name) = &args.plan else { return Ok(Selected::to_do(stand.pending.clone())) };
    let wanted = plans.select(name)?;
    if plans.by_digest(wanted.digest()).is_none() || wanted.file().header.repairs.is_some() {
        return outside(stand, wanted);
    }
    if let Some(by) = plans.replaced_by(wanted.digest()) {
        let message = format!("{} was replaced by {}", wanted.title_line(), by.title_line());
        return Err(Diagnostic::error(Code::Replaced, message)
            .way("apply that one", Command::new("apply").arg(&by.slug).on_database())
            .into());
    }
    match stand.pending.iter().position(|p| p.digest() == wanted.digest()) {
        Some(at) => Ok(Selected::to_do(stand.pending[..=at].to_vec())),
        None => Ok(Selected::done(wanted)),
    }
}

/// Tells whether the plan that is named is a repair: one that brings a database back to the state of its journal.
fn repairs(plans: &Plans, args: &ApplyArgs) -> bool {
    let named = args.plan.as_ref().and_then(|name| plans.select(name).ok());
    named.is_some_and(|plan| plan.file().header.repairs.is_some())
}

fn outside(stand: &Position, plan: Arc<StoredPlan>) -> Result<Selected, Diagnostics> {
    let journal = stand.journal.as_ref();
    if journal.and_then(|j| j.plan(plan.digest())).is_some_and(|record| record.is_there()) {
        return Ok(Selected::done(plan));
    }
    let at = journal.and_then(|j| j.position());
    if plan.file().header.repairs.is_some() {
        return leads_here(stand, &plan).map(|()| Selected::to_do(vec![plan]));
    }
    match (&plan.file().header.parent, at) {
        (Some(parent), Some(at)) if *parent == at.digest => Ok(Selected::to_do(vec![plan])),
        (None, None) => Ok(Selected::to_do(vec![plan])),
        (Some(parent), at) => {
            let at = at.map_or_else(|| "no plan".to_owned(), |at| at.name.clone());
            let message = format!("{} follows {}, and this database is at {at}", plan.title_line(), parent.short());
            Err(Diagnostic::error(Code::PlanPosition, message).help("apply the plans before it first").into())
        }
        (None, Some(at)) => {
            let message = format!("{} begins a chain, and this database is at {}", plan.title_line(), at.name);
            Err(Diagnostic::error(Code::PlanPosition, message).into())
        }
    }
}

/// Plans that go back before the others may run. One that no plan of this run replaces is an error that names it.
fn back_first(plans: &Plans, stand: &Position, todo: &[Arc<StoredPlan>]) -> Result<Vec<Arc<StoredPlan>>, Diagnostics> {
    let replaced = |plan: &StoredPlan| todo.iter().any(|t| t.file().header.replaces.contains(plan.digest()));
    let mut problems = Diagnostics::default();
    for plan in stand.back_first.iter().filter(|plan| !replaced(plan)) {
        let by = plans.replaced_by(plan.digest()).map_or_else(String::new, |by| by.slug.clone());
        let message = format!("{} is in this database, and {by} takes its place", plan.title_line());
        let way = Command::new("apply").arg(by).on_database();
        problems.push(Diagnostic::error(Code::Replaced, message).way("apply that one", way));
    }
    problems.or_value(stand.back_first.clone()).map(|(plans, _)| plans)
}

struct Run<'a> {
    project: &'a Project,
    plans: &'a Plans,
    connected: Connected,
    label: Option<DatabaseLabel>,
    args: &'a ApplyArgs,
    start: Preflight,
    /// True where more than one plan runs: then each is named before its segments are.
    several: bool,
    /// The journal as read before the first plan.
    journal: Option<JournalState>,
    applied: Applied,
}

impl Run<'_> {
    async fn all(
        &mut self,
        back_first: &[Arc<StoredPlan>],
        todo: &[Arc<StoredPlan>],
        observer: &mut dyn Observer,
    ) -> Result<(), Diagnostics> {
        for plan in back_first {
            self.go_back(plan, observer).await?;
        }
        if !self.applied.back.is_empty() {
            let stand = position::read(&mut self.connected, self.plans).await?;
            self.start = starts_here(self.project, self.plans, &mut self.connected, &stand, todo).await?;
            self.applied.warnings.extend(std::mem::take(&mut self.start.warnings));
        }
        let notes = |plan: &Arc<StoredPlan>| !plan.file().header.records.is_empty();
        let at_once = todo.iter().rposition(notes).filter(|_| self.start.from_nothing).map_or(0, |at| at + 1);
        if at_once > 0 {
            self.build(&todo[..at_once], observer).await?;
        } else if let Some(first) = todo.first().filter(|_| self.start.makes_base) {
            build_base(self.project, &mut self.connected, first, self.label.as_ref(), observer).await?;
        }
        for plan in &todo[at_once..] {
            self.one(plan, observer).await?;
        }
        Ok(())
    }

    /// Makes the state after some plans in one go.
    async fn build(&mut self, upto: &[Arc<StoredPlan>], observer: &mut dyn Observer) -> Result<(), Diagnostics> {
        let with = (self.project, self.plans);
        build_at_once(with, &mut self.connected, upto, self.label.as_ref(), observer).await?;
        let Some((last, before)) = upto.split_last() else { return Ok(()) };
        self.applied.plans.extend(before.iter().cloned());
        self.has_arrived(last).await
    }

    async fn one(&mut self, plan: &Arc<StoredPlan>, observer: &mut dyn Observer) -> Result<(), Diagnostics> {
        let settings = settings(&self.connected);
        if self.several {
            observer.plan_started(&plan.title_line(), false);
        }
        if plan.file().is_baseline() {
            return self.build(std::slice::from_ref(plan), observer).await;
        }
        let nothing = BTreeSet::new();
        let allowing = Allowing::of(self.plans, self.journal.as_ref(), plan, &self.args.allow);
        let mut guard = match self.start.watch.take() {
            Some(watch) => watch,
            None => Watch::over(self.project, self.plans, &mut self.connected.connection, plan).await?,
        };
        let how = Apply {
            settings: &settings,
            observer,
            guard: &mut guard,
            kind: Kind::Apply,
            until: None,
            again: self.args.again,
            carriers_ready: settings.carriers_ready,
            allowed: &|kind, object| allowing.covers(*kind, object),
            found: self.start.found.get(plan.digest()).unwrap_or(&nothing),
            label: self.label.as_ref(),
            allowed_ahead: &|kind, object| by_name(&self.args.allow, *kind, object),
            keep_rules: self.args.keep_rules,
        };
        let outcome = execute::apply(&mut self.connected.connection, &to_run(plan), how).await?;
        if self.plans.by_digest(plan.digest()).is_some() {
            receipt(self.project, plan, ReceiptKind::Applied, &self.connected, &outcome, None)?;
        }
        self.has_arrived(plan).await
    }

    /// Compares the catalog with the state that the plan leads to.
    async fn has_arrived(&mut self, plan: &Arc<StoredPlan>) -> Result<(), Diagnostics> {
        self.applied.warnings.extend(arrived(self.project, self.plans, &mut self.connected, plan).await?);
        self.applied.plans.push(Arc::clone(plan));
        Ok(())
    }

    /// Undoes a plan whose place another takes, by the way that the journal stores.
    async fn go_back(&mut self, plan: &Arc<StoredPlan>, observer: &mut dyn Observer) -> Result<(), Diagnostics> {
        let settings = settings(&self.connected);
        if self.several {
            observer.plan_started(&plan.title_line(), true);
        }
        let mut guard = Watch::over(self.project, self.plans, &mut self.connected.connection, plan).await?;
        let allowing = Allowing::of(self.plans, self.journal.as_ref(), plan, &self.args.allow);
        let how = Rollback {
            settings: &settings,
            observer,
            guard: &mut guard,
            kind: Kind::Rollback,
            to: 0,
            allowed: &|kind, object| allowing.covers(*kind, object),
        };
        let outcome = execute::rollback(&mut self.connected.connection, &to_run(plan), how).await?;
        if self.plans.by_digest(plan.digest()).is_some() {
            receipt(self.project, plan, ReceiptKind::RolledBack, &self.connected, &outcome, None)?;
        }
        self.applied.back.push(Arc::clone(plan));
        Ok(())
    }
}
