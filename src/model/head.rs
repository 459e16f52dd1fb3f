//! Head of an object: comment, owner, privileges and dependencies, which every kind may have.
use super::{Attributes, Body, ColumnName, ObjectId, ObjectKind, Privileges, Weight};
use std::collections::{BTreeMap, BTreeSet};

/// Head of an object: what every kind has. Where PostgreSQL has no such thing for a kind, the field is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// `comment on …`; of a schema `public`, none is what `initdb` says about it, and an empty one is none at all, which is
    /// carried along and never compared.
    pub comment: Option<String>,
    /// The role that the object belongs to, where that was read.
    pub owner: Option<String>,
    /// Privileges on the object; `None` where they are what PostgreSQL gives by default, or were not read.
    pub privileges: Option<Privileges>,
    /// Privileges on single columns of what has columns that are no objects of their own; those without any are not listed.
    pub column_privileges: BTreeMap<ColumnName, Privileges>,
    /// Objects that this one uses, columns included, as `pg_depend` had it; empty where its other parts tell that.
    pub depends_on: BTreeSet<ObjectId>,
}

impl Head {
    /// A head with a comment alone.
    #[must_use]
    pub fn with_comment(comment: Option<String>) -> Self {
        Self { comment, ..Self::default() }
    }

    /// The privileges as they are on an object of that kind, those by default too; of an owner that is not known, nothing.
    #[must_use]
    pub fn effective_privileges(&self, kind: ObjectKind) -> Privileges {
        let mut usual = Privileges::by_default(kind, self.owner.as_deref());
        usual.exact = self.owner.is_some() || kind == ObjectKind::Column;
        match &self.privileges {
            Some(known) if known.exact => known.clone(),
            Some(known) => usual.with_declared(known, self.owner.as_deref()),
            None => usual,
        }
    }

    /// The lists of privileges: the object's own, then those of its columns.
    pub fn privilege_lists(&self) -> impl Iterator<Item = &Privileges> {
        self.privileges.iter().chain(self.column_privileges.values())
    }

    /// Gives the lists of privileges, to change.
    pub fn privilege_lists_mut(&mut self) -> impl Iterator<Item = &mut Privileges> {
        self.privileges.iter_mut().chain(self.column_privileges.values_mut())
    }

    pub(super) fn tell(&self, body: &Body, out: &mut Attributes) {
        let Self { comment, owner, privileges, column_privileges, depends_on: _ } = self;
        let says = |comment: &&str| !(comment.is_empty() && matches!(body, Body::Schema(_)));
        out.text(Weight::Soft, "comment", comment.as_deref().filter(says));
        out.text(Weight::Soft, "owner", owner.as_deref());
        out.text(Weight::Soft, "grants", privileges.as_ref().map(Privileges::told));
        let of_columns = column_privileges.iter().map(|(column, of)| format!("{}: ({})", column.as_str(), of.told()));
        let of_columns = of_columns.collect::<Vec<_>>().join("; ");
        out.text(Weight::Soft, "column_grants", (!of_columns.is_empty()).then_some(of_columns));
    }
}
