//! What `--allow` covers in one plan, on one database.
use crate::diagnostic::Diagnostics;
use crate::execute::{JournalState, Standing};
use crate::model::{ObjectId, renamed_id};
use crate::plan::format::HazardKind;
use crate::store::{Plans, StoredPlan, allowed, allows, allows_by_name};
use crate::workflow::database::position;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The hazards that were allowed, as typed, and what of the objects the plans of this database have made themselves: only
/// that may be lost by a pattern. What was there before pgform came is lost by its name, or not at all.
pub(crate) struct Allowing<'a> {
    texts: &'a [String],
    made: BTreeSet<ObjectId>,
    /// What a hazard's kind alone names, as the plan has no other hazard of that kind.
    only: Option<ObjectId>,
}

impl<'a> Allowing<'a> {
    /// For what a plan does, forward and back.
    pub(crate) fn of(
        plans: &Plans,
        journal: Option<&JournalState>,
        plan: &StoredPlan,
        texts: &'a [String],
    ) -> Allowing<'a> {
        Self { texts, made: made(plans, journal, plan), only: None }
    }

    /// The same where the plan was named and is to run forward: `DataLoss` names the one thing of which its review says that
    /// it is lost.
    pub(crate) fn of_a_named_plan(self, plan: &StoredPlan) -> Self {
        let hazards = plan.file().hazards();
        let mut lost = hazards.iter().filter(|h| h.hazard == HazardKind::DataLoss).map(|h| h.object);
        let only = lost.next().filter(|_| lost.next().is_none());
        Self { only, ..self }
    }

    /// Whether something typed (`DataLoss`, `DataLoss:documents.*`) covers a hazard.
    pub(crate) fn covers(&self, kind: HazardKind, object: &ObjectId) -> bool {
        let by_name = self.only_by_name(kind, object);
        self.texts.iter().any(|text| match by_name {
            true => allows_by_name(text, kind, object) || (self.only == Some(*object) && text == kind.as_str()),
            false => allows(text, kind, object),
        })
    }

    /// What was typed.
    pub(crate) fn typed(&self) -> &'a [String] {
        self.texts
    }

    /// Why something that is allowed by a pattern is not; empty where it is not.
    pub(crate) fn why_not(&self, kind: HazardKind, object: &ObjectId) -> &'static str {
        match self.only_by_name(kind, object) && self.texts.iter().any(|text| allows(text, kind, object)) {
            true => ": no plan of pgform's made it, so no pattern allows its loss, only its name",
            false => "",
        }
    }

    /// Whether no pattern allows it.
    pub(crate) fn only_by_name(&self, kind: HazardKind, object: &ObjectId) -> bool {
        kind == HazardKind::DataLoss && !self.made.contains(object)
    }
}

/// What the plans up to this one have made, by the names that it has before this one and behind it. Where a plan on the
/// way is missing, what came before it is nobody's.
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

/// What is there, and what of it was made, behind a plan.
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

/// Whether a database had a plan's state before anything ran here.
fn recorded(journal: Option<&JournalState>, plan: &Arc<StoredPlan>) -> bool {
    journal.and_then(|j| j.plan(plan.digest())).is_some_and(|record| record.standing == Standing::Adopted)
}

/// Whether a typed hazard names the object itself: what a database would lose, counted there, no pattern allows.
pub(crate) fn by_name(allowed: &[String], kind: HazardKind, object: &ObjectId) -> bool {
    allowed.iter().any(|text| allows_by_name(text, kind, object))
}

/// Refuses what `--allow` was given and no hazard of these plans has, forward or back. Nothing to do, nothing to allow: then
/// what is typed is no mistake (a pipeline says it each time).
pub(crate) fn meant<'a>(allow: &[String], plans: impl IntoIterator<Item = &'a StoredPlan>) -> Result<(), Diagnostics> {
    let mut plans = plans.into_iter().peekable();
    if plans.peek().is_none() {
        return Ok(());
    }
    let offered =
        plans.flat_map(|p| [p.file().hazards(), p.file().losses_ahead(), p.file().losses_back()]).flatten().collect();
    allowed(allow, &offered)
}
