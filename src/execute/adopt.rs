//! Records in a journal that the states of plans are in the database already, without running them.
use super::{DatabaseLabel, Journal, Kind, PlanToRun, journal::BEGIN};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    server::Connection,
};

/// Records that the states of these plans are there, all or none: makes the journal, names the database, writes the plans.
/// `carriers_ready` says that subscribers of everything have been prepared for pgform's schema.
///
/// # Errors
/// [`crate::diagnostic::Code::Busy`] if another pgform is at work; [`crate::diagnostic::Code::Publication`],
/// [`crate::diagnostic::Code::Rights`]. Nothing is recorded then.
pub async fn adopt(
    connection: &mut Connection,
    plans: &[PlanToRun],
    label: Option<&DatabaseLabel>,
    carriers_ready: bool,
) -> Result<(), Diagnostics> {
    Journal::lock(connection).await?;
    let done = match ready(connection, carriers_ready).await {
        Ok(()) => recorded(connection, plans, label, carriers_ready).await,
        Err(refused) => Err(refused.into()),
    };
    if !connection.is_closed() {
        Journal::unlock(connection).await?;
    }
    done
}

/// Makes the journal where there is none; refuses one that cannot be written to.
async fn ready(connection: &mut Connection, carriers_ready: bool) -> Result<(), Diagnostic> {
    match Journal::exists(connection).await? {
        true => Journal::upgrade(connection, carriers_ready).await,
        false => Ok(()),
    }
}

async fn recorded(
    connection: &mut Connection,
    plans: &[PlanToRun],
    label: Option<&DatabaseLabel>,
    carriers_ready: bool,
) -> Result<(), Diagnostics> {
    connection.batch(BEGIN).await.map_err(Diagnostic::from)?;
    let done = inside(connection, plans, label, carriers_ready).await;
    if done.is_err() && !connection.is_closed() {
        connection.batch("rollback").await.map_err(Diagnostic::from)?;
    }
    Ok(done?)
}

async fn inside(
    connection: &mut Connection,
    plans: &[PlanToRun],
    label: Option<&DatabaseLabel>,
    carriers_ready: bool,
) -> Result<(), Diagnostic> {
    let keeper = Journal::create_inside(connection, carriers_ready).await?;
    if let Some(label) = label {
        Journal::set_label_inside(connection, &keeper, label).await?;
    }
    for plan in plans {
        Journal::record_inside(connection, &keeper, plan, Kind::Adopt).await?;
    }
    Ok(connection.batch("commit").await?)
}
