use super::project::{Connected, Project};
use crate::diagnostic::Diagnostics;
use crate::execute::{Journal, JournalState};
use crate::settings::Asked;
use crate::store::{Plans, StoredPlan};
use std::sync::Arc;

/// Where a database stands.
#[derive(Debug)]
pub struct Stand {
    /// `host · database as role · PostgreSQL 16.4, pgvector 0.8.0`.
    pub server: String,
    /// What the journal says; `None` where there is none.
    pub journal: Option<JournalState>,
    /// The plans that the database lacks, in order.
    pub pending: Vec<Arc<StoredPlan>>,
    /// The plans of the chain that it has, in order.
    pub applied: Vec<Arc<StoredPlan>>,
}

/// Reads where a database stands.
///
/// # Errors
/// If it cannot be reached, or the chain is broken.
pub async fn stand(project: &Project, asked: &Asked) -> Result<Stand, Diagnostics> {
    let plans = project.plans()?;
    let mut connected = project.connect_reading(asked).await?;
    let stand = read(&mut connected, &plans).await?;
    let _ = connected.connection.close().await;
    Ok(stand)
}

pub(super) async fn read(connected: &mut Connected, plans: &Plans) -> Result<Stand, Diagnostics> {
    let server = describe(connected);
    let journal = match Journal::exists(&mut connected.connection).await? {
        true => Some(Journal::read(&mut connected.connection).await?),
        false => None,
    };
    let chain: Vec<Arc<StoredPlan>> = plans.chain()?.into_iter().cloned().collect();
    let is_there =
        |plan: &Arc<StoredPlan>| journal.as_ref().and_then(|j| j.plan(plan.digest())).is_some_and(|r| r.is_there());
    let (applied, pending) = chain.into_iter().partition(|plan| is_there(plan));
    Ok(Stand { server, journal, pending, applied })
}

/// The line that every command which touches a database prints first.
pub(super) fn describe(connected: &Connected) -> String {
    let info = connected.connection.info();
    let vector = info.vector_version.as_ref().map(|v| format!(", pgvector {v}")).unwrap_or_default();
    let version = info.version.split_whitespace().next().unwrap_or_default();
    format!("{}/{} as {} · PostgreSQL {version}{vector}", info.host, info.database, info.role)
}
