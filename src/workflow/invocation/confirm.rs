//! The question that a command asks before it changes anything, and the function that answers it.
use super::proposal::Proposal;

/// Question to whoever runs a command, before anything is changed.
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The proposal: what would be done, and where.
    pub proposal: &'a Proposal,
    /// The environment's name, where it must be given again.
    pub protected: Option<&'a str>,
}

/// Function that shows a question, and gives true where the answer is yes.
pub(crate) type Confirm<'a> = &'a mut (dyn FnMut(&Question<'_>) -> bool + Send);
