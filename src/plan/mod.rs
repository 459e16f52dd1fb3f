//! From changes to a plan: operations, their order, segments, and the checks that walk the finished plan. Pure.
mod dependents;
pub mod format;
mod needs;
pub mod operation;
pub mod sql;

pub use dependents::dependents;
pub use needs::Lookup;
