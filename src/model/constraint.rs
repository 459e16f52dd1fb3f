//! Words that several kinds of constraint share: deferrable, actions of foreign keys, enforcement.
use super::Word;

/// Times when a constraint is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deferrable {
    /// Checked after each statement, always.
    #[default]
    No,
    /// Checked after each statement, unless a transaction defers it.
    InitiallyImmediate,
    /// Checked at the end of the transaction, unless that asks otherwise.
    InitiallyDeferred,
}

impl Deferrable {
    /// The words of `create table`, empty for the default.
    #[must_use]
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::No => "",
            Self::InitiallyImmediate => "deferrable",
            Self::InitiallyDeferred => "deferrable initially deferred",
        }
    }
}

/// Actions of a foreign key when the row it points to changes or goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "PostgreSQL's five words")]
pub enum Action {
    #[default]
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

impl Word for Deferrable {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("initially immediate", Self::InitiallyImmediate),
        ("true", Self::InitiallyImmediate),
        ("initially deferred", Self::InitiallyDeferred),
        ("false", Self::No),
    ];
}

impl Word for Action {
    const WORDS: &'static [(&'static str, Self)] = &[
        ("no action", Self::NoAction),
        ("restrict", Self::Restrict),
        ("cascade", Self::Cascade),
        ("set null", Self::SetNull),
        ("set default", Self::SetDefault),
    ];
}

/// Rows for which a check or foreign key holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Enforcement {
    /// Holds for every row.
    #[default]
    Valid,
    /// Holds for rows written since it was made; older ones were not looked at.
    NotValid,
    /// Holds for no row (`not enforced`, PostgreSQL 18).
    NotEnforced,
}

impl Enforcement {
    /// The words of `add constraint`, empty for the default.
    #[must_use]
    pub fn as_sql(self) -> &'static str {
        match self {
            Self::Valid => "",
            Self::NotValid => "not valid",
            Self::NotEnforced => "not enforced",
        }
    }

    /// The words, where the constraint does not hold for every row.
    pub(super) fn told(self) -> Option<&'static str> {
        Some(self.as_sql()).filter(|words| !words.is_empty())
    }
}
