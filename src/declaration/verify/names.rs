//! Reports names that meet: of relations and types of one schema, and of renames.
use crate::declaration::reader::Reader;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::model::{Body, Object, ObjectId, ObjectKind, Occupied, Qualified, RelationName, occupied, routine_name};
use std::collections::BTreeMap;

pub(super) fn verify(reader: &Reader, out: &mut Diagnostics) {
    shared(reader, relation_name, "relation", "tables, views, sequences, indexes and keys share their names", out);
    shared(reader, type_name, "type", "every table and view is a type of its name as well", out);
    let of_routines = "functions, procedures and aggregates of the same types share their names";
    shared(reader, called_with_types, "routine", of_routines, out);
    renames(reader, out);
    schemas(reader, out);
    system_columns(reader, out);
}

fn shared<N: Ord>(
    reader: &Reader,
    name: fn(&ObjectId, &Object) -> Option<N>,
    what: &str,
    help: &str,
    out: &mut Diagnostics,
) {
    let mut seen: BTreeMap<N, &ObjectId> = BTreeMap::new();
    for (id, object) in &reader.objects {
        let Some(name) = object.as_ref().and_then(|object| name(id, object)) else { continue };
        if let Some(first) = seen.get(&name) {
            let message =
                format!("{} {} and {} {} have one {what} name", first.word(), first.short(), id.word(), id.short());
            let (here, there) = (reader.places.object(id), reader.places.object(first));
            out.push(
                Diagnostic::error(Code::DuplicateName, message)
                    .maybe_at(here, "this one")
                    .maybe_at(there, "and this one")
                    .help(format!("in a schema, {help}")),
            );
        } else {
            seen.insert(name, id);
        }
    }
}

fn relation_name(id: &ObjectId, object: &Object) -> Option<Qualified> {
    let names = declared_names(id, object);
    names.into_iter().find_map(|name| if let Occupied::Relation(name) = name { Some(name) } else { None })
}

fn type_name(id: &ObjectId, object: &Object) -> Option<Qualified> {
    let names = declared_names(id, object);
    names.into_iter().find_map(|name| if let Occupied::Type(name) = name { Some(name) } else { None })
}

/// Gives the name of a routine with the types that it is called with.
fn called_with_types(id: &ObjectId, object: &Object) -> Option<ObjectId> {
    (id.kind().is_routine() && !object.is_carried()).then(|| routine_name(id))
}

/// Gives the names that a declared object occupies: what is carried along is listed, not declared.
fn declared_names(id: &ObjectId, object: &Object) -> Vec<Occupied> {
    if object.is_carried() { Vec::new() } else { occupied(id, object) }
}

/// Reports renames of one name to two, and of a name that is still declared: two things cannot have been one.
fn renames(reader: &Reader, out: &mut Diagnostics) {
    let mut seen: BTreeMap<&ObjectId, &ObjectId> = BTreeMap::new();
    for (id, directives) in &reader.directives {
        let Some(old) = &directives.renamed_from else { continue };
        let place = reader.places.attribute(id, "renamed_from");
        // A swap of two names is a rename of both.
        let swapped = reader.directives.get(old).is_some_and(|d| d.renamed_from.is_some());
        if old == id {
            let message = format!("{} {} is renamed from itself", id.word(), id.short());
            out.push(Diagnostic::error(Code::Contradiction, message).maybe_at(place, "leave this out"));
        } else if is_declared(reader, old) && !swapped {
            let message = format!("{} is renamed from {}, which is declared still", id.short(), old.short());
            out.push(
                Diagnostic::error(Code::Contradiction, message)
                    .maybe_at(place, "renamed from this")
                    .maybe_at(place_in(reader, old), "which is here"),
            );
        }
        if let Some(first) = seen.insert(old, id) {
            let message = format!("{} and {} are both renamed from {}", first.short(), id.short(), old.short());
            let other = reader.places.attribute(first, "renamed_from");
            let diagnostic = Diagnostic::error(Code::Contradiction, message);
            out.push(diagnostic.maybe_at(place, "this one").maybe_at(other, "and this one"));
        }
    }
}

/// Gives the place where an object is declared; of a schema that is not written itself, where something in it is.
fn place_in<'r>(reader: &'r Reader, id: &ObjectId) -> Option<&'r Place> {
    let first =
        || reader.objects.keys().filter(|o| is_inside(reader, o, id)).find_map(|other| reader.places.object(other));
    reader.places.object(id).or_else(first)
}

/// Tells whether an object is declared. A schema is in the state because something lives in it, or because every
/// database has it, as `public`: then it is declared if something else is in it.
fn is_declared(reader: &Reader, id: &ObjectId) -> bool {
    if id.is(ObjectKind::Schema) {
        return reader.places.object(id).is_some() || reader.objects.keys().any(|o| is_inside(reader, o, id));
    }
    reader.objects.contains_key(id)
}

/// Tells whether an object is declared to be in a schema. What is carried along may be listed as it was before a
/// rename.
fn is_inside(reader: &Reader, id: &ObjectId, schema: &ObjectId) -> bool {
    !reader.is_listed(id) && id != schema && schema.as_schema().is_some() && id.home() == schema.as_schema()
}

/// Reports names of schemas that are not free: PostgreSQL keeps `pg_` for itself, and pgform its own schema.
fn schemas(reader: &Reader, out: &mut Diagnostics) {
    let mut seen = std::collections::BTreeSet::new();
    for id in reader.objects.keys() {
        let Some(schema) = id.home() else { continue };
        let reserved =
            schema.as_str().starts_with("pg_") || ["information_schema", "pgform"].contains(&schema.as_str());
        if reserved && seen.insert(schema) {
            let message = format!("the schema {} is not for declared objects", schema.as_str());
            out.push(Diagnostic::error(Code::Name, message).maybe_at(reader.places.object(id), "declared in it"));
        }
    }
}

fn system_columns(reader: &Reader, out: &mut Diagnostics) {
    for id in reader.objects.keys() {
        if let Some((_, name)) = id.as_column()
            && super::columns::SYSTEM.contains(&name.as_str())
        {
            let message = format!("{} is a column that every table of PostgreSQL has", name.as_str());
            out.push(Diagnostic::error(Code::Name, message).maybe_at(reader.places.object(id), "choose another name"));
        }
    }
    for (id, object) in reader.bodies() {
        let Some(Body::Table(table)) = object else { continue };
        let Some(name) = id.as_table() else { continue };
        let indexes: [(&str, Option<&RelationName>); 2] = [
            (
                "replica_identity",
                match &table.replica_identity {
                    crate::model::ReplicaIdentity::Index(index) => Some(index),
                    crate::model::ReplicaIdentity::Default
                    | crate::model::ReplicaIdentity::Full
                    | crate::model::ReplicaIdentity::Nothing => None,
                },
            ),
            ("clustered_on", table.clustered_on.as_ref()),
        ];
        for (key, index) in indexes {
            let Some(index) = index else { continue };
            let constraint = crate::model::ConstraintName::new(index.as_str());
            let found = reader.objects.contains_key(&ObjectId::index(name.sibling(index.as_str())))
                || reader.objects.contains_key(&ObjectId::constraint(name, constraint));
            if !found {
                let message = format!("`{key}` of {} names the index {}, which is not declared", id.short(), index);
                let place = reader.places.attribute(id, key);
                out.push(Diagnostic::error(Code::NotDeclared, message).maybe_at(place, "no such index"));
            }
        }
    }
}
