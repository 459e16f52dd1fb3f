//! Extensions: their schema and version.
use super::{SchemaName, Weight, parts::attributes};

/// An extension (<https://www.postgresql.org/docs/18/sql-createextension.html>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    /// The schema that holds its members.
    pub schema: SchemaName,
    /// The lowest version that will do, as declared; servers differ, so a version is never pinned.
    pub minimum: Option<String>,
    /// The version that was found, where it was read.
    pub installed: Option<String>,
}

attributes! { Extension:
    minimum: "version" Soft Usual Alters Specially text;
    schema: "schema" Hard Usual Alters Specially
        own(|extension, out| out.text(Weight::Hard, "schema", Some(extension.schema.as_str())));
    installed: "installed" Out Unmanaged Nothing InPlans text;
}
