use super::attribute::Attributes;

/// A schema (<https://www.postgresql.org/docs/18/sql-createschema.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// `comment on schema`.
    pub comment: Option<String>,
    /// The owning role, where read.
    pub owner: Option<String>,
    /// Privileges as PostgreSQL prints them (`role=UC/owner`), sorted; `None` where they are the default or not read.
    pub privileges: Option<Vec<String>>,
}

impl Schema {
    /// What `initdb` says about `public`: it is not somebody's comment, and stays with the schema through a rename.
    pub const USUAL_COMMENT: &'static str = "standard public schema";

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { comment, owner, privileges } = self;
        out.soft("comment", comment.as_deref());
        out.soft("owner", owner.as_deref());
        out.soft("privileges", privileges.as_ref().map(super::attribute::listed));
    }
}
