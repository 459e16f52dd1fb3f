//! What a plan is made of before it is cut into segments. An operation answers everything in one place.
mod ahead;
mod anew;
mod answer;
mod broken;
pub(super) mod column;
pub(super) mod comment;
pub(super) mod constraint;
mod context;
pub(super) mod enumeration;
pub(super) mod extension;
pub(super) mod generated;
pub(super) mod identity;
pub(super) mod index;
pub(super) mod key;
pub(super) mod marks;
pub(super) mod namespaced;
mod narrow;
pub(super) mod opaque;
pub(super) mod rename;
pub(super) mod sequence;
mod support;
pub(super) mod table;
mod taken_over;
pub(super) mod view;
mod written;

pub(super) use table::is_inline;

pub use anew::{SMALL, rows_with, tables_with};
pub use answer::{Ahead, Grouping, Inverse, Operation, Resource};
pub use context::Context;
pub use extension::extension_as_recorded;
pub use namespaced::schema_as_recorded;
pub use written::is_untold;
