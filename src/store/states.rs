//! States in a plan file: each object under its identity, attributes at their default left out.
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::{Object, ObjectId},
    yaml::{self, Node, Value},
};
use serde_yaml::{Mapping, Value as Yaml, with::singleton_map_recursive};
use std::collections::BTreeMap;

/// The word for an object that is there no more.
const ABSENT: &str = "absent";

pub(super) fn to_value(objects: &BTreeMap<ObjectId, Option<Object>>) -> Yaml {
    let one = |object: &Object| {
        let value = singleton_map_recursive::serialize(object, serde_yaml::value::Serializer).unwrap_or(Yaml::Null);
        pruned(value).unwrap_or(Yaml::Null)
    };
    let value = |object: &Option<Object>| object.as_ref().map_or_else(|| Yaml::from(ABSENT), one);
    Yaml::Mapping(objects.iter().map(|(id, object)| (Yaml::from(id.to_string()), value(object))).collect())
}

/// Without what a reader fills in by itself: nulls, empty lists and mappings, flags that are not set. The kind's own
/// mapping stays, however empty.
fn pruned(value: Yaml) -> Option<Yaml> {
    match value {
        Yaml::Mapping(kind) => {
            let entries = kind.into_iter().map(|(name, attributes)| (name, pruned_mapping(attributes)));
            Some(Yaml::Mapping(entries.collect()))
        }
        other => Some(other),
    }
}

fn pruned_mapping(value: Yaml) -> Yaml {
    let Yaml::Mapping(mapping) = value else { return value };
    let kept = mapping.into_iter().filter(|(_, value)| match value {
        Yaml::Null | Yaml::Bool(false) => false,
        Yaml::Sequence(items) => !items.is_empty(),
        Yaml::Mapping(entries) => !entries.is_empty(),
        Yaml::Bool(true) | Yaml::Number(_) | Yaml::String(_) | Yaml::Tagged(_) => true,
    });
    Yaml::Mapping(kept.collect::<Mapping>())
}

pub(super) fn from_node(node: &Node) -> Result<BTreeMap<ObjectId, Option<Object>>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let entries = yaml::entries(node, "the state", &mut diagnostics).unwrap_or_default();
    let mut objects = BTreeMap::new();
    for entry in entries {
        let Some(id) = ObjectId::parse(&entry.key) else {
            let message = format!("`{}` is not an object's identity", entry.key.escape_debug());
            diagnostics.push(Diagnostic::error(Code::WrongType, message).at(&entry.key_place, "here"));
            continue;
        };
        let absent = matches!(&entry.value.value, Value::Scalar { text, .. } if text == ABSENT);
        let object = if absent {
            Some(None)
        } else {
            diagnostics.collect(yaml::typed::<Object>(&entry.value, "an object")).map(Some)
        };
        if let Some(object) = object {
            objects.insert(id, object);
        }
    }
    diagnostics.or_value(objects).map(|(objects, _)| objects)
}
