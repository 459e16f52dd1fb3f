//! Compares, completes and takes over what every object has: comment, owner, privileges.
use super::{Alteration, Pair, differences::Differences};
use crate::model::{
    Body, ColumnName, GrantChange, Grantee, Head, Object, ObjectId, ObjectKind, Privilege, Privileges, Right, Rights,
    Schema, View, are_all_before_17,
};
use std::collections::BTreeSet;

pub(super) fn diff(id: &ObjectId, pair: Pair<'_, Object>) -> Vec<Alteration> {
    let (before, after) = (&pair.before.head, &pair.after.head);
    // Dependencies of an object follow from the rest of it.
    let Head { comment, owner, privileges: _, column_privileges, depends_on: _ } = before;
    let mut out = Differences::default();
    let same_comment = match id.is(ObjectKind::Schema) {
        true => Schema::same_comment(before, after),
        false => *comment == after.comment,
    };
    out.when(!same_comment, Alteration::Comment);
    // An owner that nobody recorded or declared is not another one.
    out.when(after.owner.is_some() && *owner != after.owner, Alteration::Owner);
    out.when(!grants(id, before, after).is_empty(), Alteration::Privileges);
    let columns: BTreeSet<&ColumnName> = column_privileges.keys().chain(after.column_privileges.keys()).collect();
    let of_columns = columns.into_iter().any(|column| !column_grants(before, after, column).is_empty());
    out.when(of_columns, Alteration::ColumnPrivileges);
    out.finish()
}

/// Lists what has to be given and taken on an object, once it belongs to whom it is to belong to.
#[must_use]
pub fn grants(id: &ObjectId, before: &Head, after: &Head) -> Vec<GrantChange> {
    if after.privileges.is_none() && after.owner.is_none() && !id.is(ObjectKind::Column) {
        return Vec::new();
    }
    let (mut there, mut wanted) = (there(id, before, after), after.effective_privileges(id.kind()));
    if let Some(owner) = after.owner.as_ref().or(before.owner.as_ref()) {
        let owner = Grantee::Role(owner.clone());
        let owners = (there.grants.get(&owner).cloned(), wanted.grants.get(&owner).cloned());
        let silent = (before.privileges.is_none(), after.privileges.is_none());
        with_maintain(there.grants.get_mut(&owner), owners.1.as_ref(), silent.0);
        with_maintain(wanted.grants.get_mut(&owner), owners.0.as_ref(), silent.1);
    }
    there.changes_to(&wanted)
}

/// Adds `maintain` to all other rights of a table's owner, who has it with them from 17 on: a state says it only where
/// it was read from such a server. Where that word alone is the difference to the other side, it stays one, unless
/// this side is silent about its privileges.
fn with_maintain(rights: Option<&mut Rights>, others: Option<&Rights>, silent: bool) {
    let maintain = Right::plain(Privilege::MAINTAIN);
    let Some(rights) = rights.filter(|rights| are_all_before_17(rights)) else { return };
    let mut all = rights.clone();
    all.insert(maintain);
    let adds = match others {
        Some(others) if *others == all => silent,
        Some(others) => others != rights,
        None => true,
    };
    if adds {
        *rights = all;
    }
}

/// Gives the privileges on an object once it belongs to whom it is to belong to.
fn there(id: &ObjectId, before: &Head, after: &Head) -> Privileges {
    let privileges = before.effective_privileges(id.kind());
    match (&before.owner, &after.owner) {
        (Some(from), Some(to)) if from != to => privileges.handed_over(from, to),
        _ => privileges,
    }
}

/// Lists what has to be given and taken on a single column of what has no columns of their own.
#[must_use]
pub fn column_grants(before: &Head, after: &Head, column: &ColumnName) -> Vec<GrantChange> {
    let none = Privileges { exact: true, ..Privileges::default() };
    let of = |head: &Head| head.column_privileges.get(column).cloned();
    of(before).unwrap_or_else(|| none.clone()).changes_to(&of(after).unwrap_or(none))
}

/// Takes from the earlier form what the later one does not say.
pub(super) fn inherit(id: &ObjectId, before: &Head, after: &mut Object) {
    let head = &mut after.head;
    or(&mut head.owner, &before.owner);
    let declared = head.privileges.take();
    for (column, known) in &before.column_privileges {
        // A column that is no more takes its privileges with it.
        let goes = |view: &View| !view.columns.is_empty() && !view.columns.contains(column);
        let stays = !matches!(&after.body, Body::View(view) if goes(view));
        let said = head.column_privileges.remove(column).unwrap_or_default();
        if stays {
            let said = declared.iter().fold(said, |said, managed| said.with_all_of(managed));
            head.column_privileges.insert(*column, known.with_declared(&said, None));
        }
    }
    head.column_privileges.retain(|_, of| of.grants.values().any(|rights| !rights.is_empty()));
    head.privileges = match (declared, &before.privileges) {
        (Some(declared), known) if before.owner.is_some() || known.is_some() || id.is(ObjectKind::Column) => {
            Some(there(id, before, head).with_declared(&declared, head.owner.as_deref()))
        }
        (None, Some(_)) => Some(there(id, before, head)),
        (declared, _) => declared,
    };
    // What was never written out is not, where all of it is said.
    let usual = |said: &Privileges| before.privileges.is_none() && said.exact && *said == there(id, before, head);
    if head.privileges.as_ref().is_some_and(usual) {
        head.privileges = None;
    }
    if head.depends_on.is_empty() {
        head.depends_on.clone_from(&before.depends_on);
    }
}

/// Gives the owner all rights where the privileges on an object are declared to be all, and do not name it; those that
/// it has stay as they are where they are all, with `maintain` or without.
pub(super) fn keep_owners(id: &ObjectId, before: Option<&Head>, head: &mut Head) {
    let Some(declared) = head.privileges.as_ref().filter(|declared| declared.exact && !id.is(ObjectKind::Column))
    else {
        return;
    };
    let Some(owner) = head.owner.as_ref().or(before.and_then(|before| before.owner.as_ref())) else { return };
    let grantee = Grantee::Role(owner.clone());
    if declared.grants.contains_key(&grantee) {
        return;
    }
    let all = Privileges::by_default(id.kind(), Some(owner)).grants.remove(&grantee).unwrap_or_default();
    let known = before.and_then(|before| there(id, before, head).grants.remove(&grantee));
    let is_all = |rights: &Rights| {
        let known = rights.iter().filter(|right| right.privilege != Privilege::MAINTAIN);
        known.cloned().collect::<Rights>() == all
    };
    let kept = known.filter(is_all).unwrap_or_else(|| all.clone());
    let mut declared = declared.clone();
    declared.grants.insert(grantee, kept);
    // A new object has what it is given by default without a word.
    let is_usual = before.is_none() && declared == Privileges::by_default(id.kind(), Some(owner));
    head.privileges = (!is_usual).then_some(declared);
}

/// Forgets the privileges on a column on which nobody has a right of their own: they say nothing, whoever is managed
/// there.
pub(super) fn forget_nobodys(id: &ObjectId, head: &mut Head) {
    let nobodys = |privileges: &Privileges| privileges.grants.values().all(Rights::is_empty);
    if id.is(ObjectKind::Column) && head.privileges.as_ref().is_some_and(nobodys) {
        head.privileges = None;
    }
}

/// Takes over whose an object is and who may use it, but for what a declaration says.
pub(super) fn take_carried(known: &mut Head, there: &Head, said: &dyn Fn(&str) -> bool) {
    let Head { comment: _, owner, privileges, column_privileges, depends_on: _ } = there;
    if !said("owner") {
        known.owner.clone_from(owner);
    }
    if !said("grants") {
        // Whoever owns the object there is not its owner in a state that keeps another one.
        known.privileges = match (privileges, owner, &known.owner) {
            (Some(there), Some(from), Some(to)) if from != to => Some(there.handed_over(from, to)),
            (there, _, _) => there.clone(),
        };
        known.column_privileges.clone_from(column_privileges);
    }
}

pub(super) fn or<T: Clone>(after: &mut Option<T>, before: &Option<T>) {
    if after.is_none() {
        after.clone_from(before);
    }
}
