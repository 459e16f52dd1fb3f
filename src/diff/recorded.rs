//! Fills in what a state never recorded of a database, and what it left to it: the ground on which drift is told.
use crate::canonical::parse_default_privileges;
use crate::model::{
    Body, Column, Definition, Fragment, Grantee, Head, ObjectId, ObjectKind, Privilege, Privileges, Rights, State,
    are_all_before_17,
};

/// First major version with the privilege `maintain`.
const MAINTAIN: u32 = 17;
/// First major version that keeps not-null constraints with a name and a validity of their own.
const NOT_NULLS: u32 = 18;

/// Gives the state with what it never recorded taken from what is there, on a server of that major version. Silence is
/// "not managed" of owners and privileges alone: everything else that a plan does not say is known to be at its
/// default, and is drift where it is not. Nothing that is only there is added.
#[must_use]
pub fn with_unrecorded(state: &State, there: &State, major: u32) -> State {
    let mut out = state.clone();
    for (id, object) in &mut out.objects {
        let Some(live) = there.get(id) else { continue };
        match (&mut object.body, &live.body) {
            // A minimum is the declaration's; a live extension has a version.
            (Body::Extension(a), Body::Extension(b)) => a.minimum.clone_from(&b.minimum),
            (Body::Column(a), Body::Column(b)) => column(a, b, major),
            (Body::Definition(a), Body::Definition(b)) => {
                definition((&mut object.head, a), (&live.head, b));
                default_privileges(id, a, b.text(), major);
            }
            (a, b) if std::mem::discriminant(a) == std::mem::discriminant(b) => {}
            _ => continue,
        }
        // A column's privileges were read if its table's were: the owner is read with them.
        let of_table = id.as_column().map(|(table, _)| ObjectId::table(table));
        let recorded = of_table.and_then(|table| state.get(&table)).is_some_and(|table| table.head.owner.is_some());
        access(id, &mut object.head, &live.head, recorded, major);
    }
    out
}

fn column(a: &mut Column, b: &Column, major: u32) {
    // Names that renames left behind are nobody's declaration.
    if a.not_null_name.is_none() || major < NOT_NULLS {
        a.not_null_name.clone_from(&b.not_null_name);
    }
    if major < NOT_NULLS {
        a.not_null_validated = b.not_null_validated;
    }
}

/// Fills in a definition. Earlier pgforms recorded the text alone of what they did not model, without the comments on
/// its parts; and none where they could not print it.
fn definition((head, a): (&mut Head, &mut Definition), (live, b): (&Head, &Definition)) {
    if a.create.is_none() {
        a.create.clone_from(&b.create);
        head.comment.clone_from(&live.comment);
    }
    if head.owner.is_none() && live.owner.is_some() {
        let bare = b.text().map(without_parts_comments);
        if a.text() == bare.as_deref() {
            a.create.clone_from(&b.create);
        }
    }
}

/// Gives a type's text as it was printed before the comments on its constraints and attributes were read.
fn without_parts_comments(text: &str) -> String {
    let of_part = |s: &&str| s.starts_with("comment on constraint ") || s.starts_with("comment on column ");
    text.split(";\n").filter(|s| !of_part(s)).collect::<Vec<_>>().join(";\n")
}

/// Fills in owner and privileges. Where an owner is recorded, privileges were read too: none of their own are those
/// that PostgreSQL gives by default.
fn access(id: &ObjectId, head: &mut Head, there: &Head, recorded: bool, major: u32) {
    if head.owner.is_none() && !recorded {
        head.owner.clone_from(&there.owner);
        match (&mut head.privileges, &there.owner) {
            (None, _) => head.privileges.clone_from(&there.privileges),
            // All are said but the rights of whoever owns it.
            (Some(said), Some(owner)) if said.exact && !id.is(ObjectKind::Column) => {
                let owner = Grantee::Role(owner.clone());
                let rights = there.effective_privileges(id.kind()).grants.remove(&owner).unwrap_or_default();
                said.grants.entry(owner).or_insert(rights);
            }
            (Some(_), _) => {}
        }
        if head.column_privileges.is_empty() {
            head.column_privileges.clone_from(&there.column_privileges);
        }
    }
    if let Some(recorded) = &mut head.privileges {
        respell(recorded, there.privileges.as_ref(), major);
    }
    for (name, recorded) in &mut head.column_privileges {
        respell(recorded, there.column_privileges.get(name), major);
    }
}

/// Writes privileges in the words of that major version, with what grantees that nobody manages have there. Before 17
/// there is no `maintain`; who had all of a table's privileges there has all of them here.
fn respell(recorded: &mut Privileges, there: Option<&Privileges>, major: u32) {
    if major < MAINTAIN {
        *recorded = recorded.without_maintain();
    }
    let Some(there) = there else { return };
    for (grantee, live) in &there.grants {
        match recorded.grants.get_mut(grantee) {
            None if !recorded.exact => drop(recorded.grants.insert(grantee.clone(), live.clone())),
            Some(rights) if major >= MAINTAIN && are_all_before_17(rights) => {
                let known = live.iter().filter(|right| right.privilege != Privilege::MAINTAIN);
                if known.cloned().collect::<Rights>() == *rights {
                    rights.clone_from(live);
                }
            }
            Some(_) | None => {}
        }
    }
    recorded.exact |= there.exact;
}

/// Writes default privileges in the words of that major version; other definitions stay as they are.
fn default_privileges(id: &ObjectId, definition: &mut Definition, there: Option<&str>, major: u32) {
    let recorded = definition.text().filter(|_| id.is(ObjectKind::DefaultPrivileges));
    let Some(mut said) = recorded.and_then(|text| parse_default_privileges(text).ok()) else { return };
    let (before, there) = (said.clone(), there.and_then(|text| parse_default_privileges(text).ok()));
    let owner = Grantee::Role(said.of.role.clone());
    let owners = said.privileges.grants.remove(&owner);
    respell(&mut said.privileges, there.map(|there| there.privileges).as_ref(), major);
    said.privileges.grants.extend(owners.map(|rights| (owner, rights)));
    if said != before {
        definition.create = Some(Fragment::settled(said.print(), said.print()));
    }
}

/// Gives the state as a server of that major version can be given it: without the privilege that it does not know.
#[must_use]
pub fn spelled_for(state: &State, major: u32) -> State {
    let mut out = state.clone();
    if major >= MAINTAIN {
        return out;
    }
    for (id, object) in &mut out.objects {
        if let Body::Definition(definition) = &mut object.body {
            default_privileges(id, definition, None, major);
        }
        object.head.privilege_lists_mut().for_each(|privileges| *privileges = privileges.without_maintain());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ColumnName, Fragment, Object, ObjectKind, Qualified, Table};

    fn list(items: &[&str]) -> Privileges {
        Privileges::of_list(&items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>(), Some("me"))
    }

    fn state(owner: Option<&str>, privileges: Option<&[&str]>, of_column: Option<&[&str]>) -> State {
        let list = |items: &[&str]| list(items);
        let name = Qualified::new("public", "t");
        let of_table = Head { owner: owner.map(str::to_owned), privileges: privileges.map(list), ..Head::default() };
        let of_column = Head { privileges: of_column.map(list), ..Head::default() };
        let column = Column::of_type(Fragment::settled("text", "text"), 1);
        let objects = [
            (ObjectId::table(name), Object { head: of_table, body: Body::Table(Table::default()) }),
            (ObjectId::column(name, ColumnName::new("a")), Object { head: of_column, body: Body::Column(column) }),
        ];
        State { objects: objects.into_iter().collect() }
    }

    #[test]
    fn only_what_was_never_recorded_is_taken_from_what_is_there() {
        let live = state(Some("me"), Some(&["app=r/me"]), Some(&["app=w/me"]));
        assert_eq!(with_unrecorded(&state(None, None, None), &live, 18), live);
        let recorded = state(Some("me"), None, None);
        assert_eq!(with_unrecorded(&recorded, &live, 18), recorded);
    }

    #[test]
    fn privileges_are_the_same_in_the_words_of_another_major_version() {
        let of_18 = state(Some("me"), Some(&["app=m/me", "me=arwdDxtm/me", "x=rm*/me"]), None);
        let of_16 = state(Some("me"), Some(&["me=arwdDxt/me", "x=r/me"]), None);
        assert_eq!(with_unrecorded(&of_18, &of_16, 16), of_16);
        assert_eq!(spelled_for(&of_18, 16), of_16);
        let here = state(Some("me"), Some(&["me=arwdDxtm/me", "x=r/me"]), None);
        assert_eq!(with_unrecorded(&of_16, &here, 18), here);
        // Privileges that were recorded with `maintain` and are there without are a difference.
        assert_eq!(with_unrecorded(&of_18, &of_16, 18), of_18);
    }

    #[test]
    fn of_an_opaque_object_earlier_ones_recorded_the_text_alone() {
        let id = ObjectId::of_parts(ObjectKind::Domain, &["public", "d"]);
        let one = |object: &Object| State { objects: [(id, object.clone())].into() };
        let text = |text: &str| Object::from(Body::Definition(Definition::carried(Some(text.to_owned()))));
        let mut live = text("create it;\ncomment on constraint c on domain d is 'x';\ncomment on type d is 'y'");
        live.head = Head {
            owner: Some("me".to_owned()),
            privileges: Some(list(&["me=U/me"])),
            column_privileges: [(ColumnName::new("a"), list(&["app=r/me"]))].into(),
            ..Head::default()
        };
        let recorded = |a: &Object| with_unrecorded(&one(a), &one(&live), 18);
        assert_eq!(recorded(&text("create it;\ncomment on type d is 'y'")), one(&live));
        assert_eq!(recorded(&Body::Definition(Definition::carried(None)).into()), one(&live));
        // A text that differs is told, and so is a comment on the whole.
        for other in ["create that;\ncomment on type d is 'y'", "create it"] {
            assert_eq!(recorded(&text(other)), one(&Object { head: live.head.clone(), body: text(other).body }));
        }
        let mut later = live.clone();
        (later.head.privileges, later.head.column_privileges) = (None, Default::default());
        assert_eq!(recorded(&later), one(&later));
    }
}
