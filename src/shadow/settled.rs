//! Puts the texts that the shadow printed into declared objects.
use super::printed::Printed;
use crate::model::{Body, Fragment, Object, ObjectId, Rename, State, renamed_text, same_kind};
use std::collections::BTreeSet;

/// Gives the object as declared, with the texts that the shadow printed after it had stored it. What the declaration
/// did not say and the shadow knows (a view's columns and what it uses) is taken over too.
#[must_use]
pub(super) fn with_printed(declared: &Object, printed: &Object) -> Object {
    let mut out = declared.clone();
    // One name may be of two kinds.
    same_kind!((&mut out.body, &printed.body), (own, printed) => own.settle(printed), else => {});
    if matches!(&out.body, Body::View(_)) || out.definition().is_some_and(|definition| !definition.carried) {
        out.head.depends_on.clone_from(&printed.head.depends_on);
    }
    out
}

/// Gives the state after renames: what the shadow printed then is the only text that holds, for what was written names
/// what has another name now, or worse, what something else is called now. Carried objects that name it are printed
/// anew too; for those that the shadow is `lacking`, their names in their own texts get the new ones.
#[must_use]
pub(super) fn overlay_renamed(
    state: &State,
    printed: &State,
    renames: &[Rename],
    lacking: &BTreeSet<ObjectId>,
) -> State {
    let mut out = overlay(state, printed, lacking);
    for (id, object) in &mut out.objects {
        if let Body::Definition(opaque) = &mut object.body
            && (lacking.contains(id) || !printed.has(id))
        {
            let renamed = opaque.text().map(|text| renamed_text(text, renames));
            opaque.create = renamed.map(|text| Fragment::settled(text.clone(), text));
            continue;
        }
        let (Some(before), Some(now)) = (state.get(id), printed.get(id)) else { continue };
        match (&mut object.body, &before.body, &now.body) {
            (Body::Definition(object), Body::Definition(old), Body::Definition(now)) if old.carried => {
                // In SQL a quote in a name is two.
                let named = |t: &str, name: &str| t.contains(name) || t.contains(&name.replace('"', "\"\""));
                let names = |text: &str| renames.iter().any(|rename| named(text, rename.from.own_name()));
                if old.text().is_some_and(names) {
                    object.create.clone_from(&now.create);
                }
            }
            (object, before, _) => {
                let anew = |text: &mut Fragment, old: &Fragment| {
                    if text.as_settled() != old.as_settled() {
                        *text = Fragment::settled(text.sql(), text.sql());
                    }
                };
                same_kind!((object, before), (own, before) => own.each_pair(before, &anew), else => {});
            }
        }
    }
    out
}

/// Gives the state with the texts of everything that the shadow printed; of what it is `lacking`, only a stand-in was
/// printed.
#[must_use]
pub(super) fn overlay(state: &State, printed: &State, lacking: &BTreeSet<ObjectId>) -> State {
    let object = |(id, object): (&ObjectId, &Object)| {
        let there = printed.get(id).filter(|_| !lacking.contains(id));
        let settled = there.map_or_else(|| object.clone(), |p| with_printed(object, p));
        (*id, settled)
    };
    State { objects: state.objects.iter().map(object).collect() }
}
