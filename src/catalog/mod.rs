//! Reads the live catalog, in one consistent look, into the model.
//!
//! A handful of set-based queries, one per kind of row; rows become the model in pure functions; every row ends as an
//! object, a part of one, or is left out for a named reason.
mod assemble;
mod check;
mod column;
mod constraint;
mod container;
mod default_privileges;
mod depend;
mod enumeration;
mod exclusion;
mod extension;
mod fingerprint;
mod foreign_key;
mod found_by_name;
mod head;
mod index;
mod key;
mod live_catalog;
mod marks;
mod missing;
mod opaque;
mod opaque_branch;
mod opaque_operator;
mod opaque_other;
mod opaque_relation;
mod opaque_routine;
mod opaque_table;
mod opaque_type;
mod outside;
mod pipeline;
mod query;
mod read;
mod relation;
mod row;
mod rows_by_relation;
mod schema;
mod scope;
mod sequence;
mod table;
mod text;
mod unseen;
mod view;

pub use fingerprint::{Fingerprint, fingerprint};
pub use found_by_name::named;
pub use live_catalog::{Live, Outside, Server, Uses};
pub use marks::{MarkedName, Marks, contents_query, marked_name, marks, marks_query};
pub use missing::missing;
pub use read::{ATTEMPTS, never_still, read, read_alone, read_slice, still};
pub use scope::{LeftOut, Reason, Scope};
pub use unseen::{database_owner, unseen};
