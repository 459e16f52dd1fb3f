//! Schemas, and the comment that `initdb` gives to `public`.
use super::{Head, SchemaName};

/// A schema (<https://www.postgresql.org/docs/18/sql-createschema.html>): a name, and what every object has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schema;

impl Schema {
    /// Tells whether this is the schema that `initdb` makes.
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

    /// Tells whether two schemas have the same comment: that `public` has not even the usual comment is no difference.
    #[must_use]
    pub fn same_comment(a: &Head, b: &Head) -> bool {
        said(a.comment.as_deref()) == said(b.comment.as_deref())
    }

    /// Comment that `initdb` writes on `public`: it is not somebody's, and stays with the schema through a rename.
    pub const USUAL_COMMENT: &'static str = "standard public schema";
}

/// A comment that says something.
fn said(comment: Option<&str>) -> Option<&str> {
    comment.filter(|comment| !comment.is_empty())
}
