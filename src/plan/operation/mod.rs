//! What a plan is made of before it is cut into segments. An operation answers everything in one place.
mod ahead;
mod anew;
mod answer;
pub(super) mod column;
pub(super) mod comment;
pub(super) mod constraint;
mod constraint_subject;
mod context;
pub(super) mod definition;
pub(super) mod enumeration;
pub(super) mod extension;
mod function;
pub(super) mod generated;
pub(super) mod identity;
pub(super) mod index;
pub(super) mod key;
pub(super) mod marks;
mod narrow;
mod own;
pub(super) mod rename;
mod return_conditions;
pub(super) mod schema;
pub(super) mod sequence;
mod support;
pub(super) mod table;
mod taken_over;
mod trigger;
pub(super) mod view;
mod written;

pub(super) use table::is_inline;

pub use anew::{SMALL, rows_with, tables_with};
pub use answer::{Ahead, Grouping, Inverse, Operation, Resource};
pub use context::Context;
pub use extension::extension_as_recorded;
pub use schema::schema_as_recorded;
pub use written::is_untold;
