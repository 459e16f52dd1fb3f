//! Enum types: their labels in order.
use super::{Weight, is_aside, parts::attributes};

/// An enum type (<https://www.postgresql.org/docs/18/datatype-enum.html>).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Enumeration {
    /// The labels in their order.
    pub labels: Vec<String>,
}

attributes! { Enumeration:
    labels: "labels" Hard Usual Alters Specially own(|enumeration, out| {
        // A label that was set aside is there for the rows that hold it, and for nobody else.
        out.list(Weight::Hard, "labels", enumeration.labels.iter().filter(|label| !is_aside(label)));
    });
}
