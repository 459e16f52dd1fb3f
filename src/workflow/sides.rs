use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::diff::{Diff, Hints, Rename, diff};
use crate::model::{ObjectId, State};
use crate::plan::{Problem, neighbourhood, restrict};
use crate::shadow::{Bench, BuildError};
use std::collections::BTreeSet;

/// Both sides of a change, settled by one shadow, with their neighbourhoods.
pub(super) struct Sides {
    /// The state before under its present names, restricted to the neighbourhood.
    pub(super) old: State,
    /// The state before, the renames run on it, its neighbourhood settled.
    pub(super) before: State,
    /// The desired state, its neighbourhood settled.
    pub(super) after: State,
    /// What differs.
    pub(super) diff: Diff,
    /// The neighbourhood of the change, in the desired state's identities.
    pub(super) around: BTreeSet<ObjectId>,
}

/// Settles what differs and compares again. `head` has its present names; `before` has the new ones.
pub(super) async fn settle_sides(
    bench: &mut Bench,
    head: &State,
    (mut before, mut after): (State, State),
    renames: &[Rename],
    hints: &Hints,
) -> Result<Sides, BuildError> {
    let first = diff(&before, &after, hints);
    let mut ids = first.ids();
    ids.extend(renames.iter().map(|r| r.to.clone()));
    let around = both_neighbourhoods(&before, &after, &ids);
    let old_ids: BTreeSet<ObjectId> =
        head.objects.keys().filter(|id| around.contains(&crate::diff::renamed_id(id, renames))).cloned().collect();
    let old = restrict(head, &old_ids);
    let settled_before = bench.settle(&old, renames).await?;
    let settled_after = bench.settle(&restrict(&after, &around), &[]).await?;
    lay_over(&mut before, settled_before);
    lay_over(&mut after, settled_after);
    let diff = diff(&before, &after, hints);
    Ok(Sides { old, before, after, diff, around })
}

/// The neighbourhood in both states, closed over each other: what one side needs, the other builds too.
pub(super) fn both_neighbourhoods(before: &State, after: &State, ids: &BTreeSet<ObjectId>) -> BTreeSet<ObjectId> {
    let once: BTreeSet<ObjectId> = neighbourhood(before, ids).union(&neighbourhood(after, ids)).cloned().collect();
    let grown: BTreeSet<ObjectId> = once.union(ids).cloned().collect();
    let need = |state: &State| crate::plan::needed(state, &grown);
    need(before).union(&need(after)).cloned().collect()
}

fn lay_over(state: &mut State, part: State) {
    for (id, object) in part.objects {
        if let Some(old) = state.objects.get_mut(&id) {
            *old = object;
        }
    }
}

/// What went wrong in the shadow, as diagnostics at their places.
pub(super) fn explain(error: BuildError, place: &dyn Fn(&ObjectId, Option<&str>) -> Option<Place>) -> Diagnostics {
    match error {
        BuildError::Problems(problems) => problems_at(&problems, place),
        BuildError::Rejected(rejected) => problems_at(&[rejected.problem()], place),
        BuildError::Broken(diagnostics) => diagnostics,
    }
}

/// Problems at their places.
pub(super) fn problems_at(
    problems: &[Problem],
    place: &dyn Fn(&ObjectId, Option<&str>) -> Option<Place>,
) -> Diagnostics {
    problems.iter().map(|p| -> Diagnostic { p.diagnostic(place(&p.object, p.attribute).as_ref()) }).collect()
}
