//! A part of a plan: what is run and journaled as one.
use super::{
    context::{Context, GuardPoint},
    journal::{Row, RowStatus},
};
use crate::plan::format::{Condition, Lock, Look, Step};

/// What is run and journaled as one: a segment's way forward, or a part of its way back.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// The segment, from 1.
    pub(super) number: u32,
    /// 0 is the way forward; from 1, the way back.
    pub(super) part: u32,
    /// How many parts the way back has; 0 on the way forward.
    pub(super) parts: u32,
    pub(super) locks: &'a [Lock],
    pub(super) steps: &'a [Step],
    /// Whether the journal says that we started it and never finished.
    pub(super) started: bool,
    /// What is counted again inside its locks: losses that were not allowed.
    pub(super) recount: Vec<&'a Condition>,
    /// What is looked for once more behind its statements: losses that were not allowed.
    pub(super) looks: &'a [Look],
    /// Whether it takes back what this part of the way back had done: the part is then to begin again.
    pub(super) taken_back: bool,
}

impl Part<'_> {
    pub(super) fn row(&self, cx: &Context<'_>) -> Option<Row> {
        cx.run.map(|run| Row { run, number: self.number, part: self.part, parts: self.parts })
    }

    /// Where a guard is asked about it.
    pub(super) fn point(&self) -> GuardPoint {
        GuardPoint { segment: self.number, back: self.part > 0 }
    }

    pub(super) fn finished(&self) -> RowStatus {
        match self.part {
            _ if self.taken_back => RowStatus::Started,
            0 => RowStatus::Done,
            _ => RowStatus::Undone,
        }
    }
}
