use super::{Journal, Kind, Label, PlanToRun};
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    server::Connection,
};

/// Records that the states of these plans are there, all or none: makes the journal, names the database, writes the plans.
///
/// # Errors
/// [`crate::diagnostic::Code::Busy`] if another pgform is at work; [`crate::diagnostic::Code::Publication`],
/// [`crate::diagnostic::Code::Rights`]. Nothing is recorded then.
pub async fn adopt(connection: &mut Connection, plans: &[PlanToRun], label: Option<&Label>) -> Result<(), Diagnostics> {
    Journal::lock(connection).await?;
    let done = recorded(connection, plans, label).await;
    if !connection.is_closed() {
        Journal::unlock(connection).await?;
    }
    done
}

async fn recorded(connection: &mut Connection, plans: &[PlanToRun], label: Option<&Label>) -> Result<(), Diagnostics> {
    connection.batch("begin isolation level read committed read write").await.map_err(Diagnostic::from)?;
    let done = inside(connection, plans, label).await;
    if done.is_err() && !connection.is_closed() {
        connection.batch("rollback").await.map_err(Diagnostic::from)?;
    }
    Ok(done?)
}

async fn inside(connection: &mut Connection, plans: &[PlanToRun], label: Option<&Label>) -> Result<(), Diagnostic> {
    Journal::create(connection, false).await?;
    if let Some(label) = label {
        Journal::set_label(connection, label).await?;
    }
    for plan in plans {
        Journal::record(connection, plan, Kind::Adopt).await?;
    }
    Ok(connection.batch("commit").await?)
}
