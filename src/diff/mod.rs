//! Two states into changes. The engine knows no kind: it hands each kind's file a pair of objects.
mod change;
mod check;
mod column;
mod complete;
mod engine;
mod enumeration;
mod extension;
mod foreign_key;
mod index;
mod key;
mod opaque;
mod recorded;
mod rename;
mod schema;
mod sequence;
mod table;
mod view;

pub use change::{Alteration, Change, ColumnChange, EnumerationChange, ExtensionChange, Pair, What};
pub use complete::{complete, with_unsaid};
pub use engine::{Diff, Hints, diff};
pub use recorded::{spelled_for, with_unrecorded};
pub use rename::{Rename, apply_renames, before_renames, renamed_id};
