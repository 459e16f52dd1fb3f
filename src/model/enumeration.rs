use super::{Weight, attribute::Attributes};

/// An enum type (<https://www.postgresql.org/docs/18/datatype-enum.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enumeration {
    /// The labels in their order.
    pub labels: Vec<String>,
}

impl Enumeration {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { labels } = self;
        // A label that was set aside is there for the rows that hold it, and for nobody else.
        out.list(Weight::Hard, "labels", labels.iter().filter(|label| !super::is_aside(label)));
    }
}
