use crate::store::StoredPlan;
use std::sync::Arc;

/// What somebody is asked before anything is changed.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// Where: `host/database as role · PostgreSQL 16.4, pgvector 0.8.0`.
    pub server: &'a str,
    /// What is about to be done, in order.
    pub plans: &'a [Arc<StoredPlan>],
    /// Plans that go back first, because others take their place.
    pub back_first: &'a [String],
    /// The environment's name, where it must be given again.
    pub protected: Option<&'a str>,
}

/// Asks before anything is changed.
pub(crate) type Confirm<'a> = &'a mut (dyn FnMut(&Question<'_>) -> bool + Send);
