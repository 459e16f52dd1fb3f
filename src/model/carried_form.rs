//! Forms of tables, views and constraints that are carried along as they are, while others of their kind are modelled.
use super::{ObjectId, ObjectKind};

/// Form of a table, a view or a constraint that no stage models yet. Its identity is that of its kind, so that it does not
/// change once the form is modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarriedForm {
    /// A partitioned table with its columns, constraints and indexes, as earlier plans recorded one.
    PartitionedTable,
    /// A foreign table that is a partition; any partition, as earlier plans recorded one.
    Partition,
    /// A table that inherits, has heirs, or is of a composite type, with its columns, constraints and indexes.
    InheritingTable,
    /// A foreign table.
    ForeignTable,
    /// A materialized view with its indexes, as earlier plans recorded one: it is read as a view.
    MaterializedView,
    /// An exclusion constraint whose index has statistics targets, or a key `without overlaps`.
    ExclusionConstraint,
}

impl CarriedForm {
    /// All forms.
    pub const ALL: &[Self] = &[
        Self::PartitionedTable,
        Self::Partition,
        Self::InheritingTable,
        Self::ForeignTable,
        Self::MaterializedView,
        Self::ExclusionConstraint,
    ];

    /// The word that people read, and that stands in plan files.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PartitionedTable => "partitioned table",
            Self::Partition => "partition",
            Self::InheritingTable => "inheriting table",
            Self::ForeignTable => "foreign table",
            Self::MaterializedView => "materialized view",
            Self::ExclusionConstraint => "exclusion constraint",
        }
    }

    /// The form of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.word() == word)
    }

    /// The kind of the identities of what has the form.
    #[must_use]
    pub const fn kind(self) -> ObjectKind {
        match self {
            Self::PartitionedTable | Self::Partition | Self::InheritingTable | Self::ForeignTable => ObjectKind::Table,
            Self::MaterializedView => ObjectKind::View,
            Self::ExclusionConstraint => ObjectKind::Constraint,
        }
    }

    /// The word in `alter … owner to`, where it is not the kind's.
    #[must_use]
    pub const fn word_in_alter(self) -> Option<&'static str> {
        match self {
            Self::ForeignTable => Some("foreign table"),
            Self::MaterializedView => Some("materialized view"),
            Self::PartitionedTable | Self::Partition | Self::InheritingTable | Self::ExclusionConstraint => None,
        }
    }

    /// Writes an identity with the form's word instead of its kind's, as a declaration lists what is carried along:
    /// `partition [public, events_2026]`.
    #[must_use]
    pub fn listed(form: Option<Self>, id: &ObjectId) -> String {
        let text = id.to_string();
        let names = text.strip_prefix(id.word()).map(|names| form.map(|form| format!("{}{names}", form.word())));
        names.flatten().unwrap_or(text)
    }

    /// Reads what [`CarriedForm::listed`] wrote; `None` if it is the identity of nothing that is a definition.
    #[must_use]
    pub fn parse_listed(text: &str) -> Option<(ObjectId, Option<Self>)> {
        let of_form = |form: &Self| {
            let names = text.strip_prefix(form.word()).filter(|names| names.starts_with(" ["))?;
            Some((ObjectId::parse(&format!("{}{names}", form.kind()))?, Some(*form)))
        };
        let plain = || ObjectId::parse(text).filter(|id| id.kind().is_definition()).map(|id| (id, None));
        Self::ALL.iter().find_map(of_form).or_else(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_reads_back_with_its_form() {
        for form in CarriedForm::ALL {
            let parts: &[&str] =
                if form.kind() == ObjectKind::Constraint { &["s", "t, u", "c"] } else { &["s", "a [b"] };
            let id = ObjectId::of_parts(form.kind(), parts);
            let text = CarriedForm::listed(Some(*form), &id);
            assert!(text.starts_with(form.word()), "{text}");
            assert_eq!(CarriedForm::parse_listed(&text), Some((id, Some(*form))), "{text}");
            assert_eq!(CarriedForm::parse(form.word()), Some(*form));
        }
        let domain = ObjectId::of_parts(ObjectKind::Domain, &["public", "email"]);
        assert_eq!(CarriedForm::parse_listed(&CarriedForm::listed(None, &domain)), Some((domain, None)));
        for modelled in ["table [public, t]", "view [public, v]", "partition", "partition of [a, b]"] {
            assert_eq!(CarriedForm::parse_listed(modelled), None, "{modelled}");
        }
    }
}
