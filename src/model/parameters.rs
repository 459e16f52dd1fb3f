//! Storage parameters by name: their order is kept, and means nothing.
use std::collections::BTreeMap;

/// Storage parameters by name, in the order in which they were given: PostgreSQL keeps that order and shows it
/// (`pg_class.reloptions`), and means nothing by it. So it is carried along, and two orders of the same are equal.
#[derive(Clone, Debug, Default)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// The value of a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&String> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }

    /// Tells whether the parameter is there.
    #[must_use]
    pub fn contains_key(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names and values in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &String)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// The names in that order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.0.iter().map(|(name, _)| name)
    }

    /// Sets a parameter: in its place if it was there, behind the others if not.
    pub fn insert(&mut self, name: String, value: String) {
        match self.0.iter_mut().find(|(own, _)| *own == name) {
            Some((_, own)) => *own = value,
            None => self.0.push((name, value)),
        }
    }

    /// The parameters by name, for whoever compares them.
    #[must_use]
    pub fn sorted(&self) -> BTreeMap<&String, &String> {
        self.iter().collect()
    }
}

impl PartialEq for Parameters {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for Parameters {}

impl FromIterator<(String, String)> for Parameters {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let mut out = Self::default();
        out.extend(pairs);
        out
    }
}

impl Extend<(String, String)> for Parameters {
    fn extend<I: IntoIterator<Item = (String, String)>>(&mut self, pairs: I) {
        for (name, value) in pairs {
            self.insert(name, value);
        }
    }
}

impl IntoIterator for Parameters {
    type Item = (String, String);
    type IntoIter = std::vec::IntoIter<(String, String)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Parameters {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_order_is_kept_and_means_nothing() {
        let (a, b) = (of(&[("m", "8"), ("ef", "32")]), of(&[("ef", "32"), ("m", "8")]));
        assert_eq!(a, b);
        assert_eq!(a.keys().collect::<Vec<_>>(), ["m", "ef"]);
        assert_eq!(b.keys().collect::<Vec<_>>(), ["ef", "m"]);
        assert_ne!(a, of(&[("m", "8")]));
        assert_ne!(a, of(&[("m", "8"), ("ef", "33")]));
    }

    #[test]
    fn a_parameter_is_there_once() {
        let mut parameters = of(&[("a", "1"), ("b", "2"), ("a", "3")]);
        assert_eq!(parameters.iter().count(), 2);
        parameters.insert("b".to_owned(), "4".to_owned());
        assert_eq!(parameters.get("a").map(String::as_str), Some("3"));
        assert_eq!(parameters.get("b").map(String::as_str), Some("4"));
        assert!(!parameters.contains_key("c") && Parameters::default().is_empty());
    }
}
