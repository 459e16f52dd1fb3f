use super::{Weight, attribute::Attributes, attribute::listed};

/// An enum type (<https://www.postgresql.org/docs/18/datatype-enum.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Enumeration {
    /// The labels in their order.
    #[serde(default)]
    pub labels: Vec<String>,
    /// `comment on type`.
    #[serde(default)]
    pub comment: Option<String>,
    /// The owning role, where read.
    #[serde(default)]
    pub owner: Option<String>,
    /// Privileges as PostgreSQL prints them, sorted.
    #[serde(default)]
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
