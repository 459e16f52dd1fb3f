use super::{SchemaName, attribute::Attributes};

/// A schema (<https://www.postgresql.org/docs/18/sql-createschema.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// `comment on schema`; of `public`, none is what `initdb` says about it, and an empty one is none at all, which is
    /// carried along and never compared.
    pub comment: Option<String>,
    /// The owning role, where read.
    pub owner: Option<String>,
    /// Privileges as PostgreSQL prints them (`role=UC/owner`), sorted; `None` where they are the default or not read.
    pub privileges: Option<Vec<String>>,
}

impl Schema {
    /// Whether this is the schema that `initdb` makes.
    #[must_use]
    pub fn is_public(name: &SchemaName) -> bool {
        name.as_str() == "public"
    }

    /// The comment that PostgreSQL has where a state has this one.
    #[must_use]
    pub fn comment_there<'a>(name: &SchemaName, comment: Option<&'a str>) -> Option<&'a str> {
        match comment {
            None if Self::is_public(name) => Some(Self::USUAL_COMMENT),
            comment => said(comment),
        }
    }

    /// Whether two schemas say the same: that `public` has not even the usual comment is no difference.
    #[must_use]
    pub fn same_comment(&self, other: &Self) -> bool {
        said(self.comment.as_deref()) == said(other.comment.as_deref())
    }

    /// What `initdb` says about `public`: it is not somebody's comment, and stays with the schema through a rename.
    pub const USUAL_COMMENT: &'static str = "standard public schema";

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { comment, owner, privileges } = self;
        out.soft("comment", said(comment.as_deref()));
        out.soft("owner", owner.as_deref());
        out.soft("privileges", privileges.as_ref().map(super::attribute::listed));
    }
}

/// A comment that says something.
fn said(comment: Option<&str>) -> Option<&str> {
    comment.filter(|comment| !comment.is_empty())
}
