use super::apply::{settings, to_run};
use super::project::{Connected, Project};
use crate::diagnostic::Diagnostics;
use crate::diff::{Hints, diff, spelled_for};
use crate::execute::{Build, Label, Observer, build};
use crate::model::{ObjectId, State};
use crate::plan::{Input, build as operations};
use crate::store::StoredPlan;

/// The baseline's state in one go, on an empty scope, recorded as built in the same transaction. Schemas and extensions
/// that are there already are taken as they are.
///
/// # Errors
/// If PostgreSQL refuses a statement; nothing of the state is left then.
pub(super) async fn build_baseline(
    project: &Project,
    connected: &mut Connected,
    plan: &StoredPlan,
    label: Option<&Label>,
    observer: &mut dyn Observer,
) -> Result<(), Diagnostics> {
    built(project, connected, (plan, true), label, observer).await
}

/// The state that a first plan starts from, in one go, where nothing of it is: the plan itself is yet to run. Nothing is
/// recorded: killed behind it, the next `apply` finds that it is there.
///
/// # Errors
/// As [`build_baseline`].
pub(super) async fn build_base(
    project: &Project,
    connected: &mut Connected,
    plan: &StoredPlan,
    label: Option<&Label>,
    observer: &mut dyn Observer,
) -> Result<(), Diagnostics> {
    built(project, connected, (plan, false), label, observer).await
}

async fn built(
    project: &Project,
    connected: &mut Connected,
    (plan, recorded): (&StoredPlan, bool),
    label: Option<&Label>,
    observer: &mut dyn Observer,
) -> Result<(), Diagnostics> {
    let Some(base) = &plan.file().header.base else { return Ok(()) };
    let base = &spelled_for(base, connected.connection.info().major());
    let live = crate::catalog::read(connected.connection.diesel(), &project.catalog_scope(base)).await?.state;
    let start = standing(&live, base);
    let changes = diff(&start, base, &Hints::default());
    let input = Input { before: &start, after: base, diff: &changes, renames: &[], seed: "baseline" };
    let operations = operations(input)
        .map_err(|problems| -> Diagnostics { problems.iter().map(|p| p.diagnostic(None)).collect() })?;
    let steps: Vec<_> = operations.into_iter().flat_map(|(_, steps)| steps).collect();
    let settings = settings(connected);
    let how = Build { settings: &settings, observer, label, recorded };
    build(&mut connected.connection, &to_run(plan), &steps, how).await
}

/// The schemas and extensions of the state that the database has, as the state has them: they are not made again, and
/// what they say of themselves is not changed.
fn standing(live: &State, base: &State) -> State {
    let kept = |id: &&ObjectId| matches!(id, ObjectId::Schema(_) | ObjectId::Extension(_)) && live.has(id);
    let ids = base.objects.keys().filter(kept);
    State { objects: ids.filter_map(|id| Some((id.clone(), base.get(id)?.clone()))).collect() }
}
