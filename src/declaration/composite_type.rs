//! Reads and writes composite types of a declaration, by the statements that a catalog's reader gives.
use super::{
    attributes,
    column_text::canonical_collation,
    definition::{self, parsed, whole},
    group,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{CompositeAttribute, CompositeText, SqlError, canonical_type, parse_composite, parse_type};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::model::{ObjectId, ObjectKind, Qualified};
use crate::yaml::{self, Entry, Fields, Node, Value as Yaml};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

const KEYS: Allowed = Allowed {
    attributes: attributes::none,
    both: &[],
    declared: &["attributes", "create", "comment", "owner", "grants", "renamed_from"],
    state: &[],
    later: &[],
};

/// Reads a composite type of a declaration.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = id(&name);
    reader.name(&entry.key, "a composite type", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the composite type {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    let said = match keys.has("create") {
        true => whole(&mut keys, parse_composite).and_then(|said| same_as_key(&mut keys, &name, said)),
        false => attributes(&mut keys, &name),
    };
    let said = said.map(|said| CompositeText { name: name.to_string(), ..said });
    keys.directives(|old| self::id(&name.sibling(old)));
    definition::insert(keys, said.map(|said| said.print()), |text| parse_composite(text).map(drop));
}

/// Gives a composite type's identity.
fn id(name: &Qualified) -> ObjectId {
    ObjectId::in_schema(ObjectKind::CompositeType, *name)
}

/// Refuses a whole statement that is about another type than its key says.
fn same_as_key(keys: &mut Keys<'_, '_>, name: &Qualified, said: CompositeText) -> Option<CompositeText> {
    if said.is_called(name) {
        return Some(said);
    }
    let message = format!("{} makes the composite type {}", keys.of("create"), said.name);
    let place = keys.key_place("create");
    let error = Diagnostic::error(Code::Contradiction, message).at(&place, "another one");
    keys.reader.out.push(error.help("the key is the type's name, and its schema is the file's"));
    None
}

/// An attribute as it is declared: with its old name, where it is renamed, and the place of that.
type Declared = (CompositeAttribute, Option<(String, Place)>);

fn attributes(keys: &mut Keys<'_, '_>, name: &Qualified) -> Option<CompositeText> {
    let Some(node) = keys.node("attributes") else {
        keys.missing("attributes");
        return None;
    };
    let what = keys.of("attributes");
    let read: Vec<Option<Declared>> =
        group::entries(keys.reader, node, &what).iter().map(|entry| attribute(keys, entry)).collect();
    let is_whole = read.iter().all(Option::is_some);
    let mut composite = CompositeText { name: name.to_string(), attributes: Vec::new() };
    let mut renamed = Vec::new();
    for (attribute, old) in read.into_iter().flatten() {
        renamed.extend(old.map(|(old, place)| (old, attribute.name.clone(), place)));
        composite.attributes.push(attribute);
    }
    note_renames(keys, &composite, renamed);
    is_whole.then_some(composite)
}

/// Notes the attributes that get another name, which act like the renamed labels of an enum.
fn note_renames(keys: &mut Keys<'_, '_>, composite: &CompositeText, renamed: Vec<(String, String, Place)>) {
    let mut old_to_new: BTreeMap<String, String> = BTreeMap::new();
    let mut first = None;
    for (old, new, place) in renamed {
        let message = match old_to_new.get(&old) {
            _ if composite.attribute(&old).is_some() => {
                format!("{} still has the attribute {old}, which `renamed_from` says is now {new}", keys.what)
            }
            Some(other) => format!("two attributes of {} are renamed from {old}: {other} and {new}", keys.what),
            None => {
                first.get_or_insert(place);
                old_to_new.insert(old, new);
                continue;
            }
        };
        keys.error(Code::Contradiction, message, &place, "the old name");
    }
    if let Some(place) = first {
        keys.direct(place, |directives| directives.renamed_labels = old_to_new);
    }
}

/// Reads an attribute: its type, with a collation perhaps, or a mapping.
fn attribute(keys: &mut Keys<'_, '_>, entry: &Entry) -> Option<Declared> {
    keys.reader.name(&entry.key, "an attribute", &entry.key_place);
    keys.reader.places.set_attribute(&keys.id, format!("attributes[{}]", entry.key), &entry.key_place);
    let what = format!("the attribute {} of {}", entry.key, keys.what);
    let node = &entry.value;
    if let Yaml::Scalar { text: _, style: _ } = node.value {
        keys.reader.places.set_attribute(&keys.id, type_key(&entry.key), &node.place);
        let said = parsed(keys.reader, node, &what, type_and_collation)?;
        return Some((CompositeAttribute { name: entry.key.clone(), ..said }, None));
    }
    let fields = Fields::new(node, &what, &["type", "collate", "comment", "renamed_from"], &mut keys.reader.out)?;
    let Some(data_type) = fields.value("type") else {
        let message = format!("{what} has no `type`");
        keys.error(Code::MissingKey, message, &node.place, "write `type: …`");
        return None;
    };
    keys.reader.places.set_attribute(&keys.id, type_key(&entry.key), &data_type.place);
    let of = |key: &str| format!("`{key}` of {what}");
    let data_type = keys.reader.declared_sql(data_type, &of("type"), canonical_type);
    let collate = fields.value("collate");
    let collation = collate.and_then(|node| keys.reader.declared_sql(node, &of("collate"), canonical_collation));
    let comment = fields.value("comment").and_then(|node| text(keys, node, &of("comment")));
    let old = fields.value("renamed_from").and_then(|node| Some((text(keys, node, &of("renamed_from"))?, node)));
    let said = CompositeAttribute {
        name: entry.key.clone(),
        data_type: data_type?.as_written().to_owned(),
        collation: collation.map(|sql| sql.as_written().to_owned()),
        comment: comment.filter(|text| !text.is_empty()),
    };
    let old = old.map(|(old, node)| {
        keys.reader.name(&old, "an attribute", &node.place);
        (old, node.place.clone())
    });
    Some((said, old))
}

/// Word under which the place of an attribute's type is noted.
pub(super) fn type_key(name: &str) -> String {
    format!("attributes[{name}].type")
}

fn text(keys: &mut Keys<'_, '_>, node: &Node, what: &str) -> Option<String> {
    yaml::text(node, what, &mut keys.reader.out).map(str::to_owned)
}

/// Reads a type with a collation, which is all that one text says of an attribute.
fn type_and_collation(text: &str) -> Result<CompositeAttribute, SqlError> {
    let composite = parse_composite(&format!("create type t as (a {}\n)", text.trim_end()));
    let composite = composite.map_err(|error| SqlError { at: None, ..error })?;
    let [attribute] = composite.attributes.as_slice() else {
        return Err(SqlError::from_message("this is not a type, with a collation perhaps"));
    };
    parse_type(&attribute.data_type)?;
    Ok(attribute.clone())
}

/// Writes a composite type for a declaration: its attributes, or the statement where these would not say the same.
pub(super) fn write(text: &str, comment: Option<&str>) -> Value {
    let mut out = Out::new(Dialect::Declared);
    match parse_composite(text).ok().filter(|parsed| parsed.print() == text) {
        Some(parsed) => {
            let attributes: Mapping = parsed.attributes.iter().map(written).collect();
            out.put("attributes", Value::Mapping(attributes));
        }
        None => out.put("create", text),
    }
    out.text("comment", comment);
    out.done()
}

fn written(attribute: &CompositeAttribute) -> (Value, Value) {
    let mut of = Out::new(Dialect::Declared);
    of.put("type", attribute.data_type.as_str());
    of.text("collate", attribute.collation.as_deref());
    of.text("comment", attribute.comment.as_deref());
    (attribute.name.as_str().into(), of.done_or_only("type"))
}
