//! `check`: compares a database with the state that its journal records, and reports pending plans and drift.
use super::status::status_of;
use crate::declaration;
use crate::diagnostic::{Command, Diagnostics};
use crate::model::ObjectId;
use crate::report::CheckReport;
use crate::settings::Asked;
use crate::store::Plans;
use crate::workflow::database::position::{self, Position};
use crate::workflow::drift::compare::{DriftLine, drift};
use crate::workflow::drift::halfway::Half;
use crate::workflow::drift::remedies::Told;
use crate::workflow::drift::seen::Seen;
use crate::workflow::invocation::project::{Connected, Project, known};
use std::collections::BTreeSet;

/// Compares a database with the state that its journal records.
///
/// # Errors
/// If it cannot be reached or read.
pub async fn check(project: &Project, asked: &Asked) -> Result<CheckReport, Diagnostics> {
    let plans = project.plans()?;
    let mut connected = project.connect_reading(asked).await?;
    let stand = position::read(&mut connected, &plans).await?;
    stand.sound()?;
    let status = status_of(&project.receipts()?, &connected, &plans, &stand)?;
    let again = connected.again.clone();
    let Compared { drift, all, unseen } = compared(project, &plans, &stand, connected).await?;
    let unseen = match stand.journal {
        Some(_) => unseen,
        None => {
            let [adopt, apply] = ["adopt", "apply"].map(|verb| Command::new(verb).on_database().line(&again));
            vec![
                format!("drift, as pgform never ran here; if its objects are the plans' own: {adopt}"),
                format!("if it is empty: {apply}"),
            ]
        }
    };
    let lines = drift.into_iter().map(|line| line.report).collect();
    Ok(CheckReport { status, drift: lines, all, unknown: Vec::new(), unseen, overdue: Vec::new() })
}

/// Differences of a database from the state that its journal records.
#[derive(Debug, Default)]
pub(crate) struct Compared {
    /// The differences, each with its ways out.
    pub(crate) drift: Vec<DriftLine>,
    /// Commands that end all of the drift, as lines.
    pub(crate) all: Vec<String>,
    /// Objects that could not be compared, in words.
    pub(crate) unseen: Vec<String>,
}

/// Compares a database with the state that its journal records; empty without a journal. The session ends as soon as
/// the catalog is read: a shadow takes its time.
///
/// # Errors
/// If it cannot be read or compared.
pub(crate) async fn compared(
    project: &Project,
    plans: &Plans,
    stand: &Position,
    mut connected: Connected,
) -> Result<Compared, Diagnostics> {
    if stand.journal.is_none() {
        let _ = connected.connection.close().await;
        return Ok(Compared::default());
    }
    // In the middle of a plan, objects that it touches are as before it, as after it, or as its segments left them.
    let half = match stand.midway() {
        Some(record) => Some(Half::of(plans, position::stored(plans, record)?.file(), record)?),
        None => None,
    };
    let expected = match &half {
        Some(half) => half.state.clone(),
        None => stand.state(plans)?,
    };
    let seen = Seen::new(connected.read(&project.catalog_scope(&expected)).await?, &connected, plans);
    let again = connected.again.clone();
    let live = &seen.live.state;
    let _ = connected.connection.close().await;
    let apart: BTreeSet<&ObjectId> = half.iter().flat_map(Half::apart).collect();
    let all: BTreeSet<ObjectId> =
        expected.objects.keys().chain(live.objects.keys()).filter(|id| !apart.contains(id)).cloned().collect();
    let mut drift = drift(&expected, seen.there(plans, project), &all).await?;
    drift.extend(half.iter().flat_map(|half| half.between(live)));
    let mut unseen = half.as_ref().map(|half| half.unseen()).unwrap_or_default();
    let beside = project.left_alone(&seen.live.left_out);
    unseen.extend(beside.iter().map(|schema| format!("schema {schema}, which is in no plan: left alone")));
    let all = match drift.is_empty() {
        true => Vec::new(),
        false => {
            let declared = declaration::load_knowing(&project.schema_dir, &known(&expected)).ok();
            let begins = plans.chain_as_far_as_sound().0.is_empty();
            let told = Told { states: [&expected, live], declared: declared.as_ref(), begins, again: &again };
            let untold = drift.iter_mut().filter(|line| line.report.ways.is_empty());
            untold.for_each(|line| line.report.ways = told.ways(line));
            if half.is_some() { Vec::new() } else { told.all(&drift) }
        }
    };
    Ok(Compared { drift, all, unseen })
}
