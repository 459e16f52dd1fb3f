//! Reads and writes the states inside plan files: lossless, grouped by schema, `absent` for what is gone.
use super::{
    definition, enumeration, extension, group,
    in_state::InState,
    index,
    reader::{Dialect, Reader},
    schema, sequence, table, view,
};
use crate::diagnostic::Diagnostics;
use crate::model::{Body, KeyKind, Name, NamePath, Object, ObjectId, ObjectKind, Qualified, SchemaName, each_kind};
use crate::yaml::{Entry, Fields, Node};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// Keys beside the schemas at the top. A schema of such a name is written as its identity.
const TOP: [&str; 2] = ["extensions", "definitions"];

/// Writes objects as a plan file carries them; `None` is `absent`.
#[must_use]
pub fn state_to_value(objects: &BTreeMap<ObjectId, Option<Object>>) -> Value {
    let mut root = Mapping::new();
    for (id, object) in objects {
        let value = object.as_ref().map_or_else(|| Value::from("absent"), write);
        let path = path(id, object.as_ref());
        put(&mut root, &path, value);
    }
    Value::Mapping(root)
}

fn write(object: &Object) -> Value {
    each_kind!(&object.body, of => InState::in_state(object.typed(of)))
}

/// Gives the keys under which an object stands, from the outside in.
fn path(id: &ObjectId, object: Option<&Object>) -> Vec<String> {
    let under =
        |name: &Qualified, group: &str| vec![schema_key(&name.schema), group.to_owned(), name.name.as_str().to_owned()];
    let inside = |table: &Qualified, group: &str, name: Name| {
        let mut out = under(table, "tables");
        out.extend([group.to_owned(), name.as_str().to_owned()]);
        out
    };
    if object.is_some_and(|object| object.definition().is_some()) {
        return vec!["definitions".to_owned(), id.to_string()];
    }
    match (id.kind(), id.path()) {
        (ObjectKind::Schema, NamePath::Alone(name)) => vec![schema_key(&name.into()), "schema".to_owned()],
        (ObjectKind::Extension, _) => vec!["extensions".to_owned(), id.own_name().to_owned()],
        (ObjectKind::Enum, NamePath::InSchema(q)) => under(&q, "enums"),
        (ObjectKind::Sequence, NamePath::InSchema(q)) => under(&q, "sequences"),
        (ObjectKind::Index, NamePath::InSchema(q)) => under(&q, "indexes"),
        (ObjectKind::View, NamePath::InSchema(q)) => under(&q, "views"),
        (ObjectKind::Table, NamePath::InSchema(q)) => {
            let mut out = under(&q, "tables");
            out.push("table".to_owned());
            out
        }
        (ObjectKind::Column, NamePath::OfRelation(table, name)) => inside(&table, "columns", name),
        (ObjectKind::Constraint, NamePath::OfRelation(table, name)) => inside(&table, constraint_group(object), name),
        (_, NamePath::Alone(_) | NamePath::InSchema(_) | NamePath::OfRelation(..) | NamePath::Several(_)) => {
            vec!["definitions".to_owned(), id.to_string()]
        }
    }
}

fn constraint_group(object: Option<&Object>) -> &'static str {
    match object.map(|object| &object.body) {
        Some(Body::Key(key)) if key.kind == KeyKind::Primary => "primary_key",
        Some(Body::Key(_)) => "unique",
        Some(Body::ForeignKey(_)) => "foreign_keys",
        Some(Body::Check(_)) => "checks",
        Some(Body::Exclusion(_)) => "exclusions",
        // The kind of a constraint that is gone is of no interest to anybody.
        Some(_) | None => "constraints",
    }
}

fn schema_key(name: &SchemaName) -> String {
    let id = ObjectId::schema(*name);
    let taken = TOP.contains(&name.as_str()) || ObjectId::parse(name.as_str()).is_some();
    if taken { id.to_string() } else { name.as_str().to_owned() }
}

fn put(map: &mut Mapping, path: &[String], value: Value) {
    let [key, rest @ ..] = path else { return };
    if rest.is_empty() {
        map.insert(Value::from(key.as_str()), value);
        return;
    }
    let inner = map.entry(Value::from(key.as_str())).or_insert_with(|| Value::Mapping(Mapping::new()));
    if let Value::Mapping(inner) = inner {
        put(inner, rest, value);
    }
}

/// Reads what [`state_to_value`] wrote.
///
/// # Errors
/// Whatever is not of that form, at its place.
pub fn state_from_node(node: &Node) -> Result<BTreeMap<ObjectId, Option<Object>>, Diagnostics> {
    let mut reader = Reader::new(Dialect::State);
    for entry in group::entries(&mut reader, node, "the state") {
        match entry.key.as_str() {
            "extensions" | "definitions" => {
                let read = if entry.key == "definitions" { definition::read_state } else { extension::read };
                for member in group::entries(&mut reader, &entry.value, &entry.key) {
                    read(&mut reader, member);
                }
            }
            name => {
                let written = ObjectId::parse(name).and_then(|id| id.as_schema());
                reader.schema = written.unwrap_or_else(|| SchemaName::new(name));
                read_schema(&mut reader, entry);
            }
        }
    }
    let Reader {
        dialect: _,
        schema: _,
        out,
        objects,
        places: _,
        directives: _,
        lists_opaque: _,
        complete_grants: _,
        named_alone: _,
        left: _,
    } = reader;
    out.or_value(objects).map(|(objects, _)| objects)
}

fn read_schema(reader: &mut Reader, entry: &Entry) {
    let what = format!("the schema {}", entry.key);
    let keys = ["schema", "enums", "sequences", "tables", "indexes", "views"];
    let Some(fields) = Fields::new(&entry.value, &what, &keys, &mut reader.out) else { return };
    if let Some(own) = fields.take("schema") {
        let id = ObjectId::schema(reader.schema);
        if reader.begin(&id, &own.key_place) {
            schema::read(reader, &id, &own.value);
        }
    }
    type Read = fn(&mut Reader, &Entry);
    let groups: [(&str, Read); 5] = [
        ("enums", enumeration::read),
        ("sequences", sequence::read),
        ("tables", table::read_state),
        ("indexes", index::read_state),
        ("views", view::read),
    ];
    for (key, read) in groups {
        for member in fields.value(key).map(|node| group::entries(reader, node, key)).unwrap_or_default() {
            read(reader, member);
        }
    }
}
