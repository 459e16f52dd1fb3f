//! Allowances: the hazards that `--allow` covers in one plan, on one database.
use crate::diagnostic::Diagnostics;
use crate::execute::{JournalState, Standing};
use crate::model::{ObjectId, renamed_id};
use crate::plan::format::HazardKind;
use crate::store::{Plans, StoredPlan, allowed, allows, allows_by_name};
use crate::workflow::database::position;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Hazards that were allowed, as typed, and the objects that the plans of this database have made themselves: only
/// those may be lost by a pattern. An object from before pgform came is lost by its name, or not at all.
pub(crate) struct Allowing<'a> {
    texts: &'a [String],
    made: BTreeSet<ObjectId>,
    /// Object that a hazard's kind alone names, as the plan has no other hazard of that kind.
    only: Option<ObjectId>,
}

impl<'a> Allowing<'a> {
    /// Collects them for the way forward and back of a plan.
    pub(crate) fn of(
        plans: &Plans,
        journal: Option<&JournalState>,
        plan: &StoredPlan,
        texts: &'a [String],
    ) -> Allowing<'a> {
        Self { texts, made: made(plans, journal, plan), only: None }
    }

    /// Adds, for a plan that was named and is to run forward, that `DataLoss` alone names the one object whose loss its
    /// review tells.
    pub(crate) fn of_a_named_plan(self, plan: &StoredPlan) -> Self {
        let hazards = plan.file().hazards();
        let mut lost = hazards.iter().filter(|h| h.hazard == HazardKind::DataLoss).map(|h| h.object);
        let only = lost.next().filter(|_| lost.next().is_none());
        Self { only, ..self }
    }

    /// Tells whether something typed (`DataLoss`, `DataLoss:documents.*`) covers a hazard.
    pub(crate) fn covers(&self, kind: HazardKind, object: &ObjectId) -> bool {
        let by_name = self.only_by_name(kind, object);
        self.texts.iter().any(|text| match by_name {
            true => allows_by_name(text, kind, object) || (self.only == Some(*object) && text == kind.as_str()),
            false => allows(text, kind, object),
        })
    }

    /// Allowances as typed.
    pub(crate) fn typed(&self) -> &'a [String] {
        self.texts
    }

    /// Reason, for the end of a message, why a pattern does not allow a hazard; empty where it does, or none matches.
    pub(crate) fn why_not(&self, kind: HazardKind, object: &ObjectId) -> &'static str {
        match self.only_by_name(kind, object) && self.texts.iter().any(|text| allows(text, kind, object)) {
            true => ": no plan of pgform's made it, so no pattern allows its loss, only its name",
            false => "",
        }
    }

    /// Tells whether no pattern allows a hazard, only the object's name.
    pub(crate) fn only_by_name(&self, kind: HazardKind, object: &ObjectId) -> bool {
        kind == HazardKind::DataLoss && !self.made.contains(object)
    }
}

/// Objects that the plans up to this one have made, by their names before this one and after it. Where a plan on the
/// way is missing, objects from before it count as not made.
fn made(plans: &Plans, journal: Option<&JournalState>, plan: &StoredPlan) -> BTreeSet<ObjectId> {
    let mut path = Vec::new();
    let mut next = plan.file().header.parent.clone();
    while let Some(digest) = next {
        let known = journal.and_then(|j| j.plan(&digest)).and_then(|record| position::stored(plans, record).ok());
        let Some(parent) = plans.by_digest(&digest).cloned().or(known) else { break };
        next = parent.file().header.parent.clone();
        path.push(parent);
    }
    let (mut there, mut made) = (BTreeSet::new(), BTreeSet::new());
    for parent in path.into_iter().rev() {
        over(&parent, &mut there, &mut made);
        if recorded(journal, &parent) {
            made.clear();
        }
    }
    let before = made.clone();
    over(plan, &mut there, &mut made);
    made.extend(before);
    made
}

/// Follows which objects exist, and which of them plans made, over one plan.
fn over(plan: &StoredPlan, there: &mut BTreeSet<ObjectId>, made: &mut BTreeSet<ObjectId>) {
    let header = &plan.file().header;
    if let Some(base) = &header.base {
        there.extend(base.objects.keys().cloned());
    }
    for set in [&mut *there, &mut *made] {
        *set = set.iter().map(|id| renamed_id(id, &header.renames)).collect();
    }
    for (id, object) in &header.after {
        if object.is_none() {
            there.remove(id);
            made.remove(id);
        } else if there.insert(*id) {
            made.insert(*id);
        }
    }
}

/// Tells whether a plan was only adopted: the database had its state before anything ran here.
fn recorded(journal: Option<&JournalState>, plan: &Arc<StoredPlan>) -> bool {
    journal.and_then(|j| j.plan(plan.digest())).is_some_and(|record| record.standing == Standing::Adopted)
}

/// Tells whether a typed hazard names the object itself: no pattern allows a loss that is counted on the database.
pub(crate) fn by_name(allowed: &[String], kind: HazardKind, object: &ObjectId) -> bool {
    allowed.iter().any(|text| allows_by_name(text, kind, object))
}

/// Refuses allowances that match no hazard of these plans, forward or back. Without plans to run they are no mistake (a
/// pipeline gives them each time).
pub(crate) fn meant<'a>(allow: &[String], plans: impl IntoIterator<Item = &'a StoredPlan>) -> Result<(), Diagnostics> {
    let mut plans = plans.into_iter().peekable();
    if plans.peek().is_none() {
        return Ok(());
    }
    let offered =
        plans.flat_map(|p| [p.file().hazards(), p.file().losses_ahead(), p.file().losses_back()]).flatten().collect();
    allowed(allow, &offered)
}
