//! Makes a plan's state in one go on a database that has nothing of it, and records the plan as built.
use super::{
    DatabaseLabel, Guard, Journal, Kind, Observer, PlanToRun, RunSettings, Unguarded,
    apply::may_apply,
    context::{Context, Left},
    failure::Failure,
    journal::{Access, BEGIN},
    session::{enter, leave},
    statement, transaction,
};
use crate::{
    diagnostic::{Code, Command, Diagnostic, Diagnostics},
    plan::format::Step,
    server::Connection,
};

/// Settings of one build.
pub struct Build<'a> {
    /// Patience and role.
    pub settings: &'a RunSettings,
    /// Listener that is told how the build goes on.
    pub observer: &'a mut dyn Observer,
    /// Label that the database gets.
    pub label: Option<&'a DatabaseLabel>,
    /// True where the plan is recorded as built; otherwise only the state before it is made, and the plan is yet to
    /// run.
    pub recorded: bool,
    /// Plans before this one, which are recorded with it, in order: its state is theirs too.
    pub before: &'a [PlanToRun],
}

/// Makes a plan's state in one go on a database that has nothing of it, and records it as built. The statements and the
/// journal's row share one transaction: killed at any moment, either all of it is there or nothing.
///
/// # Errors
/// Before anything is changed: [`Code::Busy`], [`Code::PlanPosition`], [`Code::Publication`]. If a statement fails, with
/// nothing of the state left behind.
pub async fn build(
    connection: &mut Connection,
    plan: &PlanToRun,
    steps: &[Step],
    how: Build<'_>,
) -> Result<(), Diagnostics> {
    let settings = how.settings;
    how.observer.works_in(connection.info().pid, connection.canceller());
    enter(connection, settings, &plan.name).await?;
    let result = locked(connection, plan, steps, how).await;
    leave(connection, settings).await;
    result
}

async fn locked(
    connection: &mut Connection,
    plan: &PlanToRun,
    steps: &[Step],
    how: Build<'_>,
) -> Result<(), Diagnostics> {
    let state = Journal::read(connection).await?;
    if how.recorded {
        may_apply(plan, state.plan(&plan.digest), false)?;
    }
    Journal::create(connection, how.settings.carriers_ready).await?;
    if let Some(label) = how.label.filter(|label| state.label.as_ref() != Some(*label)) {
        Journal::set_label(connection, label).await?;
    }
    let guard: &mut dyn Guard = &mut Unguarded;
    let mut cx = Context {
        settings: how.settings,
        observer: how.observer,
        guard,
        run: None,
        plan: plan.called(),
        allowed: &|_, _| false,
        allowed_ahead: &|_, _| false,
        left: Left::Nothing,
        note: None,
    };
    connection.batch(BEGIN).await.map_err(Diagnostic::from)?;
    let recorded: Vec<&PlanToRun> = how.before.iter().chain(how.recorded.then_some(plan)).collect();
    if let Err(failure) = inside(connection, &mut cx, &recorded, steps).await {
        if !failure.lost() && !connection.is_closed() {
            connection.batch("rollback").await.map_err(Diagnostic::from)?;
        }
        return Err(told(plan, &failure).into());
    }
    Ok(())
}

async fn inside(
    connection: &mut Connection,
    cx: &mut Context<'_>,
    recorded: &[&PlanToRun],
    steps: &[Step],
) -> Result<(), Failure> {
    for step in steps {
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        match step {
            Step::Statement(statement) => statement::run(connection, cx, statement, None).await?,
            Step::Assert(assert) => transaction::hold(connection, assert).await?,
        }
    }
    if !recorded.is_empty() {
        let keeper = Journal::look(connection, Access::Write).await.map_err(Failure::Refused)?;
        for plan in recorded {
            Journal::record_inside(connection, &keeper, plan, Kind::Build).await.map_err(Failure::Refused)?;
        }
    }
    Ok(connection.batch("commit").await?)
}

fn told(plan: &PlanToRun, failure: &Failure) -> Diagnostic {
    if failure.lost() {
        let message = format!("whether {} was built here is not known: {}", plan.name, failure.says());
        return Diagnostic::error(Code::Stopped, message)
            .help("all of it is there, or nothing")
            .way("see", Command::new("status").on_database());
    }
    let message = format!("{} could not be built here, and nothing of it is left: {}", plan.name, failure.says());
    let diagnostic = Diagnostic::error(Code::Server, message);
    match failure.hint() {
        Some(hint) => diagnostic.help(hint.to_owned()),
        None => diagnostic,
    }
}
