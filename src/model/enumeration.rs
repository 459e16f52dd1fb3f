use super::{Weight, attribute::Attributes, attribute::listed};

/// An enum type (<https://www.postgresql.org/docs/18/datatype-enum.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enumeration {
    /// The labels in their order.
    pub labels: Vec<String>,
    /// `comment on type`.
    pub comment: Option<String>,
    /// The owning role, where read.
    pub owner: Option<String>,
    /// Privileges as PostgreSQL prints them, sorted.
    pub privileges: Option<Vec<String>>,
}

impl Enumeration {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { labels, comment, owner, privileges } = self;
        // A label that was set aside is there for the rows that hold it, and for nobody else.
        out.list(Weight::Hard, "labels", labels.iter().filter(|label| !super::is_aside(label)));
        out.soft("comment", comment.as_deref());
        out.soft("owner", owner.as_deref());
        out.soft("privileges", privileges.as_ref().map(listed));
    }
}
