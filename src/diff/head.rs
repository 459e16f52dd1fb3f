//! What every object has, compared, completed and taken over by one piece of code.
use super::{Alteration, Pair, differences::Differences};
use crate::model::{Body, ColumnName, Head, Object, Schema};

pub(super) fn diff(pair: Pair<'_, Object>) -> Vec<Alteration> {
    let (before, after) = (&pair.before.head, &pair.after.head);
    // What an object depends on follows from the rest of it.
    let Head { comment, owner, privileges, column_privileges, depends_on: _ } = before;
    let mut out = Differences::default();
    let same_comment = match pair.after.body {
        Body::Schema(_) => Schema::same_comment(before, after),
        _ => *comment == after.comment,
    };
    out.when(!same_comment, Alteration::Comment);
    out.carried("owner", owner, &after.owner);
    out.carried("privileges", privileges, &after.privileges);
    out.carried("column_privileges", column_privileges, &after.column_privileges);
    out.finish()
}

/// Takes from the earlier form what the later one does not say.
pub(super) fn inherit(before: &Head, after: &mut Object) {
    let head = &mut after.head;
    or(&mut head.owner, &before.owner);
    or(&mut head.privileges, &before.privileges);
    if head.column_privileges.is_empty() {
        // A column that is no more takes its privileges with it.
        let stays = |column: &ColumnName| match &after.body {
            Body::View(view) => view.columns.is_empty() || view.columns.contains(column),
            _ => true,
        };
        let kept = before.column_privileges.iter().filter(|(column, _)| stays(column));
        head.column_privileges = kept.map(|(column, items)| (*column, items.clone())).collect();
    }
    if head.depends_on.is_empty() {
        head.depends_on.clone_from(&before.depends_on);
    }
}

/// Takes what no operation changes.
pub(super) fn take_carried(known: &mut Head, there: &Head) {
    let Head { comment: _, owner, privileges, column_privileges, depends_on: _ } = there;
    known.owner.clone_from(owner);
    known.privileges.clone_from(privileges);
    known.column_privileges.clone_from(column_privileges);
}

pub(super) fn or<T: Clone>(after: &mut Option<T>, before: &Option<T>) {
    if after.is_none() {
        after.clone_from(before);
    }
}
