//! Scope of a reading: which schemas are looked at, and the reasons why something is left out.
use crate::model::{ObjectId, ObjectKind, SchemaName};
use std::{collections::BTreeSet, fmt};

/// Part of a database that is looked at.
pub struct Scope {
    /// The schemas whose objects are managed.
    pub schemas: Vec<SchemaName>,
    /// Schemas of those of which only the schema itself is looked at, and nothing that lives in it.
    pub bare: BTreeSet<SchemaName>,
    /// Tells whether an object is somebody else's by the project's settings; asked for every object, sub-objects
    /// included.
    pub unmanaged: Box<dyn Fn(&ObjectId) -> bool + Send + Sync>,
}

impl Scope {
    /// Makes a scope of some schemas, everything in them managed.
    #[must_use]
    pub fn of<'a>(schemas: impl IntoIterator<Item = &'a str>) -> Self {
        let schemas = schemas.into_iter().map(SchemaName::new).collect();
        Self { schemas, bare: BTreeSet::new(), unmanaged: Box::new(|_| false) }
    }

    /// Looks at these schemas too.
    pub fn include(&mut self, schemas: impl IntoIterator<Item = SchemaName>) {
        for schema in schemas {
            self.bare.remove(&schema);
            self.schemas.push(schema);
        }
        self.schemas.sort();
        self.schemas.dedup();
    }

    /// Tells whether an object lives in a schema of which only the schema itself is looked at.
    pub(super) fn is_beside(&self, id: &ObjectId) -> bool {
        !id.is(ObjectKind::Schema) && id.home().is_some_and(|schema| self.bare.contains(&schema))
    }

    pub(super) fn has(&self, schema: &str) -> bool {
        schema != OWN_SCHEMA && self.schemas.iter().any(|s| s.as_str() == schema)
    }

    /// Gives the names to look for, never pgform's own schema.
    pub(super) fn names(&self) -> Vec<String> {
        self.schemas.iter().map(|s| s.as_str().to_owned()).filter(|s| s != OWN_SCHEMA).collect()
    }
}

impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Scope").field(&self.schemas).finish()
    }
}

/// The schema of pgform's journal and of what it set aside.
pub(super) const OWN_SCHEMA: &str = "pgform";

/// Reasons why something that the catalog holds is not in the state.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Member of this extension: comes and goes with it.
    ExtensionMember(String),
    /// PostgreSQL's own.
    System,
    /// Left to somebody else by the project's settings.
    Unmanaged,
    /// Part of the schema of pgform's journal.
    Own,
    /// Gone with its session.
    Temporary,
    /// Storage of large values, part of its table.
    Toast,
    /// Part of a schema that is not managed.
    OutOfScope,
    /// Part of something that is left out: a column of an unmanaged table, a policy of an extension's.
    PartOf(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExtensionMember(extension) => write!(f, "a member of the extension {extension}"),
            Self::System => f.write_str("PostgreSQL's own"),
            Self::Unmanaged => f.write_str("unmanaged by the settings"),
            Self::Own => f.write_str("pgform's own"),
            Self::Temporary => f.write_str("temporary"),
            Self::Toast => f.write_str("storage of large values"),
            Self::OutOfScope => f.write_str("in a schema outside of the scope"),
            Self::PartOf(whole) => write!(f, "part of {whole}, which is left out"),
        }
    }
}

/// Something that the catalog holds and the state does not.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LeftOut {
    /// Identity of the object, as [`ObjectId`] writes it.
    pub identity: String,
    /// Reason why it was left out.
    pub reason: Reason,
}
