use super::Difference;
use crate::model::{Body, Object};

/// Attributes that are carried along as they are: read, compared, and not planned yet.
pub(super) fn carried(before: &Object, after: &Object, name: &str) -> Difference {
    let value = |object: &Object| {
        let found = object.attributes().into_iter().find(|a| a.name == name)?;
        Some(if LISTS.contains(&name) { plain(&found.value) } else { found.value })
    };
    match (&before.body, &after.body, value(before), value(after)) {
        (Body::Definition(_), Body::Definition(_), Some(a), Some(b)) => Difference::text(name, &a, &b),
        (_, _, a, b) => Difference::of(name, a, b),
    }
}

/// Attributes whose value is a list, each item with its length before it.
const LISTS: &[&str] = &["with", "options", "defaults", "statistics", "column_comments", "owned_by"];

/// `3:abc,1:x` as `abc, x`; pairs as `name=value`.
fn plain(text: &str) -> String {
    let item = |text: &str| match items(text).as_deref() {
        Some([name, value]) => format!("{name}={value}"),
        Some(_) | None => text.to_owned(),
    };
    match items(text) {
        Some(items) => items.iter().map(|i| item(i)).collect::<Vec<_>>().join(", "),
        None => text.to_owned(),
    }
}

fn items(mut rest: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    loop {
        let (length, tail) = rest.split_once(':')?;
        let length: usize = length.parse().ok()?;
        out.push(tail.get(..length)?.to_owned());
        rest = &tail[length..];
        if rest.is_empty() {
            return Some(out);
        }
        rest = rest.strip_prefix(',')?;
    }
}

/// A comment, or none.
pub(super) fn comment(before: &Object, after: &Object) -> Difference {
    carried(before, after, "comment")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn no_length_is_shown() {
        assert_eq!(plain("5:draft,7:indexed"), "draft, indexed");
        assert_eq!(plain("18:10:fillfactor,2:70"), "fillfactor=70");
        assert_eq!(plain("no list: 5"), "no list: 5");
        assert_eq!(plain(""), "");
    }
}
