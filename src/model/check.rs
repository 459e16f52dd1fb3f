use super::{Enforcement, Fragment, attribute::Attributes};

/// A check constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What must not be false.
    pub expression: Fragment,
    /// Whether inheriting tables are spared.
    pub no_inherit: bool,
    /// How far it holds.
    pub enforcement: Enforcement,
}

impl Check {
    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { expression, no_inherit, enforcement } = self;
        out.hard("kind", "check");
        out.sql("expression", expression);
        out.flag("no_inherit", *no_inherit);
        if *enforcement != Enforcement::Valid {
            out.hard("enforcement", enforcement.as_sql());
        }
    }
}
