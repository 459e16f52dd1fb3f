use crate::{
    model::{Digest, Rename},
    plan::format::{Condition, PlanBody},
};
use std::fmt;

/// A plan, as the executor needs it.
#[derive(Clone, Debug)]
pub struct PlanToRun {
    /// The plan's digest: how the journal knows it.
    pub digest: Digest,
    /// The body's digest.
    pub body_digest: Digest,
    /// The plan before it, if any.
    pub parent: Option<Digest>,
    /// What people call it.
    pub name: String,
    /// Its file, where that lies outside of the plans' folder: commands know it by nothing else.
    pub file: Option<String>,
    /// The plan file's text, kept in the journal.
    pub bytes: String,
    /// What gets other names: where rights are looked for before anything runs, it has its old one.
    pub renames: Vec<Rename>,
    /// What to run.
    pub body: PlanBody,
}

/// How messages and the commands in them name a plan.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called<'a> {
    pub(super) name: &'a str,
    pub(super) file: Option<&'a str>,
}

impl Called<'_> {
    /// As commands take it.
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

    /// How many segments it has.
    #[must_use]
    pub fn segments(&self) -> u32 {
        u32::try_from(self.body.segments.len()).unwrap_or(u32::MAX)
    }
}

/// How long a segment took.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Its number, from 1.
    pub number: u32,
    /// From its first statement (or first try for a lock) to its journal row.
    pub seconds: f64,
    /// How often its transaction was begun.
    pub tries: u32,
}

/// What a run did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// The segments that were run, or undone, in that order.
    pub measured: Vec<Measured>,
    /// What the way back lost, as was allowed, counted before its first statement.
    pub lost: Vec<Counted>,
}

/// A condition of a way back, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// The segment that it belongs to, from 1.
    pub segment: u32,
    /// The condition.
    pub condition: Condition,
    /// How many.
    pub count: u64,
}
