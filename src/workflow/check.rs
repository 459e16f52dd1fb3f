use super::apply::touched;
use super::drift::{DriftLine, There, drift};
use super::project::{Connected, Project};
use super::stand::{self, Stand};
use super::standing::status_of;
use super::uses;
use crate::catalog::Live;
use crate::diagnostic::{Command, Diagnostics};
use crate::model::ObjectId;
use crate::report::Check;
use crate::settings::Asked;
use crate::store::Plans;
use std::collections::BTreeSet;

/// What `check` found.
#[derive(Debug)]
pub struct Checked {
    /// Where the database stands.
    pub stand: Stand,
    /// How it differs from there.
    pub drift: Vec<DriftLine>,
    /// Both, as people and programs read them.
    pub report: Check,
}

/// Compares a database with where its journal says that it stands.
///
/// # Errors
/// If it cannot be reached or read.
pub async fn check(project: &Project, asked: &Asked) -> Result<Checked, Diagnostics> {
    let plans = project.plans()?;
    let mut connected = project.connect_reading(asked).await?;
    let stand = stand::read(&mut connected, &plans).await?;
    let status = status_of(&project.receipts()?, &connected, &plans, &stand)?;
    let again = connected.again.clone();
    let drift = compared(project, &plans, &stand, connected).await?;
    let unseen = match stand.journal {
        Some(_) => Vec::new(),
        None => {
            let [adopt, apply] = ["adopt", "apply"].map(|verb| Command::new(verb).on_database().line(&again));
            vec![
                format!("drift, as pgform never ran here; if its objects are the plans' own: {adopt}"),
                format!("if it is empty: {apply}"),
            ]
        }
    };
    let lines = drift.iter().map(|line| line.report.clone()).collect();
    let report = Check { status, drift: lines, unknown: Vec::new(), unseen, overdue: Vec::new() };
    Ok(Checked { stand, drift, report })
}

/// How a database differs from where its journal says that it stands; nothing where there is none. The session ends as
/// soon as it has read: a shadow takes its time.
///
/// # Errors
/// If it cannot be read or compared.
pub(super) async fn compared(
    project: &Project,
    plans: &Plans,
    stand: &Stand,
    mut connected: Connected,
) -> Result<Vec<DriftLine>, Diagnostics> {
    if stand.journal.is_none() {
        let _ = connected.connection.close().await;
        return Ok(Vec::new());
    }
    let expected = stand.state(plans)?;
    let Live { state: live, uses, .. } = connected.read(&project.catalog_scope(&expected)).await?;
    let uses = uses::seen(plans, &uses);
    let major = connected.connection.info().major();
    let _ = connected.connection.close().await;
    // In the middle of a plan, what that touches is neither as before it nor as behind it.
    let halfway = stand.midway().map(|record| stand::stored(plans, record)).transpose()?;
    let own = halfway.map(|plan| touched(&plan)).unwrap_or_default();
    let all: BTreeSet<ObjectId> =
        expected.objects.keys().chain(live.objects.keys()).filter(|id| !own.contains(id)).cloned().collect();
    let there = There { state: &live, major, uses: &uses, plans };
    drift(&expected, there, &all).await
}
