//! Check constraints of tables.
use super::{Enforcement, Fragment, Weight, parts::attributes};

/// A check constraint of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Condition that must not be false.
    pub expression: Fragment,
    /// True where inheriting tables are spared.
    pub no_inherit: bool,
    /// Rows for which the check holds.
    pub enforcement: Enforcement,
}

attributes! { Check:
    expression: "expression" Hard Usual Replaces Specially sql(Expression);
    no_inherit: "no_inherit" Hard Usual Replaces Everywhere flag;
    enforcement: "enforcement" Hard Usual Alters Specially
        own(|check, out| out.text(Weight::Hard, "enforcement", check.enforcement.told()));
}
