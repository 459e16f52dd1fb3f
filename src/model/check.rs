//! Check constraints.
use super::{Enforcement, Fragment, Weight, parts::attributes};

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

attributes! { Check:
    expression: "expression" Hard Usual Replaces Specially sql(Expression);
    no_inherit: "no_inherit" Hard Usual Replaces Everywhere flag;
    enforcement: "enforcement" Hard Usual Alters Specially
        own(|check, out| out.text(Weight::Hard, "enforcement", check.enforcement.told()));
}
