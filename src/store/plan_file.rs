use super::Header;
use crate::{model::Digest, plan::format::PlanBody};

/// A plan: what the two documents of its file say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFile {
    /// Where it stands, and the state behind it.
    pub header: Header,
    /// How to get there.
    pub body: PlanBody,
}

impl PlanFile {
    /// Whether it only records a state: a beginning without anything to run.
    #[must_use]
    pub fn is_baseline(&self) -> bool {
        self.header.base.is_some() && self.body.segments.is_empty()
    }

    /// The plan to whose state a stored text brings a database back, by its key alone: a journal may hold many plans, and each
    /// is read whole only where it is needed.
    #[must_use]
    pub fn repairs(text: &str) -> Option<Digest> {
        let mut keys = text.lines().take_while(|line| !line.starts_with("scope:"));
        let written = keys.find_map(|line| line.strip_prefix("repairs: "))?;
        Digest::parse(written.trim_matches('"'))
    }
}
