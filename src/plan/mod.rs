//! From changes to a plan: operations, their order, segments, and the checks that walk the finished plan. Pure.
mod alter;
mod dependents;
mod each;
mod expand;
pub mod format;
mod hazard;
mod later;
mod lock;
mod make;
mod needs;
pub mod operation;
mod order;
mod planner;
mod problem;
mod segments;
mod set_aside;
mod slice;
pub mod sql;
mod type_change;
mod vector_build;

pub use dependents::dependents;
pub use make::Input;
pub use needs::Lookup;
pub use planner::{build, plan, plan_absorbing};
pub use problem::Problem;
pub use slice::{needed, neighbourhood, restrict};
pub use vector_build::{VectorShape, hnsw_memory, ivfflat_lists, ivfflat_memory};
