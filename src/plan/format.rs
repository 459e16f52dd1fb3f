//! Types of a plan's body: what the file holds behind the header's state, and what the executor runs.
pub use super::hazard::{Hazard, HazardKind};
pub use super::lock::{Held, Lock, LockMode};
pub use super::operation_summary::OperationSummary;
pub use super::reversibility::Reversibility;
pub use super::row_check::{Look, LookKind, Rule, counting};
use crate::model::{Digest, ObjectId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Steps that share a transaction, or one non-transactional statement: the unit of journal, resume, proof and way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Segment {
    /// Deeds of the operations, in a few words each: `add column documents.embedding`.
    pub does: Vec<String>,
    /// The locks that it takes on relations that were there before the plan, with how long each is held.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// Locks and way back of each operation, in the order of `does`; empty where there is only one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub each: Vec<OperationSummary>,
    /// Steps that run, in order.
    pub steps: Vec<Step>,
    /// Hazards that a reviewer must accept by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards: Vec<Hazard>,
    /// Rows that are looked for before the plan's first statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub looks: Vec<Look>,
    /// Rule that new rows obey from here on, before the old ones were read. Taken back where they turn out to break it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Way back of the segment.
    pub back: Back,
    /// Steps that run instead of `steps` when the way back left something that is to come back (see [`Revive`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revive: Option<Revive>,
    /// True where a database may have what the segment makes (or lack what it drops) already: there it is journalled as
    /// found, not run and not undone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub absorb: bool,
    /// The objects that it touches as the proof's shadow showed them afterwards; `null` where there is none any more.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub leaves: BTreeMap<ObjectId, Option<Digest>>,
}

impl Segment {
    /// Tells whether the segment runs in one transaction, journal row included; otherwise it is a single statement with
    /// a probe.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        all_transactional(&self.steps)
    }

    /// Tells whether the segment leaves something, and does not only take away.
    #[must_use]
    pub fn makes(&self) -> bool {
        self.leaves.values().any(Option::is_some)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

fn all_transactional(steps: &[Step]) -> bool {
    steps.iter().all(|step| match step {
        Step::Statement(statement) => statement.probe.is_none(),
        Step::Assert(_) => true,
    })
}

/// One thing that the executor does. A closed list: a step of another name is a newer format.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Runs one statement.
    Statement(Statement),
    /// Runs a query and goes on only if its one value is what it must be.
    Assert(Assert),
}

/// One SQL statement, every name in it qualified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// The statement, without a semicolon.
    pub sql: String,
    /// Role as which the statement runs.
    #[serde(rename = "as", default, skip_serializing_if = "RunAs::is_role")]
    pub run_as: RunAs,
    /// Query whose one value says how far the statement got (see [`ProbeAnswer`]); present where it cannot run in a
    /// transaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<String>,
    /// Statement that removes a leftover of ours that the probe finds, outside of a transaction, before running again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
}

/// Roles as which a statement may run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAs {
    /// The environment's role, by `set role`; the login role where none is named.
    #[default]
    Role,
    /// The role that logged in, whatever the environment's role: `create extension`.
    Login,
}

impl RunAs {
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
    fn is_role(&self) -> bool {
        *self == Self::Role
    }
}

/// Answers of a probe, given as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeAnswer {
    /// `not started`: nothing of that name is there.
    NotStarted,
    /// `done`: what the statement makes is there and whole (or gone, where it drops).
    Done,
    /// `leftover`: an unfinished thing of that name, as this statement leaves it when it is cut off.
    Leftover,
    /// `not ours`: something else has the name.
    NotOurs,
}

impl ProbeAnswer {
    /// Reads a probe's answer.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "not started" => Self::NotStarted,
            "done" => Self::Done,
            "leftover" => Self::Leftover,
            "not ours" => Self::NotOurs,
            _ => return None,
        })
    }
}

/// A query that must give one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assert {
    /// The query; one row, one column.
    pub sql: String,
    /// The value that it must give, as text.
    pub expect: String,
    /// Message for people where the query gives another value.
    pub says: String,
    /// The extension whose version is asked for: a shadow that has only an older one cannot show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<ObjectId>,
}

/// Way back of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Back {
    /// The worst of what its operations bring back.
    pub kind: Reversibility,
    /// Conditions that `rollback` counts or checks before its first statement.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Parts that run, in order; each part is a transaction, or one non-transactional statement.
    pub parts: Vec<BackPart>,
}

/// A part of the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackPart {
    /// The locks that it takes on relations that are there when it begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locks: Vec<Lock>,
    /// Steps that run, in order.
    pub steps: Vec<Step>,
    /// Undoes the part before it, where rows turn out to break what this one reads them for: then new rows need not
    /// obey it any longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relief: Vec<Step>,
}

impl BackPart {
    /// Tells whether the part runs in one transaction, as [`Segment::is_transactional`] does for a segment.
    #[must_use]
    pub fn is_transactional(&self) -> bool {
        all_transactional(&self.steps)
    }
}

/// Something that depends on the rows written since, and that `rollback` looks at first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// Meaning of a count other than 0.
    pub kind: ConditionKind,
    /// The object whose values go, or whose return may fail.
    pub object: ObjectId,
    /// A query whose one value is a count.
    pub count: String,
    /// Name of what is counted, in a few words: `values of documents.embedding written since`.
    pub says: String,
}

/// Meanings of a count other than 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConditionKind {
    /// Loss of so many values or rows: `--allow DataLoss:OBJECT`.
    Loses,
    /// The way back would fail: refused.
    Blocks,
}

/// Brings back what the way back had set aside, instead of making it anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revive {
    /// A query whose one value is `true` where there is something to bring back.
    pub probe: String,
    /// Steps that run instead of the segment's.
    pub steps: Vec<Step>,
}

/// Result of the proof.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Reasons why the proof is partial; empty for a full one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<String>,
    /// The server that it ran on: `PostgreSQL 17.5, pgvector 0.8.2`.
    pub server: String,
    /// Number of rows that were followed forward and back.
    pub rows: u64,
    /// Segment boundaries from which the way back was run.
    pub boundaries: u32,
    /// Stand-ins that were made for what that server lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<String>,
}

/// The second document of a plan file: how to get there, and the proof. Its digest is the body's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBody {
    /// The segments, in order; none in a baseline.
    pub segments: Vec<Segment>,
    /// Result of the proof; absent in a baseline, which runs nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
}
