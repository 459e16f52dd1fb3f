//! Live catalog of a database as read once, to be compared with a state.
use super::compare::There;
use crate::catalog::Live;
use crate::store::{Plans, Use};
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::planning::outside_uses;

/// Live catalog as read, with the context to compare it.
pub(crate) struct Seen {
    /// The objects in the scope.
    pub(crate) live: Live,
    /// Objects outside of the scope that the live state and the plans use.
    pub(crate) uses: Vec<Use>,
    major: u32,
}

impl Seen {
    /// Takes a catalog as read, with the outside objects that it and the plans use.
    pub(crate) fn new(live: Live, connected: &Connected, plans: &Plans) -> Self {
        let uses = outside_uses::seen(plans, &live.uses);
        Self { live, uses, major: connected.connection.info().major() }
    }

    /// Gives it in the form that a comparison takes.
    pub(crate) fn there<'a>(&'a self, plans: &'a Plans, project: &'a Project) -> There<'a> {
        There { state: &self.live.state, major: self.major, uses: &self.uses, plans, project }
    }
}
