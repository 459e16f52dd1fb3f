//! Proves a plan on the shadow, by the executor's runner: forward with rows, back from every boundary, forward again.
mod asked;
mod compare;
mod later_conditions;
mod memory;
mod newer;
mod partition_values;
mod proof;
mod refreshed;
mod reshaped;
mod retyped;
mod rows;
mod seed;
mod values;

pub use compare::difference;
pub use proof::{Proven, Subject, prove};
pub use seed::{Seeded, Seeds, seed};
