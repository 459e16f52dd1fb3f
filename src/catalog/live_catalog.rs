use super::{Fingerprint, LeftOut};
use crate::model::{ExtensionName, ObjectId, State};
use std::collections::{BTreeMap, BTreeSet};

/// What was found.
#[derive(Clone, Debug)]
pub struct Live {
    /// The objects of the scope.
    pub state: State,
    /// What the catalog holds beside them, with the reason, sorted. Schemas that are out of scope stand for all that is in
    /// them.
    pub left_out: Vec<LeftOut>,
    /// The catalog's rows when it was read; empty where nobody else could change them.
    pub fingerprint: Fingerprint,
    /// The snapshot that it was read by, `pg_current_snapshot()`; whatever it is worth where nobody else could change anything.
    pub snapshot: String,
    /// Whom it was read from.
    pub server: Server,
    /// What the state uses from outside.
    pub uses: Uses,
}

/// The server that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// `server_version_num`: 170005 for 17.5.
    pub version_num: i32,
    /// The version of pgvector in this database.
    pub vector: Option<String>,
}

/// Something that the state uses and does not contain: a function or type of an extension, a table of another schema,
/// a role.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outside {
    /// What it is, as `pg_identify_object_as_address` calls it: `function`, `type`, `table column`, `role`.
    pub kind: String,
    /// Its names, from the outside in.
    pub names: Vec<String>,
    /// Its argument types, where it has any.
    pub arguments: Vec<String>,
    /// What a function returns, a column's type is, a domain is of, or an enum has: a stand-in needs it.
    pub result: Option<String>,
    /// The extension that it belongs to.
    pub extension: Option<ExtensionName>,
}

/// What is used from outside, and by which objects of the state.
pub type Uses = BTreeMap<Outside, BTreeSet<ObjectId>>;
