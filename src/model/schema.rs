use super::attribute::Attributes;

/// A schema (<https://www.postgresql.org/docs/18/sql-createschema.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Schema {
    /// `comment on schema`.
    #[serde(default)]
    pub comment: Option<String>,
    /// The owning role, where read.
    #[serde(default)]
    pub owner: Option<String>,
    /// Privileges as PostgreSQL prints them (`role=UC/owner`), sorted; `None` where they are the default or not read.
    #[serde(default)]
    pub privileges: Option<Vec<String>>,
}

impl Schema {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { comment, owner, privileges } = self;
        out.soft("comment", comment.as_deref());
        out.soft("owner", owner.as_deref());
        out.soft("privileges", privileges.as_ref().map(super::attribute::listed));
    }
}
