//! Reads and writes YAML with places: saphyr-parser's events are the only reading, serde_yaml types and writes.
//!
//! Errors stand, each at its place, where other readers lose something in silence: duplicate keys, SQL that a flow
//! collection or a comment has cut, anchors, tags and merge keys (whose expansion is also how small files become huge).
mod fields;
mod merge;
mod near;
mod node;
mod offsets;
mod read;
mod scalar;
mod sql;
mod typed;
mod words;
mod write;

pub use fields::{Fields, boolean, entries, integer, items, text, texts};
pub use near::nearest;
pub use node::{Entry, Node, Style, Value};
pub use read::{MAX_BYTES, MAX_DEPTH, read, read_one, read_one_with_twins, too_long};
pub use sql::{quoted, sql_scalar};
pub use typed::{to_value, typed};
pub use write::write;
