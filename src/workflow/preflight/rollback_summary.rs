//! Summary of a rollback before the question: what comes back, goes, stays and is lost.
use super::allowances::Allowing;
use crate::execute::{Counted, JournalState, PlanRecord, SegmentState};
use crate::model::ObjectId;
use crate::plan::format::{ConditionKind, HazardKind, Held, Lock, Reversibility, Segment};
use crate::report::{RollbackLoss, RollbackSummary, comes_back_with};
use crate::store::{Mark, PlannedChange, Receipts, StoredPlan};
use crate::workflow::database::reported::{plan_name, record_name};
use std::collections::BTreeSet;

/// Summarizes the way back of a plan, from the segments that the journal records.
pub(crate) fn going_back(
    plan: &StoredPlan,
    record: &PlanRecord,
    journal: &JournalState,
    (counted, allowed): (&[Counted], &Allowing<'_>),
    receipts: &Receipts,
) -> RollbackSummary {
    let undone = undone(plan, record);
    let locks = || undone.iter().flat_map(|s| &s.back.parts).flat_map(|p| &p.locks);
    let builds = undone.iter().filter(|s| s.back.parts.iter().any(|p| is_build(&p.locks))).count();
    let (comes_back, goes) = comes_and_goes(plan, &undone);
    let at = journal.applied().into_iter().rfind(|other| other.digest != record.digest);
    RollbackSummary {
        from: plan_name(plan),
        to: at.map(record_name),
        segments: undone.len(),
        longest_lock: crate::report::longest(locks()),
        index_builds: builds,
        comes_back,
        goes,
        stays: stays(plan, record),
        is_lost: losses(plan, counted, allowed),
        may_fail: blocks(counted),
        recount_ms: None,
        stays_lost: stays_lost(plan, &undone, receipts),
        held: true,
    }
}

fn is_build(locks: &[Lock]) -> bool {
    locks.iter().any(|l| l.held == Held::Build)
}

/// Segments to undo: those that ran, in whole or in part.
fn undone<'p>(plan: &'p StoredPlan, record: &PlanRecord) -> Vec<&'p Segment> {
    let there = |state: &SegmentState| !matches!(state, SegmentState::Found);
    let numbers = record.segments.iter().filter(|(_, state)| there(state)).map(|(number, _)| *number as usize);
    numbers.filter_map(|number| plan.file().body.segments.get(number.checked_sub(1)?)).collect()
}

/// Lines for objects that the plan found as it wanted them, and that its way back does not touch either.
fn stays(plan: &StoredPlan, record: &PlanRecord) -> Vec<String> {
    let segments = (1..).zip(&plan.file().body.segments);
    let found = segments.filter(|(number, _)| record.segments.get(number) == Some(&SegmentState::Found));
    let mut ids: BTreeSet<&ObjectId> = found.flat_map(|(_, segment)| segment.leaves.keys()).collect();
    ids.extend(only_noted(plan));
    let whole = |change: &&PlannedChange| {
        let table = change.under.or_else(|| change.object.table_of().map(ObjectId::table));
        table.is_none_or(|table| table == change.object || !ids.contains(&table))
    };
    let one = |change: &PlannedChange| {
        let kind = change.kind.clone().unwrap_or_else(|| change.object.word().to_owned());
        let name = plan.file().name_of(&change.object);
        match change.does {
            Mark::Dropped => format!("{kind} {name}, gone as before the plan"),
            Mark::Created | Mark::Altered => format!("{kind} {name}, which was here before the plan"),
        }
    };
    plan.file().header.changes.iter().filter(|c| ids.contains(&c.object)).filter(whole).map(one).collect()
}

/// Objects that the plan recorded and does not change: nothing undoes them.
fn only_noted(plan: &StoredPlan) -> BTreeSet<&ObjectId> {
    let changed = |id: &ObjectId| plan.file().body.segments.iter().any(|segment| segment.leaves.contains_key(id));
    plan.file().header.records.iter().filter(|id| !changed(id)).collect()
}

/// Lines for the objects that come back, and for those that go.
fn comes_and_goes(plan: &StoredPlan, undone: &[&Segment]) -> (Vec<String>, Vec<String>) {
    // A plan that stopped midway only undoes what its segments have left.
    let touched: BTreeSet<&ObjectId> = undone.iter().flat_map(|s| s.leaves.keys()).collect();
    let whole = undone.len() == plan.file().body.segments.len();
    let lost: BTreeSet<ObjectId> = gone(undone).into_iter().map(|(_, object)| object).collect();
    // An object that comes back has its old name.
    let before = |id: &ObjectId| plan.file().header.renames.iter().find(|r| r.to == *id).map(|r| r.from);
    let named = |change: &PlannedChange| {
        let kind = change.kind.clone().unwrap_or_else(|| change.object.word().to_owned());
        let name = before(&change.object).filter(|_| change.does == Mark::Altered);
        format!("{kind} {}", plan.file().name_of(name.as_ref().unwrap_or(&change.object)))
    };
    let noted = only_noted(plan);
    let concerned =
        |change: &&PlannedChange| (whole || touched.contains(&change.object)) && !noted.contains(&change.object);
    // Parts of a table that goes, or comes back, go with it.
    let tables: BTreeSet<&ObjectId> = plan.file().header.changes.iter().map(|c| &c.object).collect();
    let part = |change: &PlannedChange| {
        let table = change.under.or_else(|| change.object.table_of().map(ObjectId::table));
        table.is_some_and(|t| {
            t != change.object && change.does == Mark::Created && is_new(plan, &t) && tables.contains(&t)
        })
    };
    let of = |wanted: &dyn Fn(&PlannedChange) -> bool| -> Vec<String> {
        let all = plan.file().header.changes.iter().filter(concerned);
        all.filter(|change| wanted(change) && !part(change)).map(named).collect()
    };
    let mut back = of(&|change| change.does != Mark::Created && !lost.contains(&change.object));
    let without = |change: &PlannedChange| change.does == Mark::Dropped && lost.contains(&change.object);
    let empty = of(&|change| without(change) && comes_back_with(change).is_none());
    let goes = of(&|change| change.does == Mark::Created);
    let leftovers = undone.iter().filter(|s| s.back.kind == Reversibility::KeepsNewRows).flat_map(|s| s.leaves.keys());
    let leftovers: BTreeSet<&ObjectId> = leftovers.collect();
    let with_leftovers = of(&|change| change.does == Mark::Altered && leftovers.contains(&change.object));
    // A rename and another change are two changes of one object.
    back.dedup();
    let as_it_was = |name: String| match with_leftovers.contains(&name) {
        true => format!("{name}, as it was but for what stays aside as ~…"),
        false => format!("{name}, as it was"),
    };
    let mut comes: Vec<String> = back.into_iter().map(as_it_was).collect();
    comes.extend(empty.into_iter().map(|name| format!("{name}, EMPTY")));
    for with in ["computed again", "with new numbers", "with its default alone"] {
        let names = of(&|change| without(change) && comes_back_with(change) == Some(with));
        comes.extend(names.into_iter().map(|name| format!("{name}, {with}")));
    }
    (comes, goes)
}

fn is_new(plan: &StoredPlan, table: &ObjectId) -> bool {
    plan.file().header.changes.iter().any(|c| c.object == *table && c.does == Mark::Created)
}

/// Hazards of the undone segments by which data or an old form was given up for good.
fn gone(undone: &[&Segment]) -> Vec<(HazardKind, ObjectId)> {
    let all = undone.iter().flat_map(|s| &s.hazards);
    let lost = all.filter(|h| matches!(h.hazard, HazardKind::DataLoss | HazardKind::Irreversible));
    lost.map(|h| (h.hazard, h.object)).collect()
}

fn stays_lost(plan: &StoredPlan, undone: &[&Segment], receipts: &Receipts) -> Vec<String> {
    let accepted = receipts.accepted_hazards(plan);
    let one = |(hazard, object): (HazardKind, ObjectId)| {
        let name = plan.file().name_of(&object);
        let by = if accepted.iter().any(|a| a.hazard == hazard && a.object == object) {
            "accepted at approval"
        } else {
            "allowed when it was applied"
        };
        format!("{} of {name} ({by})", if hazard == HazardKind::DataLoss { "the data" } else { "the old form" })
    };
    gone(undone).into_iter().map(one).collect()
}

fn losses(plan: &StoredPlan, counted: &[Counted], allowed: &Allowing<'_>) -> Vec<RollbackLoss> {
    let loses = counted.iter().filter(|c| c.condition.kind == ConditionKind::Loses);
    loses
        .map(|Counted { condition, count, .. }| RollbackLoss {
            count: *count,
            what: condition.says.clone(),
            allow: format!("{}:{}", HazardKind::DataLoss.as_str(), plan.file().name_of(&condition.object)),
            allowed: allowed.covers(HazardKind::DataLoss, &condition.object),
        })
        .collect()
}

fn blocks(counted: &[Counted]) -> Vec<String> {
    let failing = counted.iter().filter(|c| c.condition.kind == ConditionKind::Blocks && c.count > 0);
    failing.map(|c| crate::report::counted(c.count, &c.condition.says)).collect()
}
