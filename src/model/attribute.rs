//! Attributes of an object, whatever its kind: a name, a weight, and a value as text.

/// Weight of an attribute when two states are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Blocks a replay when it differs.
    Hard,
    /// Reported as drift, never in the way of a plan.
    Soft,
    /// Carried along, never compared.
    Out,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttributeValue {
    /// A word, a number, a name, or SQL in its settled form.
    Text(String),
    /// Several, in an order that counts.
    List(Vec<String>),
    /// Values by name.
    Pairs(Vec<(String, String)>),
}

impl AttributeValue {
    /// A text that no other value has, whatever the items hold: each is preceded by its length. Digests are made of it.
    #[must_use]
    pub fn encoded(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => joined(items),
            Self::Pairs(pairs) => joined(pairs.iter().map(|(name, value)| joined([name, value]))),
        }
    }

    /// The value as people read it: `a, b`, `name=value`.
    #[must_use]
    pub fn shown(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::List(items) => items.join(", "),
            Self::Pairs(pairs) => pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join(", "),
        }
    }
}

/// Joins items, each behind its length: `3:abc,1:x`.
fn joined<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|i| format!("{}:{}", i.as_ref().len(), i.as_ref())).collect::<Vec<_>>().join(",")
}

/// One attribute of an object, by the name it has in a plan file. Absent values are not listed, so that an attribute
/// that a later pgform learns to model does not change the digest of objects that don't have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Key under which declarations and plans write the attribute.
    pub name: &'static str,
    /// Weight of a difference.
    pub weight: Weight,
    /// Value, which is not the usual one.
    pub value: AttributeValue,
}

/// Collects an object's attributes in a fixed order.
#[derive(Debug, Default)]
pub struct Attributes(pub(super) Vec<Attribute>);

impl Attributes {
    /// Adds a text; none is not listed.
    pub(super) fn text(&mut self, weight: Weight, name: &'static str, value: Option<impl Into<String>>) {
        if let Some(value) = value {
            self.0.push(Attribute { name, weight, value: AttributeValue::Text(value.into()) });
        }
    }

    /// Adds a list; an empty one is not listed.
    pub(super) fn list<T: AsRef<str>>(
        &mut self,
        weight: Weight,
        name: &'static str,
        items: impl IntoIterator<Item = T>,
    ) {
        let items: Vec<String> = items.into_iter().map(|item| item.as_ref().to_owned()).collect();
        if !items.is_empty() {
            self.0.push(Attribute { name, weight, value: AttributeValue::List(items) });
        }
    }

    /// Adds values by name; none are not listed.
    pub(super) fn pairs<K: Into<String>, V: Into<String>>(
        &mut self,
        weight: Weight,
        name: &'static str,
        pairs: impl IntoIterator<Item = (K, V)>,
    ) {
        let pairs: Vec<(String, String)> = pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect();
        if !pairs.is_empty() {
            self.0.push(Attribute { name, weight, value: AttributeValue::Pairs(pairs) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::AttributeValue::{List, Pairs, Text};

    #[test]
    fn no_length_is_shown_and_no_item_is_two() {
        let list = |items: &[&str]| List(items.iter().map(|i| (*i).to_owned()).collect());
        assert_eq!(list(&["draft", "indexed"]).encoded(), "5:draft,7:indexed");
        assert_eq!(list(&["draft", "indexed"]).shown(), "draft, indexed");
        assert_ne!(list(&["a,1:b"]).encoded(), list(&["a", "b"]).encoded());
        let pairs = Pairs(vec![("fillfactor".to_owned(), "70".to_owned())]);
        assert_eq!((pairs.encoded(), pairs.shown()), ("18:10:fillfactor,2:70".to_owned(), "fillfactor=70".to_owned()));
        assert_eq!(Text("no list: 5".to_owned()).shown(), "no list: 5");
    }
}
