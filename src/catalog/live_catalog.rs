//! Types of what a reading of the live catalog gives: the state, what was left out, and what is used from outside.
use super::{Fingerprint, LeftOut};
use crate::model::{ExtensionName, ObjectId, State};
use std::collections::{BTreeMap, BTreeSet};

/// Result of a reading of the catalog.
#[derive(Clone, Debug)]
pub struct Live {
    /// The objects of the scope.
    pub state: State,
    /// Things that the catalog holds beside the scope's objects, with the reason, sorted. Schemas that are out of scope
    /// stand for all that is in them.
    pub left_out: Vec<LeftOut>,
    /// Fingerprint of the catalog's rows when it was read; empty where nobody else could change them.
    pub fingerprint: Fingerprint,
    /// Snapshot of the reading, `pg_current_snapshot()`; without a meaning where nobody else could change anything.
    pub snapshot: String,
    /// Server that was read.
    pub server: Server,
    /// Objects that the state uses from outside, each with its users.
    pub uses: Uses,
}

/// Versions of the server that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Number of the server's version, `server_version_num`: 170005 for 17.5.
    pub version_num: i32,
    /// Version of pgvector in this database.
    pub vector: Option<String>,
}

/// Object that the state uses and does not contain: a function or type of an extension, a table of another schema,
/// a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outside {
    /// Kind of the object, as `pg_identify_object_as_address` calls it: `function`, `type`, `table column`, `role`.
    pub kind: String,
    /// Names of the object, from the outside in.
    pub names: Vec<String>,
    /// Types of its arguments, where it has any.
    pub arguments: Vec<String>,
    /// Result type of a function, type of a column, base type of a domain, or labels of an enum: a stand-in needs it.
    pub result: Option<String>,
    /// Extension that the object belongs to.
    pub extension: Option<ExtensionName>,
}

/// Objects that are used from outside, each with the objects of the state that use it.
pub type Uses = BTreeMap<Outside, BTreeSet<ObjectId>>;
