//! Reads and writes exclusion constraints of tables.
use super::{
    attributes,
    group::Item,
    head,
    in_state::InState,
    index::each_key,
    keys::{Allowed, Keys},
    naming::free_name,
    reader::{Dialect, Reader},
    value::Out,
};
use crate::canonical::{KeyTarget, parse_exclusion_key, parse_index_key};
use crate::model::{
    Body, ConstraintName, Exclusion, ExclusionKey, Fragment, IndexKey, Object, ObjectId, Qualified, Typed,
    joined_columns,
};
use crate::yaml::{self, Node, Value as Yaml};
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Exclusion>,
    both: &["keys", "comment"],
    declared: &["renamed_from"],
    state: &[],
    later: &[],
};

/// Reads an exclusion constraint: a list of keys, each with its operator, or a mapping.
pub(super) fn read(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, &default_columns(item.node()), "excl"),
    };
    let id = ObjectId::constraint(*table, ConstraintName::new(&name));
    reader.name(&name, "an exclusion constraint", item.place());
    if !reader.begin(&id, item.place()) {
        return;
    }
    let (node, what) = (item.node(), format!("the exclusion constraint {name}"));
    let list = reader.is_declared() && matches!(node.value, Yaml::Sequence(_));
    if reader.is_declared() && matches!(node.value, Yaml::Null | Yaml::Scalar { text: _, style: _ }) {
        return reader.wrong_shape(node, &what, "a list of keys (`room with =`), or a mapping");
    }
    let null = Node { value: Yaml::Null, place: node.place.clone(), in_flow: false };
    let Some(mut keys) = Keys::new(reader, &id, &what, if list { &null } else { node }, &KEYS) else { return };
    let mut exclusion = Exclusion::by("btree");
    attributes::read(&mut keys, &mut exclusion);
    exclusion.keys = each_key(&mut keys, list.then_some(node), |keys, item| one_key(keys, &exclusion.method, item));
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::constraint(*table, ConstraintName::new(old)));
    reader.insert(id, Some(Object { head, body: Body::Exclusion(exclusion) }));
}

/// Gives the columns that PostgreSQL puts into a default name; an expression is called `expr` there.
fn default_columns(node: &Node) -> String {
    let list = node.get("keys").unwrap_or(node);
    let Yaml::Sequence(nodes) = &list.value else { return String::new() };
    let texts = nodes.iter().filter_map(|node| match &node.value {
        Yaml::Scalar { text, style: _ } => Some(text.as_str()),
        Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) => None,
    });
    let column = |text: &str| {
        let key = parse_exclusion_key("gist", text).ok()?.key;
        match parse_index_key("gist", &key).ok()?.target {
            KeyTarget::Column(name) => Some(name),
            KeyTarget::Expression(_) => Some("expr".to_owned()),
        }
    };
    let columns: Vec<String> = texts.filter_map(column).collect();
    joined_columns(columns.iter().map(String::as_str))
}

/// Reads a key of a declaration, `room with =`, or of a plan file: the key in its two texts, and the operator.
fn one_key(keys: &mut Keys<'_, '_>, method: &str, item: &Node) -> Option<ExclusionKey> {
    let of = format!("a key of {}", keys.what);
    if keys.reader.is_declared() {
        let parse = |text: &str| {
            let parts = parse_exclusion_key(method, text)?;
            Ok(format!("{} with {}", parts.canonical, parts.operator))
        };
        let written = keys.reader.fragment(item, &of, parse)?;
        let parts = parse_exclusion_key(method, written.as_written()).ok()?;
        let sql = Fragment::written(parts.key);
        return Some(ExclusionKey { key: IndexKey { sql }, operator: parts.operator });
    }
    let fields = yaml::Fields::new(item, &of, &["key", "with"], &mut keys.reader.out)?;
    let (key, operator) = (fields.value("key")?, fields.value("with")?);
    let sql = keys.reader.fragment(key, &of, |text| parse_index_key(method, text).map(|key| key.text))?;
    let operator = yaml::text(operator, &of, &mut keys.reader.out)?.to_owned();
    Some(ExclusionKey { key: IndexKey { sql }, operator })
}

impl InState for Exclusion {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State)
    }
}

pub(super) fn write(exclusion: Typed<'_, Exclusion>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    attributes::write(&mut out, exclusion.own, |out, attribute| {
        if attribute == "keys" {
            let keys: Vec<Value> = exclusion.keys.iter().map(|key| write_key(out, key, dialect)).collect();
            out.put("keys", Value::Sequence(keys));
        }
    });
    head::write(&mut out, exclusion.head);
    out.done()
}

fn write_key(out: &Out, key: &ExclusionKey, dialect: Dialect) -> Value {
    match dialect {
        Dialect::Declared => Value::from(key.sql()),
        Dialect::State => {
            let mut map = serde_yaml::Mapping::new();
            map.insert("key".into(), out.fragment(&key.key.sql));
            map.insert("with".into(), key.operator.clone().into());
            Value::Mapping(map)
        }
    }
}
