//! Differences of attributes that any kind may have: opaque ones, comments, privileges.
use super::Difference;
use crate::diff::column_grants;
use crate::model::{Body, ColumnName, GrantChange, Object, Rights, told};
use std::collections::BTreeSet;

/// Difference of an attribute that is carried along as it is: read, compared, and not planned yet.
pub(super) fn carried(before: &Object, after: &Object, name: &str) -> Difference {
    let value = |object: &Object| {
        let found = object.attributes().into_iter().find(|a| a.name == name)?;
        Some(found.value.shown())
    };
    match (&before.body, &after.body, value(before), value(after)) {
        (Body::Definition(_), Body::Definition(_), Some(a), Some(b)) => Difference::text(name, &a, &b),
        (_, _, a, b) => Difference::of(name, a, b),
    }
}

/// Difference of privileges in words, by what each grantee gains and loses; the data has both whole lists.
pub(super) fn privileges(whole: Difference, changes: &[GrantChange]) -> Difference {
    Difference { says: format!("grants {}", changes.iter().map(each).collect::<Vec<_>>().join("; ")), ..whole }
}

/// Difference of privileges on single columns of an object whose columns are no objects of their own.
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

/// Words for one grantee: `app + insert, - update`.
fn each(change: &GrantChange) -> String {
    let side = |mark: &str, rights: &Rights| (!rights.is_empty()).then(|| format!("{mark} {}", told(rights)));
    let sides = [side("+", &change.given), side("-", &change.taken)];
    format!("{} {}", change.grantee.name(), sides.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// Difference of comments, either of which may be missing.
pub(super) fn comment(before: &Object, after: &Object) -> Difference {
    carried(before, after, "comment")
}
