//! Building of a whole state in one go on an empty scope: a baseline, or the base of a first plan.
use crate::diagnostic::Diagnostics;
use crate::diff::{Hints, diff, spelled_for};
use crate::execute::{Build, DatabaseLabel, Observer, PlanToRun, build};
use crate::model::{Body, NamePath, Object, ObjectId, ObjectKind, Schema, State};
use crate::plan::format::Step;
use crate::plan::{Input, build as operations, extension_as_recorded, schema_as_recorded};
use crate::store::{Plans, StoredPlan};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::running::plan_to_run::{settings, to_run};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Builds the state after some plans in one go, on an empty scope, all of them recorded as built in the same
/// transaction: a baseline, or plans the last of which records an object that none of them makes. Schemas and
/// extensions that exist already are taken as they are.
///
/// # Errors
/// If PostgreSQL refuses a statement; nothing of the state is left then.
pub(crate) async fn build_at_once(
    (project, plans): (&Project, &Plans),
    connected: &mut Connected,
    upto: &[Arc<StoredPlan>],
    label: Option<&DatabaseLabel>,
    observer: &mut dyn Observer,
) -> Result<(), Diagnostics> {
    let Some((plan, before)) = upto.split_last() else { return Ok(()) };
    let state = plans.fold_to(plan.file())?;
    let before: Vec<PlanToRun> = before.iter().map(|plan| to_run(plan)).collect();
    built(project, connected, &state, (plan, &before, true), (label, observer)).await
}

/// Builds the state that a first plan starts from, in one go, where nothing of it exists: the plan itself is yet to
/// run. Nothing is recorded: killed after it, the next `apply` finds that state.
///
/// # Errors
/// If PostgreSQL refuses a statement; nothing of the state is left then.
pub(crate) async fn build_base(
    project: &Project,
    connected: &mut Connected,
    plan: &StoredPlan,
    label: Option<&DatabaseLabel>,
    observer: &mut dyn Observer,
) -> Result<(), Diagnostics> {
    let Some(base) = &plan.file().header.base else { return Ok(()) };
    built(project, connected, base, (plan, &[], false), (label, observer)).await
}

async fn built(
    project: &Project,
    connected: &mut Connected,
    base: &State,
    (plan, before, recorded): (&StoredPlan, &[PlanToRun], bool),
    (label, observer): (Option<&DatabaseLabel>, &mut dyn Observer),
) -> Result<(), Diagnostics> {
    let base = &spelled_for(base, connected.connection.info().major());
    let live = crate::catalog::read(connected.connection.diesel(), &project.catalog_scope(base)).await?.state;
    let start = standing(&live, base);
    let changes = diff(&start, base, &Hints::default());
    let input = Input {
        before: &start,
        after: base,
        diff: &changes,
        renames: &[],
        small: &BTreeSet::new(),
        using: &BTreeMap::new(),
        seed: "baseline",
    };
    let operations = operations(input)
        .map_err(|problems| -> Diagnostics { problems.iter().map(|p| p.diagnostic(None)).collect() })?;
    let mut steps = as_recorded(&live, base);
    steps.extend(operations.into_iter().flat_map(|(_, steps)| steps));
    let settings = settings(connected);
    let how = Build { settings: &settings, observer, label, recorded, before };
    build(&mut connected.connection, &to_run(plan), &steps, how).await
}

/// Steps that change the schema `public` and the extensions that the database has: they exist already, and the state
/// may have other attributes for them. Other schemas that exist already are taken as they are.
fn as_recorded(live: &State, base: &State) -> Vec<Step> {
    let one = |(id, recorded): (&ObjectId, &Object)| match (id.path(), live.get(id), &recorded.body) {
        (NamePath::Alone(name), Some(there), Body::Schema(_)) if Schema::is_public(&name.into()) => {
            schema_as_recorded(&name.into(), &there.head, &recorded.head)
        }
        (NamePath::Alone(name), Some(there), Body::Extension(_)) => {
            extension_as_recorded(&name.into(), &there.head, &recorded.head)
        }
        _ => Vec::new(),
    };
    base.objects.iter().flat_map(one).collect()
}

/// Schemas and extensions of the state that the database has, as the state has them: they are not made again.
fn standing(live: &State, base: &State) -> State {
    let kept = |id: &&ObjectId| matches!(id.kind(), ObjectKind::Schema | ObjectKind::Extension) && live.has(id);
    let ids = base.objects.keys().filter(kept);
    State { objects: ids.filter_map(|id| Some((*id, base.get(id)?.clone()))).collect() }
}
