use super::{ReviewedSql, steps::comes_back_with, words::longest};
use crate::{
    diagnostic::{Again, Command},
    model::{Digest, ObjectId, ObjectKind},
    plan::format::{Hazard, HazardKind, Held, Lock, LockMode, Look, LookKind, Proof, Reversibility, Segment},
    store::{Accepted, Mark, PlannedChange, SealedPlan},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What surrounds a plan where it is reviewed. Without any of it, the review is a function of the plan's bytes.
#[derive(Clone, Debug, Default)]
pub struct ReviewContext<'a> {
    /// The plan's file name without `.yaml`: `0003-add-embeddings`.
    pub name: Option<&'a str>,
    /// How people call the parent: `0002 first-search`.
    pub parent: Option<&'a str>,
    /// The file, as people can open it.
    pub path: Option<&'a str>,
    /// Whether that is none of the plans' folder.
    pub outside: bool,
    /// What to run next; `pgform approve NAME` where nothing else is said.
    pub next: Option<Command>,
    /// How suggested commands name the folders.
    pub again: Again,
    /// What a database told.
    pub facts: Option<&'a Facts>,
    /// Whether long lists are written out.
    pub full: bool,
}

/// What a named database told about a plan that is to run there. In no file: it holds for that database, now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whose: `staging`.
    pub database: String,
    /// About changed objects: `1,204 of 1,210 rows hold a value`.
    pub notes: BTreeMap<ObjectId, String>,
    /// About hazards, in the place of the plan's own words.
    pub hazards: BTreeMap<Accepted, String>,
    /// How long each segment may take, in milliseconds, by its number from 1.
    pub segments_ms: BTreeMap<usize, u64>,
    /// How many rows there are of what is looked for first; why not, where they could not be counted.
    pub looks: BTreeMap<Look, Result<u64, String>>,
}

/// A plan, as it is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// The file's name without `.yaml`; `null` where the bytes alone are known.
    pub name: Option<String>,
    /// What it is for.
    pub title: String,
    /// Its digest.
    pub digest: Digest,
    /// Its body's: what approvals are for.
    pub body: Digest,
    /// The parent's digest.
    pub parent: Option<Digest>,
    /// Whether it brings one database back to its parent's state, and is in no chain.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repairs: bool,
    /// The parent's name.
    pub parent_name: Option<String>,
    /// The plans that it replaces.
    pub replaces: Vec<Digest>,
    /// Whether it only records a state.
    pub baseline: bool,
    /// How many objects it records, where it is a baseline.
    pub objects: usize,
    /// The longest that readers or writers of any table wait; `null` where nobody does.
    pub longest_lock: Option<Held>,
    /// How many indexes are built.
    pub index_builds: usize,
    /// Whose sizes the estimates are for.
    pub estimated_for: Option<String>,
    /// What is made, changed and dropped.
    pub changes: Vec<ReviewedChange>,
    /// How, step by step.
    pub segments: Vec<ReviewedSegment>,
    /// What must be accepted, or known.
    pub hazards: Vec<ReviewedHazard>,
    /// What is counted before anything runs, and refused.
    pub looks: Vec<ReviewedLook>,
    /// What was proven; `null` where nothing runs.
    pub proof: Option<Proof>,
    /// What it takes for granted.
    pub assumes: Vec<String>,
    /// What planning again showed, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// The file.
    pub path: Option<String>,
    /// Whether that is none of the plans' folder.
    #[serde(skip)]
    pub outside: bool,
    /// What to run next.
    pub next: Option<String>,
    /// How suggested commands name the folders.
    #[serde(skip)]
    pub again: Again,
    #[serde(skip)]
    pub(super) full: bool,
}

/// What `plan` found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// Whether anything differs.
    pub changes: bool,
    /// The plan that was made; `null` where nothing differs.
    pub plan: Option<Review>,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedChange {
    /// `+`, `-` or `~`.
    pub does: Mark,
    /// The kind's word.
    pub kind: String,
    /// The object.
    pub object: ObjectId,
    /// What the plan's own texts call it.
    pub called: String,
    /// The table that it is a part of.
    pub table: Option<ObjectId>,
    /// What it is, or from what to what.
    pub detail: String,
    /// What a database told about it.
    pub note: Option<String>,
}

/// One segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedSegment {
    /// Its number, from 1.
    pub segment: usize,
    /// What it does, operation by operation.
    pub operations: Vec<ReviewedOperation>,
    /// The longest of its locks.
    pub held: Option<Held>,
    /// How long it may take, in milliseconds.
    pub estimate_ms: Option<u64>,
    /// What its way back brings, at worst.
    pub back: Reversibility,
    /// What the way back looks at first.
    pub back_counts: Vec<String>,
    /// Where a database may have what it makes already, or lack what it drops: then it is neither run nor undone there.
    pub absorb: Option<Absorb>,
    /// All its SQL, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<ReviewedSql>,
    /// What fails for applications from here on, before the old rows were read.
    pub refuses: Option<String>,
}

/// What a database may have already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Absorb {
    /// An equal object is there.
    Here,
    /// The object is gone.
    Gone,
}

/// One operation of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedOperation {
    /// What it does.
    pub does: String,
    /// Its locks on relations that are there before the plan.
    pub locks: Vec<ReviewedLock>,
    /// What its own way back brings.
    pub back: Reversibility,
    /// The same in words, where a column comes back with values that are not those which it had.
    pub comes_back: Option<String>,
}

/// One lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedLock {
    /// The relation.
    pub relation: ObjectId,
    /// What the plan's own texts call that.
    pub called: String,
    /// The mode.
    pub mode: LockMode,
    /// For how long.
    pub held: Held,
}

/// One hazard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedHazard {
    /// Which.
    pub hazard: HazardKind,
    /// The kind's word.
    pub kind: String,
    /// On what.
    pub object: ObjectId,
    /// What the plan's own texts call that.
    pub called: String,
    /// Why.
    pub because: String,
    /// What `--accept` and `--allow` take, where it must be accepted.
    pub accept: Option<String>,
}

/// Something that `apply` counts before the plan's first statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedLook {
    /// The segment that it is about, from 1.
    pub segment: usize,
    /// What it means if there is any.
    pub kind: LookKind,
    /// What it is about.
    pub object: ObjectId,
    /// What is counted.
    pub says: String,
    /// A query that finds it.
    pub rows: String,
    /// How much of it a database has; `null` where none was asked, or could tell.
    pub count: Option<u64>,
    /// Why a database that was asked could not tell.
    pub uncounted: Option<String>,
    /// What `--allow` takes, where it may be lost.
    pub allow: Option<String>,
}

/// The review of a plan.
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

/// The review of the plan's bytes alone: the same on every machine, for a repository to keep beside the plan.
#[must_use]
pub fn snapshot(plan: &SealedPlan) -> String {
    review(plan, &ReviewContext { full: true, ..ReviewContext::default() }).text()
}

fn reviewed_change(plan: &SealedPlan, change: &PlannedChange, context: &ReviewContext<'_>) -> ReviewedChange {
    let PlannedChange { does, object, kind, under, detail } = change;
    let kind_after = || match plan.file().header.after.get(object) {
        Some(Some(after)) => after.word(),
        Some(None) | None => object.word(),
    };
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

/// Words for what a repair makes again: its rows are in no plan.
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

/// Each operation with its own locks and way back. One alone has the segment's; so has the first of several in a plan that
/// does not tell them apart: nothing is left out.
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
        comes_back: plan
            .file()
            .header
            .changes
            .iter()
            .find_map(|change| {
                let dropped = change.does == Mark::Dropped && *does == format!("drop column {}", change.object.short());
                dropped.then(|| comes_back_with(change)).flatten().map(|with| format!("comes back {with}"))
            })
            .or_else(|| super::steps::untold(segment, does)),
    };
    segment.does.iter().enumerate().map(operation).collect()
}

/// What is looked for first, by segment. What was assumed of sizes is told as that.
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

/// Each hazard once, the ones to be accepted first.
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
