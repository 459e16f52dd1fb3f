//! From changes to a plan: operations, their order, segments, and the checks that walk the finished plan. Pure.
pub mod format;
pub mod operation;
pub mod sql;
