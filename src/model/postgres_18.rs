//! What only PostgreSQL 18 has of an object, and how an older server holds it instead.
use super::{Body, ColumnValue, Enforcement, GenerationKind};

impl Body {
    /// Gives the attribute that only PostgreSQL 18 has, and what the object is by it, in words: `a virtual generated column`.
    #[must_use]
    pub fn needs_18(&self) -> Option<(&'static str, &'static str)> {
        if let Self::Column(column) = self {
            return matches!(column.value, ColumnValue::Generated(_, GenerationKind::Virtual))
                .then_some(("generated", "a virtual generated column"));
        }
        (self.enforcement() == Some(Enforcement::NotEnforced)).then_some(("not_enforced", "not enforced"))
    }

    /// Puts what an older server can hold in place of what only PostgreSQL 18 has, and says in words how rows fare there:
    /// `was stored, not virtual`.
    pub fn without_18(&mut self) -> Option<&'static str> {
        match self {
            Self::Column(column) => {
                column.not_null_name = None;
                let valid = std::mem::replace(&mut column.not_null_validated, true);
                if let ColumnValue::Generated(_, kind @ GenerationKind::Virtual) = &mut column.value {
                    *kind = GenerationKind::Stored;
                    Some("was stored, not virtual")
                } else {
                    (!valid).then_some("was valid as not null")
                }
            }
            Self::Check(check) => enforced(&mut check.enforcement),
            Self::ForeignKey(key) => enforced(&mut key.enforcement),
            Self::Schema(_)
            | Self::Extension(_)
            | Self::Enumeration(_)
            | Self::Sequence(_)
            | Self::Table(_)
            | Self::Key(_)
            | Self::Exclusion(_)
            | Self::Index(_)
            | Self::View(_)
            | Self::Definition(_) => None,
        }
    }
}

fn enforced(enforcement: &mut Enforcement) -> Option<&'static str> {
    (*enforcement == Enforcement::NotEnforced).then(|| {
        *enforcement = Enforcement::NotValid;
        "was enforced, not valid,"
    })
}
