//! Finds the schemas in which the parts of a state are built and looked for.
use crate::catalog::Scope;
use crate::model::{Body, ObjectId, Privileges, Rename, SchemaName, State};
use std::collections::BTreeSet;

pub(super) fn extension_name(id: &ObjectId) -> Option<&str> {
    id.as_extension().map(|name| name.as_str())
}

/// Gives the schema that an extension lives in.
pub(super) fn home_of<'s>(states: &[&'s State], name: &str) -> Option<&'s SchemaName> {
    let id = ObjectId::extension(crate::model::ExtensionName::new(name));
    states.iter().find_map(|state| match state.body(&id) {
        Some(Body::Extension(extension)) => Some(&extension.schema),
        _ => None,
    })
}

/// Gives what an empty database already has: the schema `public`, with the usual comment and privileges, and as its
/// owner whoever owns it.
pub(super) fn standing(state: &State) -> State {
    let public = ObjectId::schema(SchemaName::new("public"));
    let Some(own) = state.get(&public) else { return State::default() };
    let mut there = own.clone();
    there.head.comment = None;
    let is_known = own.head.owner.is_some() || own.head.privileges.is_some();
    there.head.privileges = is_known.then(|| Privileges::as_made(&public, own.head.owner.as_deref()));
    State { objects: [(public, there)].into_iter().collect() }
}

/// Lists the schemas of a state's extensions, as they follow another in a search path: `, extensions, public`.
#[must_use]
pub fn extension_path(state: &State) -> String {
    let schemas: BTreeSet<String> = state
        .objects
        .values()
        .filter_map(|o| if let Body::Extension(e) = &o.body { Some(e.schema.to_string()) } else { None })
        .collect();
    schemas.into_iter().map(|s| format!(", {s}")).collect()
}

/// Gives the schemas that a state lives in, before and after the renames.
#[must_use]
pub fn scope_of(state: &State, renames: &[Rename]) -> Scope {
    let mut schemas: BTreeSet<SchemaName> = state.objects.keys().filter_map(ObjectId::home).collect();
    schemas.extend(renames.iter().filter_map(|r| r.to.home()));
    Scope::of(schemas.iter().map(SchemaName::as_str))
}
