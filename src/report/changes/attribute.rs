use super::Difference;
use crate::diff::column_grants;
use crate::model::{Body, ColumnName, GrantChange, Object, Rights, told};
use std::collections::BTreeSet;

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

/// What each grantee gets and loses; as data, both lists whole.
pub(super) fn privileges(whole: Difference, changes: &[GrantChange]) -> Difference {
    Difference { says: format!("grants {}", changes.iter().map(each).collect::<Vec<_>>().join("; ")), ..whole }
}

/// The same on single columns of what has no columns of their own.
pub(super) fn column_privileges(before: &Object, after: &Object) -> Difference {
    let (a, b) = (&before.head, &after.head);
    let columns: BTreeSet<&ColumnName> = a.column_privileges.keys().chain(b.column_privileges.keys()).collect();
    let of = |column: &ColumnName| {
        let changes = column_grants(a, b, column);
        changes.iter().map(|change| format!("{} ({column})", each(change))).collect::<Vec<_>>()
    };
    let says = columns.into_iter().flat_map(of).collect::<Vec<_>>().join("; ");
    Difference { says: format!("grants {says}"), ..carried(before, after, "column_grants") }
}

/// `app + insert, - update`.
fn each(change: &GrantChange) -> String {
    let side = |mark: &str, rights: &Rights| (!rights.is_empty()).then(|| format!("{mark} {}", told(rights)));
    let sides = [side("+", &change.given), side("-", &change.taken)];
    format!("{} {}", change.grantee.name(), sides.into_iter().flatten().collect::<Vec<_>>().join(", "))
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
