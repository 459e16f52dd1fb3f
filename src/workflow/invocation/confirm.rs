use super::proposal::Proposal;

/// What somebody is asked before anything is changed.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// What is about to be done, and where.
    pub proposal: &'a Proposal,
    /// The environment's name, where it must be given again.
    pub protected: Option<&'a str>,
}

/// Asks before anything is changed.
pub(crate) type Confirm<'a> = &'a mut (dyn FnMut(&Question<'_>) -> bool + Send);
