//! Types that the executor takes and gives: the plan to run, and what a run measured and lost.
use crate::{
    model::{Digest, Rename},
    plan::format::{Condition, PlanBody},
};
use std::fmt;

/// Plan, as the executor needs it.
#[derive(Clone, Debug)]
pub struct PlanToRun {
    /// Digest of the plan: how the journal knows it.
    pub digest: Digest,
    /// Digest of the body.
    pub body_digest: Digest,
    /// Digest of the plan before this one, if any.
    pub parent: Option<Digest>,
    /// Name that people call the plan by.
    pub name: String,
    /// Path of the plan's file, where that lies outside of the plans' folder: commands know it by nothing else.
    pub file: Option<String>,
    /// Text of the plan file, kept in the journal.
    pub bytes: String,
    /// Renames of schemas and objects: where rights are looked for before anything runs, an object has its old name.
    pub renames: Vec<Rename>,
    /// Segments to run.
    pub body: PlanBody,
}

/// Name of a plan in messages and in the commands that they show.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called<'a> {
    pub(super) name: &'a str,
    pub(super) file: Option<&'a str>,
}

impl Called<'_> {
    /// Gives the name as commands take it.
    pub(super) fn arg(&self) -> &str {
        self.file.unwrap_or(self.name)
    }
}

impl fmt::Display for Called<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PlanToRun {
    pub(super) fn called(&self) -> Called<'_> {
        Called { name: &self.name, file: self.file.as_deref() }
    }

    /// Counts the plan's segments.
    #[must_use]
    pub fn segments(&self) -> u32 {
        u32::try_from(self.body.segments.len()).unwrap_or(u32::MAX)
    }
}

/// Time that a segment took.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Number of the segment, from 1.
    pub number: u32,
    /// Seconds from its first statement (or first try for a lock) to its journal row.
    pub seconds: f64,
    /// Seconds of these that it waited, for locks and for older sessions, until the try that came through.
    pub waited: f64,
    /// Number of times that its transaction was begun.
    pub tries: u32,
}

/// Measurements and losses of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Segments that were run, or undone, in that order.
    pub measured: Vec<Measured>,
    /// Losses of the way back, as was allowed, counted before its first statement.
    pub lost: Vec<Counted>,
}

/// Condition of a way back, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Segment that the condition belongs to, from 1.
    pub segment: u32,
    /// Condition that was counted.
    pub condition: Condition,
    /// Number of rows.
    pub count: u64,
}
