//! Makes the statements of default privileges from the lists that the catalog holds.
use crate::canonical::DefaultsText;
use crate::model::{DefaultsOf, ObjectId};

/// Writes the statements from the list that is there, and the one that the same server gives by itself. `None` where a
/// privilege is of a later server: no statement that pgform knows gives it.
pub(super) fn statements(id: &ObjectId, lists: &str) -> Option<String> {
    let (there, usual): (Vec<String>, Option<Vec<String>>) = serde_json::from_str(lists).ok()?;
    let text = DefaultsText::of_lists(DefaultsOf::of(id)?, &there, &usual.unwrap_or_default());
    (!text.is_of_later()).then(|| text.print())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NewObjects;

    #[test]
    fn lists_become_statements() {
        let of = DefaultsOf { role: "a".to_owned(), schema: None, on: NewObjects::Functions };
        let statements = |lists: &str| statements(&of.id(), lists);
        assert_eq!(
            statements(r#"[["a=X/a"],["=X/a","a=X/a"]]"#).unwrap(),
            "alter default privileges for role a revoke execute on functions from public"
        );
        assert_eq!(statements(r#"[["b=Z/a"],[]]"#), None);
    }
}
