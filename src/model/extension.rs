use super::{SchemaName, attribute::Attributes};

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

impl Extension {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { schema, minimum, installed } = self;
        out.hard("schema", schema.as_str());
        out.soft("version", minimum.as_deref());
        out.out("installed", installed.as_deref());
    }
}
