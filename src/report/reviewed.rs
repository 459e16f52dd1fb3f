//! The review of a plan as data, for `plan`, `show` and their JSON.
use crate::{
    diagnostic::{Again, Command},
    model::{Digest, ObjectId},
    plan::format::{HazardKind, Held, LockMode, Look, LookKind, Proof, Reversibility},
    store::{Accepted, Mark},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Context of a review. Without it, the review is a function of the plan's bytes.
#[derive(Clone, Debug, Default)]
pub struct ReviewContext<'a> {
    /// File name of the plan without `.yaml`: `0003-add-embeddings`.
    pub name: Option<&'a str>,
    /// Name of the parent: `0002 first-search`.
    pub parent: Option<&'a str>,
    /// Path of the file, as people can open it.
    pub path: Option<&'a str>,
    /// True where the file is not in the plans' folder.
    pub outside: bool,
    /// Next command; `pgform approve NAME` where none is given.
    pub next: Option<Command>,
    /// Flags that name the folders in suggested commands.
    pub again: Again,
    /// Facts read from a database.
    pub facts: Option<&'a Facts>,
    /// True where long lists are written out.
    pub full: bool,
}

/// Facts about a plan, read from the database where it is to run. In no file: they hold for that database, now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Name of the database: `staging`.
    pub database: String,
    /// Notes about changed objects: `1,204 of 1,210 rows hold a value`.
    pub notes: BTreeMap<ObjectId, String>,
    /// Words for hazards, in the place of the plan's own.
    pub hazards: BTreeMap<Accepted, String>,
    /// Estimated duration of segments, in milliseconds, by number from 1.
    pub segments_ms: BTreeMap<usize, u64>,
    /// Counts of the rows looked for before the run; the reason, where they could not be counted.
    pub looks: BTreeMap<Look, Result<u64, String>>,
}

/// Review of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Review {
    /// File name without `.yaml`; `null` where only the bytes are known.
    pub name: Option<String>,
    /// Title of the plan.
    pub title: String,
    /// Digest of the plan.
    pub digest: Digest,
    /// Digest of the body, which approvals name.
    pub body: Digest,
    /// Digest of the parent.
    pub parent: Option<Digest>,
    /// True where the plan brings one database back to its parent's state, and is in no chain.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repairs: bool,
    /// Name of the parent.
    pub parent_name: Option<String>,
    /// Plans that it replaces.
    pub replaces: Vec<Digest>,
    /// True where it only records a state.
    pub baseline: bool,
    /// Count of the objects that a baseline records; 0 otherwise.
    pub objects: usize,
    /// Longest time that readers or writers of a table wait; `null` where nobody does.
    pub longest_lock: Option<Held>,
    /// Count of index builds.
    pub index_builds: usize,
    /// Database whose sizes the estimates are for.
    pub estimated_for: Option<String>,
    /// Objects created, changed and dropped.
    pub changes: Vec<ReviewedChange>,
    /// Segments, in order.
    pub segments: Vec<ReviewedSegment>,
    /// Hazards to accept, or to know.
    pub hazards: Vec<ReviewedHazard>,
    /// Rows that are counted before the run, and that may refuse it.
    pub looks: Vec<ReviewedLook>,
    /// The proof; `null` where nothing runs.
    pub proof: Option<Proof>,
    /// Assumptions about sizes.
    pub assumes: Vec<String>,
    /// Result of planning again, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<String>,
    /// Path of the file.
    pub path: Option<String>,
    /// True where the file is not in the plans' folder.
    #[serde(skip)]
    pub outside: bool,
    /// Next command.
    pub next: Option<String>,
    /// Flags that name the folders in suggested commands.
    #[serde(skip)]
    pub again: Again,
    #[serde(skip)]
    pub(super) full: bool,
}

/// Report of `plan`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanReport {
    /// True where the declaration differs from the chain's head.
    pub changes: bool,
    /// The plan; `null` where nothing differs.
    pub plan: Option<Review>,
}

/// Change of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedChange {
    /// `+`, `-` or `~`.
    pub does: Mark,
    /// Word for the kind.
    pub kind: String,
    /// The object.
    pub object: ObjectId,
    /// Name of the object in the plan's own texts.
    pub called: String,
    /// Table that it is a part of.
    pub table: Option<ObjectId>,
    /// Description of the object, or of the change.
    pub detail: String,
    /// Fact that a database gave about it.
    pub note: Option<String>,
}

/// Segment of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedSegment {
    /// Number of the segment, from 1.
    pub segment: usize,
    /// Operations, in order.
    pub operations: Vec<ReviewedOperation>,
    /// Longest time that one of its locks is held.
    pub held: Option<Held>,
    /// Estimated duration, in milliseconds.
    pub estimate_ms: Option<u64>,
    /// Reversibility at worst.
    pub back: Reversibility,
    /// Rows that the way back counts first, in words.
    pub back_counts: Vec<String>,
    /// State in which a database neither runs nor undoes the segment: its objects exist already, or are gone already.
    pub absorb: Option<Absorb>,
    /// All SQL of the segment, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sql: Option<ReviewedSql>,
    /// Statements of applications that fail from here on, before old rows are validated.
    pub refuses: Option<String>,
}

/// State that makes a segment unnecessary in a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Absorb {
    /// Equal objects exist already.
    Here,
    /// The objects are gone already.
    Gone,
}

/// Operation of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedOperation {
    /// Description of the operation.
    pub does: String,
    /// Locks on relations from before the plan.
    pub locks: Vec<ReviewedLock>,
    /// Reversibility of the operation.
    pub back: Reversibility,
    /// Words for the way back, where a column comes back with other values than it had.
    pub comes_back: Option<String>,
}

/// Lock on a relation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedLock {
    /// The relation.
    pub relation: ObjectId,
    /// Name of the relation in the plan's own texts.
    pub called: String,
    /// The mode.
    pub mode: LockMode,
    /// Time that it is held.
    pub held: Held,
}

/// Hazard on an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedHazard {
    /// Kind of the hazard.
    pub hazard: HazardKind,
    /// Word for the object's kind.
    pub kind: String,
    /// The object.
    pub object: ObjectId,
    /// Name of the object in the plan's own texts.
    pub called: String,
    /// Reason.
    pub because: String,
    /// Argument for `--accept` and `--allow`, where it must be accepted.
    pub accept: Option<String>,
}

/// Rows that `apply` counts before the plan's first statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedLook {
    /// Number of the segment, from 1.
    pub segment: usize,
    /// Consequence of finding a row.
    pub kind: LookKind,
    /// The object.
    pub object: ObjectId,
    /// Rows that are counted, in words.
    pub says: String,
    /// Query that finds them.
    pub rows: String,
    /// Count in a database; `null` where none was asked, or it could not tell.
    pub count: Option<u64>,
    /// Reason why a database could not tell.
    pub uncounted: Option<String>,
    /// Argument for `--allow`, where the rows may be lost.
    pub allow: Option<String>,
}

/// All SQL of a segment.
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
    /// The steps that undo one of its rules for new rows, where old rows break it.
    pub relief: Vec<ReviewedStep>,
}

/// The steps that run where a way back had set something aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedRevive {
    /// Query that tells whether something was set aside.
    pub probe: String,
    /// The steps.
    pub steps: Vec<ReviewedStep>,
}

/// Count with its query: before the run, or before the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReviewedCount {
    /// The things counted, in words.
    pub says: String,
    /// The query.
    pub sql: String,
}

/// Step of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewedStep {
    /// A statement.
    Statement {
        /// The statement.
        sql: String,
        /// True where the role that logged in runs it, whatever the environment's role.
        as_login: bool,
        /// Query, where the statement runs outside of a transaction, that tells how far it came.
        probe: Option<String>,
        /// Statement that removes a leftover of a cut-off run.
        clear: Option<String>,
    },
    /// A query whose one value must be the expected one.
    Assert {
        /// The query.
        sql: String,
        /// The value.
        expect: String,
        /// The words where it is another one.
        says: String,
    },
}
