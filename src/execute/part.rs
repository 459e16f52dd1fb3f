//! Describes a part of a plan, which is run and journaled as one: a segment forward, or a piece of its way back.
use super::{
    context::{Context, GuardPoint},
    journal::{Row, RowStatus},
};
use crate::plan::format::{Condition, Lock, Look, Step};

/// Part of a plan that is run and journaled as one: a segment's way forward, or a part of its way back.
#[derive(Debug)]
pub(super) struct Part<'a> {
    /// Segment, from 1.
    pub(super) number: u32,
    /// Number of the part: 0 is the way forward; from 1, the way back.
    pub(super) part: u32,
    /// Number of parts of the way back; 0 on the way forward.
    pub(super) parts: u32,
    pub(super) locks: &'a [Lock],
    pub(super) steps: &'a [Step],
    /// True where the journal says that we started the part and never finished.
    pub(super) started: bool,
    /// Conditions that are counted again inside the locks: losses that were not allowed.
    pub(super) recount: Vec<&'a Condition>,
    /// Looks that are taken once more behind the statements: losses that were not allowed.
    pub(super) looks: &'a [Look],
    /// True where the part takes back what this part of the way back had done: that is then to begin again.
    pub(super) taken_back: bool,
}

impl Part<'_> {
    pub(super) fn row(&self, cx: &Context<'_>) -> Option<Row> {
        cx.run.map(|run| Row { run, number: self.number, part: self.part, parts: self.parts })
    }

    /// Gives the place where a guard is asked about the part.
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
