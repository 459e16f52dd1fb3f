//! Statements of default privileges: what differs is given and taken, and no relation is locked. And what new objects have of
//! them beyond their declaration. Source: <https://www.postgresql.org/docs/18/sql-alterdefaultprivileges.html>.
use super::super::format::LockMode;
use super::super::sql::{granted, redefault, regrant};
use super::context::Context;
use super::own::Own;
use crate::canonical::{DefaultsText, parse_default_privileges};
use crate::model::{
    Grantee, Head, NewObjects, ObjectId, ObjectKind, Privileges, Right, Rights, SchemaName, State, add_right,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const OWN: Own = Own {
    create: |text| with(text, |said| between(said, &said.of.usual(), &said.privileges)),
    drop: |_, text| with(text, |said| between(said, &said.privileges, &said.of.usual())),
    redefine: |before, after| with(after, |said| with(before, |old| between(said, &old.privileges, &said.privileges))),
    reads: |_, _, _| Ok(None),
    // There is no relation that they are on.
    changes: LockMode::ShareRowExclusive,
    drops: LockMode::AccessExclusive,
    // They are for objects that nobody uses yet.
    hazards: |_, _| Vec::new(),
};

fn with(text: &str, statements: impl Fn(&DefaultsText) -> Vec<String>) -> Vec<String> {
    parse_default_privileges(text).map(|said| statements(&said)).unwrap_or_default()
}

/// Statements that lead from some default privileges to others.
fn between(said: &DefaultsText, from: &Privileges, to: &Privileges) -> Vec<String> {
    let to = Privileges { exact: true, ..to.clone() };
    redefault(&said.prefix(), said.of.on.words(), &from.changes_to(&to))
}

/// Statements that take from a new object what default privileges, as either state has them, give beyond what is said of it,
/// and give what they lack. Nothing is said of whom nobody manages; and where its owner is known, all of it is undone already.
pub(in super::super) fn beyond(context: &Context<'_>, id: &ObjectId, head: &Head) -> Vec<String> {
    let (Some(said), None) = (&head.privileges, &head.owner) else { return Vec::new() };
    let usual = Privileges::by_default(id.kind(), None);
    let (mut there, mut wanted) = (Privileges::default(), Privileges::default());
    let known = |grantee: &Grantee| said.grants.get(grantee).cloned();
    let Some(on) = NewObjects::with(id.kind()) else { return Vec::new() };
    let places = BTreeSet::from([None, id.home().filter(|_| on.live_in_schemas())]);
    for text in places.into_iter().filter_map(|place| context.defaults.get(&(on, place))).flatten() {
        for (grantee, rights) in text.privileges.grants.iter().filter(|(who, _)| who.name() != text.of.role) {
            let Some(known) = known(grantee).or_else(|| said.exact.then(Rights::new)) else { continue };
            let has = there.grants.entry(grantee.clone()).or_insert_with(|| known.clone());
            // That which PostgreSQL gives by itself is taken away already, where it is not to be there.
            let of_usual = |right: &Right| usual.grants.get(grantee).is_some_and(|usual| usual.contains(right));
            rights.iter().filter(|right| !of_usual(right)).cloned().for_each(|right| add_right(has, right));
            wanted.grants.insert(grantee.clone(), known);
        }
        for (grantee, rights) in usual.grants.iter().filter(|_| text.of.schema.is_none()) {
            // Nor is it given again, where it is.
            if text.privileges.grants.get(grantee) != Some(rights) && known(grantee).as_ref() == Some(rights) {
                there.grants.entry(grantee.clone()).or_default().retain(|right| !rights.contains(right));
                wanted.grants.insert(grantee.clone(), rights.clone());
            }
        }
    }
    let on = granted(id).map(|(word, name)| format!("{word} {name}")).unwrap_or_default();
    regrant(&on, "", &there.changes_to(&wanted))
}

/// Default privileges of states, by the objects that they are for and the schema, if they are of one.
pub(in super::super) fn default_privileges(
    states: [&State; 2],
) -> BTreeMap<(NewObjects, Option<SchemaName>), Vec<DefaultsText>> {
    let mut out: BTreeMap<_, Vec<DefaultsText>> = BTreeMap::new();
    for state in states {
        let of_kind = state.objects.range(ObjectId::first_of(ObjectKind::DefaultPrivileges)..);
        let of_kind = of_kind.take_while(|(id, _)| id.is(ObjectKind::DefaultPrivileges));
        let texts = of_kind.filter_map(|(_, object)| parse_default_privileges(object.definition()?.text()?).ok());
        texts.for_each(|text| out.entry((text.of.on, text.of.schema)).or_default().push(text));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_given_and_taken() {
        let (a, b) = (
            "alter default privileges for role o revoke execute on functions from public",
            "alter default privileges for role o grant execute on functions to app with grant option",
        );
        assert_eq!((OWN.create)(a), [a]);
        let back = a.replace("revoke", "grant").replace("from", "to");
        assert_eq!((OWN.redefine)(a, b), [back.as_str(), b]);
        let taken = "alter default privileges for role o revoke execute on functions from app";
        assert_eq!((OWN.redefine)(b, a), [a, taken]);
        let later = "alter default privileges for role o grant maintain on tables to app";
        let sql = (OWN.create)(later);
        assert!(sql[0].contains(&format!(">= 170000 then {later}; end if")), "{sql:?}");
    }
}
