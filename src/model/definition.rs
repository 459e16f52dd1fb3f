//! Definitions: objects that are kept as the statement which makes them.
use super::{Attributes, CarriedForm, Fragment, Weight};

/// An object whose state is the statement that PostgreSQL itself prints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Definition {
    /// Statements that make it again, separated by semicolons; `None` where PostgreSQL offers no way to print them (then a plan
    /// that would have to build it stops, naming it).
    pub create: Option<Fragment>,
    /// Carried along: the text is a catalog's, nothing changes it, and silence in a declaration never drops it. It is not
    /// compared: what was carried when it was recorded, and is declared now, is the same object.
    pub carried: bool,
    /// Form of a table, a view or a constraint that is carried along, while others of its kind are modelled.
    pub form: Option<CarriedForm>,
}

impl Definition {
    /// Makes a definition that is carried along, from the text that a catalog printed.
    #[must_use]
    pub fn carried(create: Option<String>) -> Self {
        Self { create: create.map(|text| Fragment::settled(text.clone(), text)), carried: true, form: None }
    }

    /// Makes a definition that plans can change, from its statement.
    #[must_use]
    pub fn declared(create: Fragment) -> Self {
        Self { create: Some(create), carried: false, form: None }
    }

    /// The statements to run: settled where that is known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        self.create.as_ref().map(Fragment::sql)
    }

    pub(super) fn tell(&self, out: &mut Attributes) {
        let Self { create: _, carried: _, form } = self;
        // The text varies by major version: reported, and compared by what it says where a plan leans on it.
        out.text(Weight::Soft, "create", self.text());
        out.text(Weight::Hard, "form", form.map(CarriedForm::word));
    }
}
