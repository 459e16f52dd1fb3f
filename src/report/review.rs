//! Reviews: made from a plan's bytes, and from the facts of a database where one was named.
use super::{
    Absorb, Review, ReviewContext, ReviewedChange, ReviewedHazard, ReviewedLock, ReviewedLook, ReviewedOperation,
    ReviewedSegment, steps::comes_back_with, words::longest,
};
use crate::{
    model::{ObjectId, ObjectKind},
    plan::format::{Hazard, Held, Lock, Look, LookKind, Segment},
    store::{Accepted, Mark, PlannedChange, SealedPlan},
};

/// Reviews a plan.
#[must_use]
pub fn review(plan: &SealedPlan, context: &ReviewContext<'_>) -> Review {
    let (header, body) = (&plan.file().header, &plan.file().body);
    let locks = || body.segments.iter().flat_map(|s| &s.locks);
    let builds = |s: &&Segment| s.locks.iter().any(|l| l.held == Held::Build);
    Review {
        name: context.name.map(str::to_owned),
        title: header.title.clone(),
        digest: plan.digest().clone(),
        body: plan.body_digest().clone(),
        parent: header.parent.clone(),
        repairs: header.repairs.is_some(),
        parent_name: context.parent.map(str::to_owned),
        replaces: header.replaces.clone(),
        baseline: plan.file().is_baseline(),
        objects: header.base.as_ref().map_or(0, |base| base.objects.len()),
        longest_lock: longest(locks()),
        index_builds: body.segments.iter().filter(builds).count(),
        estimated_for: context.facts.map(|f| f.database.clone()),
        changes: header.changes.iter().map(|change| reviewed_change(plan, change, context)).collect(),
        segments: (1..).zip(&body.segments).map(|(n, s)| reviewed_segment(plan, n, s, context)).collect(),
        hazards: reviewed_hazards(plan, context),
        looks: reviewed_looks(plan, context),
        proof: body.proof.clone(),
        assumes: header.assumes.clone(),
        verified: None,
        path: context.path.map(str::to_owned),
        outside: context.outside,
        next: context.next.as_ref().map(|next| next.line(&context.again)),
        again: context.again.clone(),
        full: context.full,
    }
}

/// Reviews the plan's bytes alone: the same on every machine, for a repository to keep beside the plan.
#[must_use]
pub fn snapshot(plan: &SealedPlan) -> String {
    review(plan, &ReviewContext { full: true, ..ReviewContext::default() }).text()
}

fn reviewed_change(plan: &SealedPlan, change: &PlannedChange, context: &ReviewContext<'_>) -> ReviewedChange {
    let PlannedChange { does, object, kind, under, detail } = change;
    let after = plan.file().header.after.get(object).and_then(Option::as_ref);
    let kind_after = || after.map_or_else(|| object.word(), |after| after.word(object));
    let table = object.table_of().map(ObjectId::table).filter(|table| table != object);
    ReviewedChange {
        does: *does,
        kind: kind.clone().unwrap_or_else(|| kind_after().to_owned()),
        object: *object,
        called: plan.file().name_of(object),
        table: (*under).or(table),
        detail: match made_again_empty(plan, change) {
            true if detail.is_empty() => EMPTY.to_owned(),
            true => format!("{detail}; {EMPTY}"),
            false => detail.clone(),
        },
        note: context.facts.and_then(|f| f.notes.get(object).cloned()),
    }
}

/// Words for an object that a repair makes again: its rows are in no plan.
const EMPTY: &str = "made again EMPTY";

fn made_again_empty(plan: &SealedPlan, change: &PlannedChange) -> bool {
    let holds = matches!(change.object.kind(), ObjectKind::Table | ObjectKind::Column);
    plan.file().header.repairs.is_some() && change.does == Mark::Created && holds
}

fn reviewed_segment(
    plan: &SealedPlan,
    number: usize,
    segment: &Segment,
    context: &ReviewContext<'_>,
) -> ReviewedSegment {
    ReviewedSegment {
        segment: number,
        operations: reviewed_operations(plan, segment),
        held: segment.locks.iter().map(|lock| lock.held).max(),
        estimate_ms: context.facts.and_then(|f| f.segments_ms.get(&number).copied()),
        back: segment.back.kind,
        back_counts: segment.back.conditions.iter().map(|c| c.says.clone()).collect(),
        absorb: segment.absorb.then(|| if segment.makes() { Absorb::Here } else { Absorb::Gone }),
        sql: None,
        refuses: segment.rule.as_ref().map(|rule| rule.refuses.clone()),
    }
}

/// Operations with their own locks and ways back. A single one has the segment's; so has the first of several in a plan
/// that does not tell them apart: nothing is left out.
fn reviewed_operations(plan: &SealedPlan, segment: &Segment) -> Vec<ReviewedOperation> {
    let locks = |locks: &[Lock]| -> Vec<ReviewedLock> {
        let one = |Lock { relation, mode, held }: &Lock| ReviewedLock {
            relation: *relation,
            called: plan.file().name_of(relation),
            mode: *mode,
            held: *held,
        };
        locks.iter().map(one).collect()
    };
    let told = segment.each.len() == segment.does.len();
    let operation = |(at, does): (usize, &String)| ReviewedOperation {
        does: does.clone(),
        locks: match segment.each.get(at).filter(|_| told) {
            Some(each) => locks(&each.locks),
            None if at == 0 => locks(&segment.locks),
            None => Vec::new(),
        },
        back: segment.each.get(at).filter(|_| told).map_or(segment.back.kind, |each| each.back),
        comes_back: plan.file().header.changes.iter().find_map(|change| {
            let dropped = change.does == Mark::Dropped && *does == format!("drop column {}", change.object.short());
            dropped.then(|| comes_back_with(change)).flatten().map(|with| format!("comes back {with}"))
        }),
    };
    segment.does.iter().enumerate().map(operation).collect()
}

/// Counts before the run, by segment, but for assumptions about sizes, which a review tells apart.
fn reviewed_looks(plan: &SealedPlan, context: &ReviewContext<'_>) -> Vec<ReviewedLook> {
    let reviewed = |(segment, look): (usize, &Look)| {
        let found = context.facts.and_then(|facts| facts.looks.get(look));
        let loses = look.kind == LookKind::Loses;
        ReviewedLook {
            segment,
            kind: look.kind,
            object: look.object,
            says: look.says.clone(),
            rows: look.rows.clone(),
            count: found.and_then(|found| found.as_ref().ok().copied()),
            uncounted: found.and_then(|found| found.as_ref().err().cloned()),
            allow: loses.then(|| format!("DataLoss:{}", plan.file().name_of(&look.object))),
        }
    };
    let all = (1..).zip(&plan.file().body.segments).flat_map(|(n, s)| s.looks.iter().map(move |look| (n, look)));
    all.filter(|(_, look)| look.kind != LookKind::Outgrown).map(reviewed).collect()
}

/// Hazards, each once, the ones to be accepted first.
fn reviewed_hazards(plan: &SealedPlan, context: &ReviewContext<'_>) -> Vec<ReviewedHazard> {
    let mut all: Vec<&Hazard> = Vec::new();
    for hazard in plan.file().body.segments.iter().flat_map(|s| &s.hazards) {
        if !all.contains(&hazard) {
            all.push(hazard);
        }
    }
    all.sort_by_key(|h| (!h.hazard.must_be_allowed(), h.hazard, &h.object));
    let reviewed = |h: &Hazard| {
        let key = Accepted { hazard: h.hazard, object: h.object };
        let because = context.facts.and_then(|f| f.hazards.get(&key)).unwrap_or(&h.because).clone();
        let called = plan.file().name_of(&h.object);
        let accept = h.hazard.must_be_allowed().then(|| format!("{}:{called}", h.hazard.as_str()));
        // The change knows a constraint's kind.
        let change = plan.file().header.changes.iter().find(|c| c.object == h.object);
        let kind = change.and_then(|c| c.kind.clone()).unwrap_or_else(|| h.object.word().to_owned());
        ReviewedHazard { hazard: h.hazard, kind, object: h.object, called, because, accept }
    };
    all.into_iter().map(reviewed).collect()
}
