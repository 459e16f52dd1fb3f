//! A plan's review as data: what `plan`, `show` and their JSON tell.
use crate::{
    diagnostic::{Again, Command},
    model::{Digest, ObjectId},
    plan::format::{HazardKind, Held, LockMode, Look, LookKind, Proof, Reversibility},
    store::{Accepted, Mark},
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

/// All SQL of one segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedSql {
    /// The steps that it runs, in order.
    pub forward: Vec<ReviewedStep>,
    /// The steps that may run in the place of `forward`.
    pub revive: Option<ReviewedRevive>,
    /// The counts before the plan runs, and before it goes back.
    pub counts: Vec<ReviewedCount>,
    /// The steps of its way back, part by part.
    pub back: Vec<Vec<ReviewedStep>>,
    /// The steps that undo a part of it, where rows break what that has set up for new ones.
    pub relief: Vec<ReviewedStep>,
}

/// The steps that run where a way back had set something aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedRevive {
    /// Asks whether there is something.
    pub probe: String,
    /// The steps.
    pub steps: Vec<ReviewedStep>,
}

/// A count of the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedCount {
    /// The things counted, in words.
    pub says: String,
    /// The query.
    pub sql: String,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewedStep {
    /// A statement.
    Statement {
        /// The statement.
        sql: String,
        /// True where the role that logged in runs it, whatever the environment's role.
        as_login: bool,
        /// Where it runs outside of a transaction: asks how far it came.
        probe: Option<String>,
        /// Takes away what a cut-off run left.
        clear: Option<String>,
    },
    /// A query whose one value must be this.
    Assert {
        /// The query.
        sql: String,
        /// The value.
        expect: String,
        /// The words where it is another one.
        says: String,
    },
}
