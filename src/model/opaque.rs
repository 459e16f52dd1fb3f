use super::{ColumnName, ObjectId, Weight, attribute::Attributes};
use std::collections::{BTreeMap, BTreeSet};

/// Something of a kind that pgform does not model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opaque {
    /// Statements that make it again, as the catalog prints them, separated by semicolons, its comment included; `None`
    /// where PostgreSQL offers no way to print it (then a plan that would have to build it stops, naming it).
    pub create: Option<String>,
    /// The comment on what has no such text.
    pub comment: Option<String>,
    /// The role it belongs to; `None` where that was not recorded, or where the kind has no owner.
    pub owner: Option<String>,
    /// Who may do what with it; `None` for what PostgreSQL gives by default.
    pub privileges: Option<Vec<String>>,
    /// The same of single columns.
    pub column_privileges: BTreeMap<ColumnName, Vec<String>>,
    /// What it uses, columns included.
    pub depends_on: BTreeSet<ObjectId>,
}

impl Opaque {
    /// What is known of it where only its text is: in a declaration.
    #[must_use]
    pub fn of_text(create: Option<String>) -> Self {
        Self { create, ..Self::default() }
    }

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { create, comment, owner, privileges, column_privileges, depends_on: _ } = self;
        // Text of unmodelled kinds varies by major version: reported, never in a replay's way.
        out.soft("create", create.as_deref());
        out.soft("comment", comment.as_deref());
        out.soft("owner", owner.as_deref());
        out.list(Weight::Soft, "privileges", privileges.iter().flatten());
        out.column_privileges(column_privileges);
    }
}
