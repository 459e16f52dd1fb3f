//! What was found before the first statement of a plan.
use crate::diagnostic::Diagnostics;
use crate::model::Digest;
use crate::workflow::running::guard::Watch;
use std::collections::{BTreeMap, BTreeSet};

/// What was found before the first statement.
#[derive(Default)]
pub(crate) struct Preflight {
    /// By plan: the segments whose objects are here already.
    pub(crate) found: BTreeMap<Digest, BTreeSet<u32>>,
    /// Watches what the first plan touches from before the look at the whole: while somebody is asked, others go on.
    pub(crate) watch: Option<Watch>,
    /// Whether the state that the first plan starts from is to be made first: the database has nothing of it.
    pub(crate) makes_base: bool,
    /// Drift that is in no plan's way.
    pub(crate) warnings: Diagnostics,
    /// Whether there is nothing here yet: then what plans take note of is made, not looked for.
    pub(crate) from_nothing: bool,
}
