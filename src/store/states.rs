//! Form of objects in a plan file, which is the declaration's.
pub(super) use crate::declaration::{state_from_node as from_node, state_to_value as to_value};
