//! Inputs of planning, all held in a plan's header: whoever has the plans before it can plan again and get the same.
use super::settled_sides::Sides;
use super::starting_point::StartingPoint;
use crate::diff::{Change, Diff, Hints, What, apply_renames, diff};
use crate::model::{Digest, Object, ObjectId, ObjectKind, Rename, State};
use crate::plan::format::Segment;
use crate::plan::{Input, Problem, plan_absorbing};
use crate::report::Words;
use crate::store::{Header, after_between};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Names the planner of this pgform: its version, and a digest of the sources that decide what a plan runs.
pub(crate) const PLANNER: &str = env!("PGFORM_PLANNER");

/// The inputs of planning beside the state at the plan's parent, as the header has it.
pub(crate) struct Inputs<'a> {
    pub(crate) title: &'a str,
    pub(crate) parent: Option<&'a Digest>,
    pub(crate) renames: Cow<'a, [Rename]>,
    pub(crate) labels: Cow<'a, BTreeMap<ObjectId, BTreeMap<String, String>>>,
    pub(crate) absorb: &'a BTreeSet<ObjectId>,
    pub(crate) small: &'a BTreeSet<ObjectId>,
    pub(crate) using: Cow<'a, BTreeMap<ObjectId, String>>,
    pub(crate) after: Cow<'a, BTreeMap<ObjectId, Option<Object>>>,
    pub(crate) planned_before: Cow<'a, BTreeMap<ObjectId, Object>>,
    pub(crate) planned_after: Cow<'a, BTreeMap<ObjectId, Object>>,
}

impl<'a> Inputs<'a> {
    /// Reads the inputs of a stored plan.
    pub(crate) fn of(header: &'a Header) -> Self {
        Self {
            title: &header.title,
            parent: header.parent.as_ref(),
            renames: Cow::Borrowed(&header.renames),
            labels: Cow::Borrowed(&header.labels),
            absorb: &header.absorb,
            small: &header.small,
            using: Cow::Borrowed(&header.using),
            after: Cow::Borrowed(&header.after),
            planned_before: Cow::Borrowed(&header.planned_before),
            planned_after: Cow::Borrowed(&header.planned_after),
        }
    }

    /// Collects the inputs of a plan that is being made; with the chain's state before it.
    pub(crate) fn new(
        sides: &Sides,
        start: &'a StartingPoint,
        (renames, hints): (&'a [Rename], &'a Hints),
        title: &'a str,
    ) -> (Self, Cow<'a, State>) {
        let recorded = recorded(start);
        let mut inputs = Self {
            title,
            parent: start.parent.as_ref(),
            renames: Cow::Borrowed(renames),
            labels: Cow::Borrowed(&hints.renamed_labels),
            absorb: &start.absorb,
            small: &start.small,
            using: Cow::Owned(start.using_in(&sides.diff)),
            after: Cow::Owned(after_between(&sides.old, renames, &sides.kept)),
            planned_before: Cow::default(),
            planned_after: Cow::default(),
        };
        let plain = inputs.states(&recorded);
        let otherwise = |planned: &State, plain: &State, counts: &dyn Fn(&ObjectId) -> bool| {
            let differs = |(id, object): &(&ObjectId, &Object)| counts(id) && plain.get(id) != Some(*object);
            planned.objects.iter().filter(differs).map(|(id, object)| (*id, object.clone())).collect()
        };
        // Objects that the chain lacks were taken over from a database; the others were printed differently.
        let around = |id: &ObjectId| sides.around.contains(id) || !plain.0.has(id);
        inputs.planned_before = Cow::Owned(otherwise(&sides.before, &plain.0, &around));
        let changed = sides.diff.ids();
        let plain = inputs.states(&recorded);
        inputs.planned_after = Cow::Owned(otherwise(&sides.after, &plain.1, &|id| changed.contains(id)));
        (inputs, recorded)
    }

    /// Both states: objects that the plan does not change are equal in both, to the letter.
    fn states(&self, recorded: &State) -> (State, State) {
        let copies =
            |objects: &BTreeMap<ObjectId, Object>| objects.clone().into_iter().collect::<Vec<(ObjectId, Object)>>();
        let mut before = apply_renames(recorded, &self.renames);
        before.objects.extend(copies(&self.planned_before));
        let mut after = before.clone();
        for (id, object) in self.after.iter() {
            match object {
                Some(object) => after.objects.insert(*id, object.clone()),
                None => after.objects.remove(id),
            };
        }
        after.objects.extend(copies(&self.planned_after));
        (before, after)
    }

    /// Makes the basis that the planner starts from.
    pub(crate) fn basis(&self, recorded: &State) -> Basis {
        let (before, after) = self.states(recorded);
        let diff = diff(&before, &after, &Hints { renamed_labels: self.labels.clone().into_owned() });
        Basis { before, after, diff }
    }
}

/// Chain's state before a plan, without objects taken over from a database.
fn recorded(start: &StartingPoint) -> Cow<'_, State> {
    if start.begins || !start.absorb.iter().any(|id| start.head.has(id)) {
        return Cow::Borrowed(&start.head);
    }
    let known = start.head.objects.iter().filter(|(id, _)| !start.absorb.contains(*id));
    Cow::Owned(State { objects: known.map(|(id, object)| (*id, object.clone())).collect() })
}

/// Two states under the names after the plan, and their difference.
pub(crate) struct Basis {
    before: State,
    after: State,
    diff: Diff,
}

impl Basis {
    /// The segments that lead from one to the other, not proven.
    pub(crate) fn segments(&self, inputs: &Inputs<'_>) -> Result<Vec<Segment>, Vec<Problem>> {
        let seed = format!("{} {}", inputs.title, inputs.parent.map(Digest::as_str).unwrap_or_default());
        let Self { before, after, diff } = self;
        // An extension is often there already: whoever runs the server made it.
        let created = |change: &&Change| change.id.is(ObjectKind::Extension) && matches!(change.what, What::Created);
        let absorb = inputs.absorb.iter().chain(diff.changes.iter().filter(created).map(|change| &change.id));
        let small = inputs.small.iter().filter_map(ObjectId::table_of).collect();
        let input =
            Input { before, after, diff, renames: &inputs.renames, small: &small, using: &inputs.using, seed: &seed };
        plan_absorbing(input, &absorb.cloned().collect())
    }

    /// Lists the changes, for people.
    pub(crate) fn changes(&self, inputs: &Inputs<'_>, schemas: &[String]) -> Vec<crate::store::PlannedChange> {
        crate::report::changes(&self.before, &self.after, &self.diff, &inputs.renames, &Words::new(schemas))
    }
}
