//! Result of the checks before the first statement of a plan.
use crate::diagnostic::Diagnostics;
use crate::model::Digest;
use crate::workflow::running::guard::Watch;
use std::collections::{BTreeMap, BTreeSet};

/// Result of the checks before the first statement.
#[derive(Default)]
pub(crate) struct Preflight {
    /// Segments, by plan, whose objects are here already.
    pub(crate) found: BTreeMap<Digest, BTreeSet<u32>>,
    /// Watch over the objects of the first plan, from before the catalog was read: others go on while somebody is
    /// asked.
    pub(crate) watch: Option<Watch>,
    /// True where the state that the first plan starts from is to be made first: the database has nothing of it.
    pub(crate) makes_base: bool,
    /// Drift that is in no plan's way.
    pub(crate) warnings: Diagnostics,
    /// True where the database is empty: then recorded objects are made, not looked for.
    pub(crate) from_nothing: bool,
}
