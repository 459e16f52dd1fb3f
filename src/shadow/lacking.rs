//! Tells what a bench could not build as it is, and why its proof is partial.
use super::Bench;
use crate::model::ObjectId;
use std::collections::BTreeSet;

impl Bench {
    /// Reasons why the shadow could not show something: a proof with some of these is partial.
    #[must_use]
    pub fn partial(&self) -> &BTreeSet<String> {
        &self.partial
    }

    /// Tells whether this object was built otherwise than it is, or not at all.
    #[must_use]
    pub fn lacks(&self, id: &ObjectId) -> bool {
        self.lacking.contains(id)
    }

    /// Forgets what could not be built for another plan: an object of the same name may be another one in the next.
    pub fn forget(&mut self) {
        self.lacking.clear();
        self.partial.clone_from(&self.partial_at_first);
    }
}
