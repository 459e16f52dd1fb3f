//! Changes of a plan, and differences between two forms of an object, in words for people. One file per kind.
mod attribute;
mod brief;
mod check;
mod column;
mod detail;
mod difference;
mod enumeration;
mod exclusion;
mod extension;
mod foreign_key;
mod index;
mod key;
mod list;
mod sequence;
mod table;
mod text;
mod view;
mod words;

pub use detail::{brief, differences};
pub use difference::{Difference, joined};
pub use list::{PartCounts, changes};
pub use words::Words;
