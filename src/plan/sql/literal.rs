//! Writes string literals, lists of names, comments and storage parameters as SQL.
use crate::model::{Parameters, quote};
use std::fmt::Display;

/// A string literal; backslashes are safe under standard strings, which the session pins.
#[must_use]
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A string constant that stays readable: dollar quotes with a tag that the text does not contain.
#[must_use]
pub fn dollar_quoted(text: &str) -> String {
    let tag = (0_usize..).map(|n| format!("$p{n}$")).find(|tag| !text.contains(tag.as_str())).unwrap_or_default();
    format!("{tag}{text}{tag}")
}

/// Names with commas between.
#[must_use]
pub fn list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(", ")
}

/// `comment on KIND NAME is …`, with null where there is none.
#[must_use]
pub fn comment_on(kind_and_name: &str, comment: Option<&str>) -> String {
    format!("comment on {kind_and_name} is {}", comment.map_or_else(|| "null".to_owned(), literal))
}

/// Storage parameters: `fillfactor = '70', toast.autovacuum_enabled = 'false'`.
#[must_use]
pub fn options(parameters: &Parameters) -> String {
    let name =
        |name: &str| name.split_once('.').map_or_else(|| quote(name), |(a, b)| format!("{}.{}", quote(a), quote(b)));
    list(parameters.iter().map(|(k, v)| format!("{} = {}", name(k), literal(v))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_never_in_the_text() {
        assert_eq!(dollar_quoted("x $p0$ y"), "$p1$x $p0$ y$p1$");
    }
}
