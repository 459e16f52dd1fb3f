//! A plan as its file has it: header and body.
use super::Header;
use crate::{model::Digest, plan::format::PlanBody};

/// Plan: the two documents of its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// Place in the chain, and the state after the plan.
    pub header: Header,
    /// Segments and proof.
    pub body: PlanBody,
}

impl PlanFile {
    /// Tells whether the plan only records a state: a beginning without anything to run.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        self.header.base.is_some() && self.body.segments.is_empty()
    }

    /// Digest of the plan to whose state a stored repair brings a database back, by that key alone: a journal may hold
    /// many plans, and each is read whole only where it is needed.
    #[must_use]
    pub fn repairs(text: &str) -> Option<Digest> {
        let mut keys = text.lines().take_while(|line| !line.starts_with("scope:"));
        let written = keys.find_map(|line| line.strip_prefix("repairs: "))?;
        Digest::parse(written.trim_matches('"'))
    }
}
