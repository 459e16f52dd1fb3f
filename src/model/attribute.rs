use super::Fragment;

/// How an attribute counts when two states are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Blocks a replay when it differs.
    Hard,
    /// Reported as drift, never in the way of a plan.
    Soft,
    /// Carried along, never compared.
    Out,
}

/// One attribute of an object, by the name it has in a plan file. Absent values are not listed, so that an attribute
/// that a later pgform learns to model does not change the digest of objects that don't have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The key under which declarations and plans write it.
    pub name: &'static str,
    /// How it counts.
    pub weight: Weight,
    /// Its value as text; SQL in its settled form.
    pub value: String,
}

/// Collects an object's attributes in a fixed order; every model type lists all its fields through it.
#[derive(Debug, Default)]
pub(super) struct Attributes(pub(super) Vec<Attribute>);

impl Attributes {
    fn push(&mut self, weight: Weight, name: &'static str, value: impl Into<String>) {
        self.0.push(Attribute { name, weight, value: value.into() });
    }

    pub(super) fn hard(&mut self, name: &'static str, value: impl Into<String>) {
        self.push(Weight::Hard, name, value);
    }

    pub(super) fn sql(&mut self, name: &'static str, value: &Fragment) {
        self.push(Weight::Hard, name, value.sql());
    }

    /// A flag, listed only where it is not at its default.
    pub(super) fn flag(&mut self, name: &'static str, set: bool) {
        if set {
            self.push(Weight::Hard, name, "true");
        }
    }

    pub(super) fn soft(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.push(Weight::Soft, name, value);
        }
    }

    pub(super) fn out(&mut self, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.push(Weight::Out, name, value);
        }
    }

    /// A list, unambiguous whatever its items hold: each is preceded by its length.
    pub(super) fn list<T: AsRef<str>>(
        &mut self,
        weight: Weight,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
    ) {
        let text = listed(items);
        if !text.is_empty() {
            self.push(weight, name, text);
        }
    }
}

/// Items joined so that no item can imitate two: `3:abc,1:x`.
pub(super) fn listed<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| format!("{}:{}", i.as_ref().len(), i.as_ref())).collect::<Vec<_>>().join(",")
}

/// Pairs joined in the same way.
pub(super) fn pairs<'a>(items: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    listed(items.into_iter().map(|(k, v)| listed([k, v])))
}
