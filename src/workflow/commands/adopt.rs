//! `adopt`: records that a database already has the state of a plan, or gives it another environment's name.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::{self, Journal, PlanToRun};
use crate::model::ObjectId;
use crate::settings::Asked;
use crate::store::{Plans, StoredPlan};
use crate::workflow::database::label::{demands, label, new_label, remembered, right_label};
use crate::workflow::database::position;
use crate::workflow::database::reported::database;
use crate::workflow::drift::compare::{DriftLine, drift};
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::confirm::{Confirm, Question};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::invocation::proposal::{Proposal, beginning};
use crate::workflow::running::plan_to_run::to_run;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Result of `adopt`.
#[derive(Debug)]
pub struct Adopted {
    /// The plans that the database is now known to have.
    pub plans: Vec<Arc<StoredPlan>>,
    /// Warnings about the database.
    pub warnings: Diagnostics,
}

/// Arguments of `adopt`.
#[derive(Clone, Default)]
pub struct AdoptArgs {
    /// The plan; the first one where not said.
    pub plan: Option<String>,
    /// The database.
    pub database: Asked,
    /// True where the database only gets the name of another environment: a restored copy.
    pub relabel: bool,
}

/// Records that a database already has the state of a plan (Alembic's stamp), after looking that it has.
///
/// # Errors
/// If it differs from that state, with how; or has a journal already.
pub async fn adopt(project: &Project, args: &AdoptArgs, confirm: Confirm<'_>) -> Result<Adopted, Diagnostics> {
    if args.relabel {
        return relabel(project, args, confirm).await;
    }
    let plans = project.plans()?;
    let upto = upto(&plans, args.plan.as_deref())?;
    let Some(wanted) = upto.last().cloned() else { return Err(no_plans().into()) };
    let (mut connected, stand) = position::open(project, &args.database, "adopt", &plans).await?;
    let warnings = right_label(project, &mut connected, stand.journal.as_ref())?;
    if stand.journal.as_ref().is_some_and(|j| !j.plans.is_empty()) {
        return Err(Diagnostic::error(Code::PlanPosition, "this database has a journal already")
            .way("see", Command::new("status").on_database())
            .into());
    }
    let expected = plans.fold_to(wanted.file())?;
    let live = crate::catalog::read(connected.connection.diesel(), &project.catalog_scope(&expected)).await?;
    let seen = Seen::new(live, &connected, &plans);
    let all: BTreeSet<ObjectId> = expected.objects.keys().cloned().collect();
    let differs = drift(&expected, seen.there(&plans, project), &all).await?;
    if !differs.is_empty() {
        return Err(not_equal(&wanted, &differs));
    }
    let proposal = Proposal::Adopt(beginning(&connected, &project.receipts()?, &stand, (&plans, &upto), &[]));
    let demands = demands(&connected, stand.journal.as_ref())?;
    let protected = demands.protected.then_some(demands.who.as_str());
    if !confirm(&Question { proposal: &proposal, protected }) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was recorded: nobody said yes").into());
    }
    position::keep_out(&mut connected, &stand).await?;
    // Between the look and now somebody was asked: what others changed meanwhile is not recorded unseen.
    let now = crate::catalog::fingerprint(connected.connection.diesel()).await;
    if now.as_ref().ok() != Some(&seen.live.fingerprint) {
        position::let_in(connected).await;
        now?;
        let message = "the catalog of this database changed since it was compared: nothing was recorded";
        return Err(Diagnostic::error(Code::Busy, message).help("say it again: it then compares what is there").into());
    }
    let label = label(&connected, stand.journal.as_ref());
    let to_record: Vec<PlanToRun> = upto.iter().map(|plan| to_run(plan)).collect();
    let ready = connected.subscribers_ready;
    let done = execute::adopt(&mut connected.connection, &to_record, label.as_ref(), ready).await;
    let done = done.map_err(|error| known(&connected, "the plans were recorded", error));
    position::let_in(connected).await;
    done.map(|()| Adopted { plans: upto, warnings })
}

/// Plans to record: the chain up to the one that is named, or only the first where none is; or a plan outside of the
/// chain that begins one.
fn upto(plans: &Plans, name: Option<&str>) -> Result<Vec<Arc<StoredPlan>>, Diagnostics> {
    let chain: Vec<Arc<StoredPlan>> = plans.chain()?.into_iter().cloned().collect();
    let Some(name) = name else { return Ok(chain.into_iter().take(1).collect()) };
    let wanted = plans.select(name)?;
    if let Some(at) = chain.iter().position(|plan| plan.digest() == wanted.digest()) {
        return Ok(chain[..=at].to_vec());
    }
    if plans.by_digest(wanted.digest()).is_none() && wanted.file().header.base.is_some() {
        return Ok(vec![wanted]);
    }
    let message = format!("{} is not in the chain, and does not begin one: it cannot be adopted", wanted.title_line());
    let last = chain.last().map_or_else(String::new, |plan| format!("the last one of the chain is {}", plan.slug));
    Err(Diagnostic::error(Code::PlanName, message).help(last).into())
}

fn no_plans() -> Diagnostic {
    let import = Command::new("import").on_database();
    Diagnostic::error(Code::PlanName, "there are no plans to adopt").way("make them from a database", import)
}

/// Gives a database the name and demands of the environment that it is reached by: a restored copy keeps those of the
/// original until then.
async fn relabel(project: &Project, args: &AdoptArgs, confirm: Confirm<'_>) -> Result<Adopted, Diagnostics> {
    if args.database.env.is_none() {
        return Err(Diagnostic::error(Code::Usage, "--relabel gives a database the name of an environment")
            .help("say which: --relabel --env NAME")
            .into());
    }
    let plans = project.plans()?;
    let (mut connected, stand) = position::open(project, &args.database, "adopt", &plans).await?;
    if stand.journal.is_none() {
        return Err(Diagnostic::error(Code::NotAdopted, "pgform never ran here: there is no name to change")
            .way("adopt it, without --relabel", Command::new("adopt").on_database())
            .into());
    }
    let proposal = Proposal::Relabel(database(&connected, stand.journal.as_ref()));
    // The demands go with the name: the environment named until now decides how this is asked.
    let until_now = remembered(stand.journal.as_ref())?;
    let protected = until_now.protected.then_some(until_now.who.as_str());
    if !confirm(&Question { proposal: &proposal, protected }) {
        return Err(Diagnostic::error(Code::NotConfirmed, "nothing was recorded: nobody said yes").into());
    }
    position::keep_out(&mut connected, &stand).await?;
    let mut done = Ok(());
    if let Some(label) = new_label(&connected) {
        done = Journal::set_label(&mut connected.connection, &label).await.map_err(Diagnostics::from);
    }
    let done = done.map_err(|error| known(&connected, "the database has its new name", error));
    position::let_in(connected).await;
    done?;
    Ok(Adopted { plans: Vec::new(), warnings: Diagnostics::default() })
}

/// Error of a recording; where the session is lost, and the answer with it, one that says that the outcome is unknown.
fn known(connected: &Connected, what: &str, error: Diagnostics) -> Diagnostics {
    if !connected.connection.is_closed() {
        return error;
    }
    let because: Vec<String> = error.0.into_iter().map(|diagnostic| diagnostic.message).collect();
    Diagnostic::error(Code::Stopped, format!("whether {what} is not known: {}", because.join("; ")))
        .way("see", Command::new("status").on_database())
        .into()
}

fn not_equal(plan: &StoredPlan, differs: &[DriftLine]) -> Diagnostics {
    let lines: Vec<String> = differs.iter().take(20).map(|d| d.text.clone()).collect();
    Diagnostic::error(
        Code::Stale,
        format!("this database is not what {} records: {}", plan.title_line(), lines.join("; ")),
    )
    .help("bring it there, or import it into a project of its own")
    .into()
}
