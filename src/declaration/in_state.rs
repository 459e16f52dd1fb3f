//! Form of an object in the states of plan files, which each kind's file gives.
use crate::model::Typed;
use serde_yaml::Value;

/// Kind that a plan file's state can hold.
pub(super) trait InState: Sized {
    /// Writes the object as a state has it: lossless, its name apart.
    fn in_state(of: Typed<'_, Self>) -> Value;
}
