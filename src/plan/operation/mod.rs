//! What a plan is made of before it is cut into segments. An operation answers everything in one place.
mod answer;

pub use answer::{Grouping, Inverse, Operation, Resource};
