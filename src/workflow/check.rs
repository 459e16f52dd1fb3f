use super::apply::touched;
use super::differences;
use super::project::Project;
use super::stand::{self, Stand};
use super::standing::status_of;
use super::uses::known;
use crate::catalog;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::diff::{Hints, What, diff, with_unsaid};
use crate::model::{ObjectId, State};
use crate::plan::{neighbourhood, restrict};
use crate::report::{Check, Drift};
use crate::settings::Asked;
use crate::shadow::{Bench, BuildError};
use crate::store::Plans;
use std::collections::BTreeSet;

/// One difference between where a database should stand and what is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriftLine {
    /// The object.
    pub object: ObjectId,
    /// `+` made there, `-` missing there, `~` different there.
    pub mark: char,
    /// The line.
    pub text: String,
    /// The same as data, with the ways out.
    pub report: Drift,
}

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
    let expected = stand.state(&plans)?;
    let live = catalog::read(connected.connection.diesel(), &project.catalog_scope(&expected)).await?.state;
    let status = status_of(&project.receipts()?, &connected, &plans, &stand)?;
    let _ = connected.connection.close().await;
    // In the middle of a plan, what that touches is neither as before it nor as behind it.
    let halfway = stand.midway().map(|record| stand::stored(&plans, record)).transpose()?;
    let own = halfway.map(|plan| touched(&plan)).unwrap_or_default();
    let all: BTreeSet<ObjectId> =
        expected.objects.keys().chain(live.objects.keys()).filter(|id| !own.contains(id)).cloned().collect();
    let drift = if stand.journal.is_some() { drift(&plans, (&expected, &live), &all).await? } else { Vec::new() };
    let unseen = match stand.journal {
        Some(_) => Vec::new(),
        None => vec!["drift, as pgform never ran here: pgform adopt, or apply".to_owned()],
    };
    let lines = drift.iter().map(|line| line.report.clone()).collect();
    let report = Check { status, drift: lines, unknown: Vec::new(), unseen, overdue: Vec::new() };
    Ok(Checked { stand, drift, report })
}

/// The differences among some objects. Texts that differ are settled by the shadow before they count: another major
/// version prints the same view differently.
pub(super) async fn drift(
    plans: &Plans,
    (expected, live): (&State, &State),
    of: &BTreeSet<ObjectId>,
) -> Result<Vec<DriftLine>, Diagnostics> {
    let expected = &with_unsaid(expected, live);
    let concerned = |state: &State| restrict(state, of);
    let (a, b) = (concerned(expected), concerned(live));
    let first = diff(&a, &b, &Hints::default());
    let disputed: BTreeSet<ObjectId> =
        first.changes.iter().filter(|c| matches!(c.what, What::Altered(_))).map(|c| c.id.clone()).collect();
    let (a, b) =
        if disputed.is_empty() { (a, b) } else { settled(plans, (expected, live), (&a, &b), &disputed).await? };
    let changes = diff(&a, &b, &Hints::default()).changes;
    let whole = |id: &ObjectId| !matches!(id, ObjectId::Schema(_));
    Ok(changes.into_iter().filter(|c| whole(&c.id)).map(|change| line(&change, &a, &b)).collect())
}

fn line(change: &crate::diff::Change, expected: &State, live: &State) -> DriftLine {
    let mark = match change.what {
        What::Created => '+',
        What::Dropped => '-',
        What::Altered(_) | What::Renamed { .. } => '~',
    };
    let report = differences::drift_of(change, expected, live);
    DriftLine { object: change.id.clone(), mark, text: differences::line(&report), report }
}

async fn settled(
    plans: &Plans,
    (expected, live): (&State, &State),
    (a, b): (&State, &State),
    disputed: &BTreeSet<ObjectId>,
) -> Result<(State, State), Diagnostics> {
    let mut bench = Bench::open_with(None, &[expected, live], &known(plans)).await?;
    let left = bench.settle(&restrict(expected, &neighbourhood(expected, disputed)), &[]).await;
    let right = bench.settle(&restrict(live, &neighbourhood(live, disputed)), &[]).await;
    bench.close().await?;
    let over = |state: &State, part: Result<State, BuildError>| match part {
        Ok(part) => {
            let mut state = state.clone();
            state.objects.extend(part.objects.into_iter().filter(|(id, _)| disputed.contains(id)));
            Ok(state)
        }
        Err(BuildError::Broken(diagnostics)) => Err(diagnostics),
        Err(BuildError::Problems(problems)) => Err(problems.iter().map(|p| p.diagnostic(None)).collect()),
        Err(BuildError::Rejected(rejected)) => Err(Diagnostics::from(Diagnostic::error(
            Code::Shadow,
            format!("what is there could not be built in the shadow to compare it: {}", rejected.error.message),
        ))),
    };
    Ok((over(a, left)?, over(b, right)?))
}
