//! Reads and writes indexes that no constraint owns.
use super::{
    attributes,
    group::Item,
    head,
    in_state::InState,
    keys::{Allowed, Keys},
    naming::free_name,
    reader::{Dialect, Reader},
    value::{Out, pairs_of, texts},
};
use crate::canonical::{KeyTarget, parse_index_key};
use crate::diagnostic::Code;
use crate::model::{Body, Index, IndexKey, Object, ObjectId, ObjectKind, Qualified, Typed, joined_columns};
use crate::yaml::{self, Entry, Node, Value as Yaml};
use serde_yaml::Value;
use std::collections::BTreeMap;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Index>,
    both: &["keys", "with", "statistics", "comment"],
    declared: &["renamed_from"],
    state: &["table"],
    later: &[],
};

/// Reads an index of a declaration, under its table: a list of keys, or a mapping.
pub(super) fn read_declared(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => match default_columns(reader, item.node()) {
            Some(columns) => free_name(reader, table, &columns, "idx"),
            None => return,
        },
    };
    reader.name(&name, "an index", item.place());
    let id = ObjectId::index(table.sibling(&name));
    if reader.begin(&id, item.place()) {
        read(reader, &id, item.node(), Some(table));
    }
}

/// Reads an index of a plan, by its name.
pub(super) fn read_state(reader: &mut Reader, entry: &Entry) {
    let id = ObjectId::index(Qualified::new(reader.schema.as_str(), &entry.key));
    if reader.begin(&id, &entry.key_place) && !reader.is_absent(&id, &entry.value) {
        read(reader, &id, &entry.value, None);
    }
}

/// Gives the columns for a default name; an index on expressions must have a name.
fn default_columns(reader: &mut Reader, node: &Node) -> Option<String> {
    let list = node.get("keys").unwrap_or(node);
    let mut columns = Vec::new();
    if let Yaml::Sequence(nodes) = &list.value {
        for node in nodes {
            let Yaml::Scalar { text, style: _ } = &node.value else { continue };
            match parse_index_key("btree", text).map(|key| key.target) {
                Ok(KeyTarget::Column(column)) => columns.push(column),
                Ok(KeyTarget::Expression(_)) => {
                    reader.out.push(
                        crate::diagnostic::Diagnostic::error(
                            Code::MissingKey,
                            "an index on an expression needs a name",
                        )
                        .at(&node.place, "this is an expression")
                        .help("write `name: {keys: […]}` instead of a list of indexes"),
                    );
                    return None;
                }
                Err(_) => {}
            }
        }
    }
    Some(joined_columns(columns.iter().map(String::as_str)))
}

fn read(reader: &mut Reader, id: &ObjectId, node: &Node, table: Option<&Qualified>) {
    let what = format!("the index {}", id.short());
    let list = reader.is_declared() && matches!(node.value, Yaml::Sequence(_));
    if reader.is_declared() && matches!(node.value, Yaml::Null | Yaml::Scalar { text: _, style: _ }) {
        return reader.wrong_shape(node, &what, "a list of keys, or a mapping");
    }
    let null = Node { value: Yaml::Null, place: node.place.clone(), in_flow: false };
    let Some(mut keys) = Keys::new(reader, id, &what, if list { &null } else { node }, &KEYS) else { return };
    let Some(table) = table.cloned().or_else(|| own_table(&mut keys)) else { return };
    let mut index = Index::of_table(table);
    attributes::read(&mut keys, &mut index);
    index.keys = each_key(&mut keys, list.then_some(node), |keys, item| one_key(keys, &index.method, item));
    index.with = keys.parameters("with");
    index.statistics = statistics(&mut keys);
    if index.nulls_not_distinct && !index.unique && keys.reader.is_declared() {
        let place = keys.key_place("nulls_not_distinct");
        keys.error(
            Code::Contradiction,
            format!("{what} is not unique, so it has no use for `nulls_not_distinct`"),
            &place,
            "here",
        );
    }
    let head = head::read(&mut keys);
    if let Some(name) = id.named_as(ObjectKind::Index) {
        keys.directives(|old| ObjectId::index(name.sibling(old)));
    }
    reader.insert(*id, Some(Object { head, body: Body::Index(index) }));
}

fn own_table(keys: &mut Keys<'_, '_>) -> Option<Qualified> {
    if !keys.has("table") {
        keys.missing("table");
    }
    match keys.texts("table")?.as_slice() {
        [schema, name] => Some(Qualified::new(schema, name)),
        _ => {
            let (place, message) =
                (keys.key_place("table"), format!("{} is not a schema and a name", keys.of("table")));
            keys.error(Code::WrongType, message, &place, "here");
            None
        }
    }
}

/// Reads the keys of an index, or of what has one: each of the items of `list`, or at `keys`.
pub(super) fn each_key<T>(
    keys: &mut Keys<'_, '_>,
    list: Option<&Node>,
    read: impl Fn(&mut Keys<'_, '_>, &Node) -> Option<T>,
) -> Vec<T> {
    let Some(node) = list.or_else(|| keys.node("keys")) else {
        // A partition's part of an index has that one's keys.
        if !keys.has("part_of") {
            keys.missing("keys");
        }
        return Vec::new();
    };
    let what = keys.of("keys");
    let items = yaml::items(node, &what, &mut keys.reader.out).unwrap_or_default();
    if items.is_empty() && keys.reader.is_declared() && matches!(node.value, Yaml::Sequence(_)) {
        keys.error(Code::MissingKey, format!("{what} is empty"), &node.place, "here");
    }
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        keys.reader.places.set_attribute(&keys.id, format!("keys[{at}]"), &item.place);
        out.extend(read(keys, item));
    }
    out
}

fn one_key(keys: &mut Keys<'_, '_>, method: &str, item: &Node) -> Option<IndexKey> {
    let of = format!("a key of {}", keys.what);
    let parse = |text: &str| parse_index_key(method, text).map(|key| key.text);
    keys.reader.fragment(item, &of, parse).map(|sql| IndexKey { sql })
}

/// Reads statistics targets of expression keys by position.
fn statistics(keys: &mut Keys<'_, '_>) -> BTreeMap<u32, i32> {
    let mut out = BTreeMap::new();
    for (position, target) in keys.parameters("statistics") {
        match (position.parse(), target.parse()) {
            (Ok(position), Ok(target)) => {
                out.insert(position, target);
            }
            (Ok(_) | Err(_), Ok(_) | Err(_)) => {
                let message = format!("{} must be targets by position, like {{1: 500}}", keys.of("statistics"));
                let place = keys.key_place("statistics");
                keys.error(Code::WrongType, message, &place, "here");
            }
        }
    }
    out
}

impl InState for Index {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(index: Typed<'_, Index>, dialect: Dialect) -> Value {
    let (table, statistics) = (&index.table, &index.statistics);
    let mut out = Out::new(dialect);
    attributes::write(&mut out, index.own, |out, attribute| match attribute {
        "table" if out.is_state() => {
            out.put("table", Value::Sequence(texts([table.schema.as_str(), table.name.as_str()])));
        }
        "keys" => {
            let keys: Vec<Value> = index.keys.iter().map(|key: &IndexKey| out.fragment(&key.sql)).collect();
            if index.part_of.is_none() || !keys.is_empty() {
                out.put("keys", Value::Sequence(keys));
            }
        }
        "with" => out.parameters("with", &index.with),
        "statistics" if !statistics.is_empty() => {
            let pairs = statistics.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            out.put("statistics", pairs_of(&pairs));
        }
        _ => {}
    });
    head::write(&mut out, index.head);
    out.done()
}
