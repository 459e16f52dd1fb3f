//! Reads and writes primary keys and unique constraints.
use super::{
    attributes,
    group::Item,
    head,
    in_state::InState,
    keys::{Allowed, Keys},
    naming::free_name,
    reader::{Dialect, Reader},
    value::{Out, texts},
};
use crate::diagnostic::Code;
use crate::model::{
    Body, ColumnName, ConstraintName, Head, Key, KeyKind, Object, ObjectId, Qualified, Typed, joined_columns,
};
use crate::yaml::{Node, Value as Yaml};
use serde_yaml::Value;

const COMMON: &[&str] = &["columns", "comment"];
const LATER: &[(&str, &str)] = &[("without_overlaps", "it needs PostgreSQL 18, which pgform does not plan for yet")];
const UNIQUE: Allowed = Allowed {
    attributes: attributes::names::<Key>,
    both: COMMON,
    declared: &["renamed_from"],
    state: &[],
    later: LATER,
};
const PRIMARY: Allowed = Allowed {
    attributes: attributes::names::<Key>,
    both: COMMON,
    declared: &["name", "renamed_from"],
    state: &[],
    later: LATER,
};

/// Reads `primary_key:` of a declaration: a list of columns, or a mapping with `columns` and perhaps its `name`.
pub(super) fn read_primary(reader: &mut Reader, table: &Qualified, node: &Node) {
    let what = format!("the primary key of {}", table.name.as_str());
    let named = node.get("name");
    let name = match named.and_then(|n| crate::yaml::text(n, &format!("the name of {what}"), &mut reader.out)) {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, "", "pkey"),
    };
    let place = named.unwrap_or(node).place.clone();
    reader.name(&name, &what, &place);
    let id = ObjectId::constraint(*table, ConstraintName::new(&name));
    if reader.begin(&id, &place)
        && let Some((head, key)) = read_key(reader, &id, &what, node, KeyKind::Primary)
    {
        reader.insert(id, Some(Object { head, body: Body::Key(key) }));
    }
}

/// Reads a primary key by its name, as plans write it.
pub(super) fn read_primary_named(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    read(reader, table, item, KeyKind::Primary);
}

/// Reads a unique constraint: a list of columns, or a mapping.
pub(super) fn read_unique(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    read(reader, table, item, KeyKind::Unique);
}

/// Reads a constraint of a plan that is `absent`, whatever its kind was.
pub(super) fn read_absent(reader: &mut Reader, table: &Qualified, item: Item<'_>) {
    let id = ObjectId::constraint(*table, ConstraintName::new(item.name().unwrap_or_default()));
    if reader.begin(&id, item.place()) && !reader.is_absent(&id, item.node()) {
        reader.wrong_shape(item.node(), &format!("the constraint {}", id.short()), "`absent`");
    }
}

fn read(reader: &mut Reader, table: &Qualified, item: Item<'_>, kind: KeyKind) {
    let name = match item.name() {
        Some(name) => name.to_owned(),
        None => free_name(reader, table, &joined_columns(plain_columns(item.node())), "key"),
    };
    let id = ObjectId::constraint(*table, ConstraintName::new(&name));
    reader.name(&name, "a unique constraint", item.place());
    let what = format!("the unique constraint {name}");
    if reader.begin(&id, item.place())
        && let Some((head, key)) = read_key(reader, &id, &what, item.node(), kind)
    {
        reader.insert(id, Some(Object { head, body: Body::Key(key) }));
    }
}

/// Gives the column names of a list, or of the list at `columns`, before anything is judged: for default names.
pub(super) fn plain_columns(node: &Node) -> Vec<&str> {
    let list = node.get("columns").unwrap_or(node);
    let Yaml::Sequence(nodes) = &list.value else { return Vec::new() };
    nodes
        .iter()
        .filter_map(|node| match &node.value {
            Yaml::Scalar { text, style: _ } => Some(text.as_str()),
            Yaml::Null | Yaml::Sequence(_) | Yaml::Mapping(_) => None,
        })
        .collect()
}

fn read_key(reader: &mut Reader, id: &ObjectId, what: &str, node: &Node, kind: KeyKind) -> Option<(Head, Key)> {
    let allowed = if kind == KeyKind::Primary { &PRIMARY } else { &UNIQUE };
    let list = reader.is_declared() && matches!(node.value, Yaml::Sequence(_));
    if reader.is_declared() && matches!(node.value, Yaml::Null | Yaml::Scalar { text: _, style: _ }) {
        reader.wrong_shape(node, what, "a list of columns, or a mapping");
        return None;
    }
    let null = Node { value: Yaml::Null, place: node.place.clone(), in_flow: false };
    let mut keys = Keys::new(reader, id, what, if list { &null } else { node }, allowed)?;
    let columns = if list { keys.texts_of("columns", node) } else { keys.texts("columns") };
    let columns: Vec<ColumnName> = columns.unwrap_or_default().into_iter().map(ColumnName::new).collect();
    // A partition's part of a key has that one's columns.
    if columns.is_empty() && keys.reader.is_declared() && !keys.has("part_of") {
        let place = keys.place.clone();
        keys.error(Code::MissingKey, format!("{what} has no columns"), &place, "here");
        return None;
    }
    let mut key = Key::of_columns(kind, columns);
    attributes::read(&mut keys, &mut key);
    if kind == KeyKind::Primary && key.nulls_not_distinct && keys.reader.is_declared() {
        let place = keys.key_place("nulls_not_distinct");
        keys.error(Code::Contradiction, format!("{what} has no nulls to be distinct"), &place, "leave this out");
    }
    let head = head::read(&mut keys);
    if let Some(table) = id.table_of() {
        keys.directives(|old| ObjectId::constraint(table, ConstraintName::new(old)));
    }
    Some((head, key))
}

impl InState for Key {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State, None)
    }
}

/// Writes the key; `name` is written only where it is given (a declared primary key whose name is not the default).
pub(super) fn write(key: Typed<'_, Key>, dialect: Dialect, name: Option<&str>) -> Value {
    let mut out = Out::new(dialect);
    out.text("name", name);
    attributes::write(&mut out, key.own, |out, attribute| {
        if attribute == "columns" && (key.part_of.is_none() || !key.columns.is_empty()) {
            out.put("columns", Value::Sequence(texts(key.columns.iter().map(ColumnName::as_str))));
        }
    });
    head::write(&mut out, key.head);
    out.done_or_only("columns")
}
