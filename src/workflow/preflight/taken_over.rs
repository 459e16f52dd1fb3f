//! Objects that plans record or take over: compared with the live catalog before a run.
use super::outcome::Preflight;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::execute::PlanRecord;
use crate::model::{Body, ObjectId, State};
use crate::store::{Plans, StoredPlan};
use crate::workflow::drift::compare::{DriftLine, There, drift};
use crate::workflow::planning::extension_versions::is_older;
use std::collections::BTreeSet;
use std::sync::Arc;

impl Preflight {
    /// Objects to be taken over that the database has already.
    pub(crate) fn here_already(&self, todo: &[Arc<StoredPlan>]) -> BTreeSet<ObjectId> {
        let mut out = BTreeSet::new();
        for plan in todo {
            let found = self.found.get(plan.digest());
            let here = |number: &u32| found.is_some_and(|found| found.contains(number));
            let segments = (1..).zip(&plan.file().body.segments).filter(|(number, _)| here(number));
            out.extend(segments.flat_map(|(_, segment)| segment.leaves.keys().cloned()));
        }
        out
    }
}

/// Objects that the plans record, all of them here as recorded; the last plan that records an object counts.
///
/// # Errors
/// Objects that differ here: nothing runs for them.
pub(crate) async fn noted(
    plans: &Plans,
    todo: &[Arc<StoredPlan>],
    there: There<'_>,
) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    let mut out = BTreeSet::new();
    let mut problems = Diagnostics::default();
    for plan in todo.iter().rev() {
        let of: BTreeSet<ObjectId> =
            plan.file().header.records.iter().filter(|id| !out.contains(*id)).cloned().collect();
        if of.is_empty() {
            continue;
        }
        let after = plans.fold_to(plan.file())?;
        let differs = drift(&after, there, &of).await?;
        if !differs.is_empty() {
            problems.push(otherwise(plan, &after, &differs));
        }
        out.extend(of);
    }
    problems.or_value(out).map(|(out, _)| out)
}

fn otherwise(plan: &StoredPlan, after: &State, differs: &[DriftLine]) -> Diagnostic {
    let lines: Vec<&str> = differs.iter().map(|line| line.text.as_str()).collect();
    let message = format!(
        "{} takes note of what another database has, and this one has it otherwise: {}",
        plan.title_line(),
        lines.join("; ")
    );
    let by_hand: Vec<String> = differs.iter().filter_map(|line| by_hand(&line.object, after)).collect();
    let how = match by_hand.as_slice() {
        [] => String::new(),
        some => format!(":\n{}", some.join(";\n")),
    };
    Diagnostic::error(Code::Stale, message).help(format!(
        "pgform carries this along and runs nothing for it: bring it here by hand, then say it again{how}"
    ))
}

/// Statement that makes an opaque object what a state has.
fn by_hand(id: &ObjectId, after: &State) -> Option<String> {
    if !after.is_carried(id) {
        return None;
    }
    match after.get(id) {
        Some(object) => object.definition()?.text().map(str::to_owned),
        None => Some(format!("-- drop the {} {}", id.word(), id.short())),
    }
}

/// Drifted objects that a plan of the project records as they are here: it was rolled back, or comes later.
pub(crate) async fn known_to_plans(found: &[DriftLine], there: There<'_>) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    let drifted: BTreeSet<&ObjectId> = found.iter().map(|line| &line.object).collect();
    let mut out = BTreeSet::new();
    for plan in there.plans.all() {
        let of: BTreeSet<ObjectId> =
            plan.file().header.records.iter().filter(|id| drifted.contains(id)).cloned().collect();
        if of.is_empty() {
            continue;
        }
        let differs = drift(&there.plans.fold_to(plan.file())?, there, &of).await?;
        let differs: BTreeSet<&ObjectId> = differs.iter().map(|line| &line.object).collect();
        out.extend(of.iter().filter(|id| !differs.contains(id)).cloned());
    }
    Ok(out)
}

/// Numbers of the segments marked `absorb` whose objects are here already, and equal; or gone already, where they are
/// dropped.
///
/// Objects of a segment that the journal records are pgform's: its probe tells a leftover of them apart.
pub(crate) async fn found(
    plans: &Plans,
    plan: &StoredPlan,
    begun: Option<&PlanRecord>,
    there: There<'_>,
) -> Result<BTreeSet<u32>, Diagnostics> {
    let mut out = BTreeSet::new();
    let (before, after) = (plans.fold_before(plan.file())?, plans.fold_to(plan.file())?);
    let ours = |number: &u32| begun.is_some_and(|record| record.segments.contains_key(number));
    for steps in absorbing(plan).into_iter().filter(|steps| !steps.numbers.iter().any(ours)) {
        if steps.is_here(&after, there).await? {
            out.extend(steps.numbers);
        } else if !steps.is_as_before((&before, &after), there).await? {
            let lines = steps.differs(&after, there).await?;
            let message =
                format!("{} takes over what is here, and it is not the same: {}", plan.title_line(), lines.join("; "));
            return Err(Diagnostic::error(Code::Stale, message)
                .help("bring it to what the plan records, or drop it: the plan then makes it")
                .into());
        }
    }
    Ok(out)
}

/// Segments that a database passes over together, or runs together: they change the same objects. A new index is built
/// under another name, takes the old one's, and the old one is dropped.
struct Absorbing {
    numbers: BTreeSet<u32>,
    objects: BTreeSet<ObjectId>,
}

fn absorbing(plan: &StoredPlan) -> Vec<Absorbing> {
    let mut out: Vec<Absorbing> = Vec::new();
    for (number, segment) in (1..).zip(&plan.file().body.segments).filter(|(_, segment)| segment.absorb) {
        let mut own = Absorbing { numbers: [number].into(), objects: segment.leaves.keys().cloned().collect() };
        let (same, others): (Vec<Absorbing>, Vec<Absorbing>) =
            out.into_iter().partition(|known| !known.objects.is_disjoint(&own.objects));
        for known in same {
            own.numbers.extend(known.numbers);
            own.objects.extend(known.objects);
        }
        out = others;
        out.push(own);
    }
    out
}

impl Absorbing {
    /// Objects among them that a state has.
    fn of(&self, state: &State) -> BTreeSet<ObjectId> {
        self.objects.iter().filter(|id| state.has(id)).cloned().collect()
    }

    /// Tells whether all objects that the segments leave are here already, and no others.
    async fn is_here(&self, after: &State, there: There<'_>) -> Result<bool, Diagnostics> {
        Ok(self.of(after) == self.of(there.state) && self.differs(after, there).await?.is_empty())
    }

    /// Tells whether the segments have to run: the objects that they make are not here, or all is as it was before the
    /// plan. Objects that are only dropped and in no state are compared where they are dropped.
    async fn is_as_before(&self, (before, after): (&State, &State), there: There<'_>) -> Result<bool, Diagnostics> {
        let (was, here) = (self.of(before), self.of(there.state));
        let goes = self.of(after).is_empty() && was.is_empty();
        let none_here = was.is_empty() && here.is_empty();
        Ok(goes || none_here || (was == here && drift(before, there, &was).await?.is_empty()))
    }

    /// Differences of the live objects from those that the segments leave.
    async fn differs(&self, after: &State, there: There<'_>) -> Result<Vec<String>, Diagnostics> {
        let lines = drift(after, there, &self.objects).await?.into_iter().map(|line| line.text);
        let made = self.of(after);
        Ok(lines.chain(made.iter().filter_map(|id| too_old(id, after, there.state))).collect())
    }
}

/// Line for an extension that is here in an older version than the plan asks for.
fn too_old(id: &ObjectId, after: &State, live: &State) -> Option<String> {
    let (Body::Extension(wanted), Body::Extension(here)) = (after.body(id)?, live.body(id)?) else { return None };
    let (minimum, installed) = (wanted.minimum.as_ref()?, here.installed.as_ref()?);
    is_older(installed, minimum).then(|| {
        let name = id.short();
        format!("extension {name} is {installed} here, and the plan asks for {minimum} (as a superuser: alter extension {name} update)")
    })
}

/// Lines for live objects that have the name of one that a plan makes.
pub(crate) fn taken(todo: &[Arc<StoredPlan>], start: &Preflight, expected: &State, live: &State) -> Vec<String> {
    let mut known: BTreeSet<ObjectId> = expected.objects.keys().cloned().collect();
    let mut out = Vec::new();
    for plan in todo {
        let found = start.found.get(plan.digest());
        for (number, segment) in (1..).zip(&plan.file().body.segments) {
            let here = found.is_some_and(|f| f.contains(&number));
            for (id, left) in &segment.leaves {
                if left.is_some() && !known.contains(id) && live.has(id) && !here {
                    out.push(format!("+ {} {}  is here already, and the plan makes it", id.word(), id.short()));
                }
                known.insert(*id);
            }
        }
    }
    out
}
