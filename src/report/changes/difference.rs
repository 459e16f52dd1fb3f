//! A difference: one attribute, its two values, and the words for both.
use serde::Serialize;

/// Attribute in which two forms of an object differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The attribute, by its key in a declaration where it has one.
    pub attribute: String,
    /// The value before, or as planned; `null` where it had none.
    pub before: Option<String>,
    /// The value after, or in the database; `null` where it has none.
    pub after: Option<String>,
    /// The whole difference in words: `vector_l2_ops  →  vector_cosine_ops`.
    pub says: String,
}

impl Difference {
    /// Makes the words from two values, with the attribute's name; one of the values may be missing.
    pub(super) fn of(attribute: &str, before: Option<String>, after: Option<String>) -> Self {
        let says = match (&before, &after) {
            (Some(before), Some(after)) => format!("{attribute} {before}  →  {after}"),
            (None, Some(after)) => format!("+ {attribute} {after}"),
            (Some(before), None) => format!("- {attribute} {before}"),
            (None, None) => format!("{attribute} changed"),
        };
        Self { attribute: attribute.to_owned(), before, after, says }
    }

    /// Makes the words from two values that are clear without the attribute's name.
    pub(super) fn bare(attribute: &str, before: impl Into<String>, after: impl Into<String>) -> Self {
        let (before, after) = (before.into(), after.into());
        let says = match (before.as_str(), after.as_str()) {
            ("", after) => format!("+ {after}"),
            (before, "") => format!("- {before}"),
            (before, after) => format!("{before}  →  {after}"),
        };
        let some = |text: String| (!text.is_empty()).then_some(text);
        Self { attribute: attribute.to_owned(), before: some(before), after: some(after), says }
    }

    /// Takes the words as given.
    pub(super) fn said(attribute: &str, says: impl Into<String>) -> Self {
        Self { attribute: attribute.to_owned(), before: None, after: None, says: says.into() }
    }

    /// Makes the words for a flag that is set, or no longer set.
    pub(super) fn flag(words: &str, set: bool) -> Self {
        let says = format!("{} {words}", if set { "+" } else { "-" });
        let value = Some(words.to_owned());
        let (before, after) = if set { (None, value) } else { (value, None) };
        Self { attribute: words.replace(' ', "_"), before, after, says }
    }
}

/// Joins differences into one line.
#[must_use]
pub fn joined(differences: &[Difference]) -> String {
    differences.iter().map(|d| d.says.as_str()).collect::<Vec<_>>().join(", ")
}
