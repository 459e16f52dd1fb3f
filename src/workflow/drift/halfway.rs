//! State of a database in the middle of a plan, from the segments that its journal records, and the drift from it.
use super::compare::{DriftLine, There, drift};
use crate::diagnostic::Diagnostics;
use crate::diff::What;
use crate::execute::{PlanRecord, SegmentState};
use crate::model::{Digest, Object, ObjectId, State};
use crate::report::Drift;
use crate::store::Mark;
use crate::store::{PlanFile, Plans};
use std::collections::{BTreeMap, BTreeSet};

/// Number of a segment, the state of its run, and the digest that it leaves of an object.
type Touch<'a> = (u32, Option<&'a SegmentState>, &'a Option<Digest>);

/// The state of a database in the middle of a plan, as its journal has it.
pub(crate) struct Half {
    /// The expected state.
    pub(crate) state: State,
    /// Objects of the plan that are known: as before it, as after it, or as one of its segments left them.
    pub(crate) of: BTreeSet<ObjectId>,
    /// Objects that are in neither state, with the segment that left them and whether it left them there: only that is
    /// known, as no state has their text.
    between: BTreeMap<ObjectId, (u32, bool)>,
    /// Objects that a segment has begun to change, or to change back: only its probes know how they are.
    pub(crate) unknown: BTreeSet<ObjectId>,
}

impl Half {
    /// Works out the state of the plan's objects from the journal.
    ///
    /// # Errors
    /// If a plan before it is missing.
    pub(crate) fn of(plans: &Plans, file: &PlanFile, record: &PlanRecord) -> Result<Self, Diagnostics> {
        let (before, after) = (plans.fold_before(file)?, plans.fold_to(file)?);
        let segments = || (1..).zip(&file.body.segments);
        let renamed = file.header.renames.iter().flat_map(|r| [&r.from, &r.to]);
        let leaves = segments().flat_map(|(_, s)| s.leaves.keys());
        let touched = file.header.guards.keys().chain(file.header.after.keys()).chain(leaves).chain(renamed);
        let mut half =
            Self { state: after.clone(), of: BTreeSet::new(), between: BTreeMap::new(), unknown: BTreeSet::new() };
        for id in touched.collect::<BTreeSet<_>>() {
            let touching: Vec<Touch<'_>> =
                segments().filter_map(|(n, s)| Some((n, record.segments.get(&n), s.leaves.get(id)?))).collect();
            let done = |state: &Option<&SegmentState>| matches!(state, Some(SegmentState::Done | SegmentState::Found));
            let last = touching.iter().rfind(|(_, state, _)| done(state)).map(|(number, _, left)| (*number, *left));
            let halfway = touching.iter().any(|(_, state, _)| state.is_some() && !done(state));
            let whole = touching.iter().all(|(_, state, _)| done(state));
            match (halfway, last) {
                (true, _) => drop(half.unknown.insert(*id)),
                (false, None) if touching.is_empty() && before.get(id) != after.get(id) => {
                    half.unknown.insert(*id);
                }
                (false, None) => half.is(id, before.get(id)),
                (false, Some(_)) if whole => half.is(id, after.get(id)),
                (false, Some((number, left))) => {
                    let known = [before.get(id), after.get(id)];
                    match known.into_iter().find(|object| object.map(Object::digest) == *left) {
                        Some(object) => half.is(id, object),
                        None => drop(half.between.insert(*id, (number, left.is_some()))),
                    }
                }
            }
        }
        Ok(half)
    }

    fn is(&mut self, id: &ObjectId, object: Option<&Object>) {
        match object {
            Some(object) => drop(self.state.objects.insert(*id, object.clone())),
            None => drop(self.state.objects.remove(id)),
        }
        self.of.insert(*id);
    }

    /// Differences of the live state from the expected one, among the plan's own objects.
    ///
    /// # Errors
    /// If texts cannot be compared.
    pub(crate) async fn differs(&self, there: There<'_>) -> Result<Vec<DriftLine>, Diagnostics> {
        let mut lines = drift(&self.state, there, &self.of).await?;
        lines.extend(self.between(there.state));
        Ok(lines)
    }

    /// Drift of objects in neither state: one that a segment left is gone, or one that it took away is there again.
    pub(crate) fn between(&self, live: &State) -> impl Iterator<Item = DriftLine> {
        self.between.iter().filter(|(id, (_, left))| live.has(id) != *left).map(|(id, left)| line(id, *left))
    }

    /// Objects that were not compared, in words.
    pub(crate) fn unseen(&self) -> Vec<String> {
        let one = |id: &ObjectId, why: &str| format!("{} {}: {why}", id.word(), id.short());
        let halfway = self.unknown.iter().map(|id| one(id, "a segment that is not at its end changes it"));
        let between =
            self.between.keys().map(|id| one(id, "between two segments of the plan, only whether it is there"));
        halfway.chain(between).collect()
    }

    /// Objects that no state is compared with.
    pub(crate) fn apart(&self) -> impl Iterator<Item = &ObjectId> {
        self.between.keys().chain(&self.unknown)
    }

    /// All objects that the plan touches.
    pub(crate) fn all(&self) -> impl Iterator<Item = &ObjectId> {
        self.of.iter().chain(self.between.keys()).chain(&self.unknown)
    }
}

/// Drift of an object that a segment left, and that is gone; or that it took away, and that is there again.
fn line(id: &ObjectId, (number, left): (u32, bool)) -> DriftLine {
    let (does, mark, detail) = match left {
        true => (Mark::Dropped, '-', format!("missing here: segment {number} left it")),
        false => (Mark::Created, '+', format!("here again: segment {number} took it away")),
    };
    let ways = vec!["put it back as the plan left it".to_owned()];
    let (kind, called) = (id.word().to_owned(), id.short());
    let text = format!("{mark} {kind} {called}  {detail}");
    let report = Drift { does, kind, object: *id, called, on: None, detail, differs: Vec::new(), ways };
    let what = if left { What::Dropped } else { What::Created };
    DriftLine { object: *id, mark, text, hard: true, what, report }
}
