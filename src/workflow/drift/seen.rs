//! A database as it was read, to be compared with a state.
use super::compare::There;
use crate::catalog::Live;
use crate::store::{Plans, Use};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::planning::outside_uses;

/// What was read of a database.
pub(crate) struct Seen {
    /// All that was in the scope.
    pub(crate) live: Live,
    /// What it and the plans use from outside.
    pub(crate) uses: Vec<Use>,
    major: u32,
}

impl Seen {
    /// Takes what was read, with what it and the plans use from outside.
    pub(crate) fn new(live: Live, connected: &Connected, plans: &Plans) -> Self {
        let uses = outside_uses::seen(plans, &live.uses);
        Self { live, uses, major: connected.connection.info().major() }
    }

    /// The same for a comparison.
    pub(crate) fn there<'a>(&'a self, plans: &'a Plans, project: &'a Project) -> There<'a> {
        There { state: &self.live.state, major: self.major, uses: &self.uses, plans, project }
    }
}
