use super::attribute::Attributes;

/// Something of a kind that pgform does not model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opaque {
    /// Statements that make it again, as the catalog prints them, separated by semicolons, its comment included; `None`
    /// where PostgreSQL offers no way to print it (then a plan that would have to build it stops, naming it).
    pub create: Option<String>,
}

impl Opaque {
    /// What is known of it where only its text is: in a declaration.
    #[must_use]
    pub fn of_text(create: Option<String>) -> Self {
        Self { create, ..Self::default() }
    }

    pub(super) fn attributes(&self, out: &mut Attributes) {
        let Self { create } = self;
        // Text of unmodelled kinds varies by major version: reported, never in a replay's way.
        out.soft("create", create.as_deref());
    }
}
