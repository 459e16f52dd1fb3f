use super::{
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, pairs_of, texts},
};
use crate::canonical::{canonical_expression, canonical_query};
use crate::diagnostic::Code;
use crate::model::{CheckOption, ColumnName, Fragment, Object, ObjectId, Qualified, View};
use crate::yaml::{self, Entry, Value as Yaml};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

const KEYS: Allowed = Allowed {
    both: &[
        "query",
        "columns",
        "security_barrier",
        "security_invoker",
        "check_option",
        "defaults",
        "comment",
        "column_comments",
    ],
    declared: &["renamed_from"],
    state: &["owner", "privileges", "column_privileges", "depends_on"],
    later: &[
        ("grants", "grants are not managed yet"),
        ("materialized", "materialized views are carried along as they are, and not declared yet"),
    ],
};

/// A view: its query, or a mapping.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::view(name);
    reader.name(&entry.key, "a view", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    let what = format!("the view {}", entry.key);
    if reader.is_declared() && matches!(entry.value.value, Yaml::Scalar { text: _, style: _ }) {
        reader.places.set_attribute(&id, "query", &entry.value.place);
        if let Some(query) = reader.declared_sql(&entry.value, &what, canonical_query) {
            reader.insert(id, Some(Object::View(View::of_query(query))));
        }
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    if !keys.has("query") {
        keys.missing("query");
    }
    let Some(query) = keys.sql("query", canonical_query) else { return };
    let options = [("local", CheckOption::Local), ("cascaded", CheckOption::Cascaded)];
    let view = View {
        query,
        columns: keys.columns("columns"),
        security_barrier: keys.flag("security_barrier"),
        security_invoker: keys.flag("security_invoker"),
        check_option: keys.word("check_option", &options),
        defaults: defaults(&mut keys),
        comment: keys.text("comment"),
        column_comments: keys.parameters("column_comments").into_iter().map(|(c, t)| (ColumnName::new(c), t)).collect(),
        owner: keys.text("owner"),
        privileges: keys.texts("privileges"),
        column_privileges: column_privileges(&mut keys),
        depends_on: depends_on(&mut keys),
    };
    keys.directives(|old| ObjectId::view(name.sibling(old)));
    reader.insert(id, Some(Object::View(view)));
}

fn defaults(keys: &mut Keys<'_, '_>) -> BTreeMap<ColumnName, Fragment> {
    let Some(node) = keys.node("defaults") else { return BTreeMap::new() };
    let what = keys.of("defaults");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    let mut out = BTreeMap::new();
    for entry in entries {
        let of = format!("the default of {} in {}", entry.key, keys.what);
        if let Some(fragment) = keys.reader.fragment(&entry.value, &of, canonical_expression) {
            out.insert(ColumnName::new(&entry.key), fragment);
        }
    }
    out
}

/// Lists by column, as plans write them.
pub(super) fn column_privileges(keys: &mut Keys<'_, '_>) -> BTreeMap<ColumnName, Vec<String>> {
    let Some(node) = keys.node("column_privileges") else { return BTreeMap::new() };
    let what = keys.of("column_privileges");
    let entries = yaml::entries(node, &what, &mut keys.reader.out).unwrap_or_default();
    let lists = entries.iter().filter_map(|entry| {
        Some((ColumnName::new(&entry.key), keys.texts_of(&format!("column_privileges[{}]", entry.key), &entry.value)?))
    });
    lists.collect()
}

/// Identities, as plans write them.
pub(super) fn depends_on(keys: &mut Keys<'_, '_>) -> BTreeSet<ObjectId> {
    let mut out = BTreeSet::new();
    for text in keys.texts("depends_on").unwrap_or_default() {
        match ObjectId::parse(&text) {
            Some(id) => {
                out.insert(id);
            }
            None => {
                let (place, message) = (keys.key_place("depends_on"), format!("`{text}` is not an object's identity"));
                keys.error(Code::WrongType, message, &place, "here");
            }
        }
    }
    out
}

pub(super) fn write(view: &View, dialect: Dialect) -> Value {
    let View {
        query,
        columns,
        security_barrier,
        security_invoker,
        check_option,
        defaults,
        comment,
        column_comments,
        owner,
        privileges,
        column_privileges,
        depends_on,
    } = view;
    let mut out = Out::new(dialect);
    out.sql("query", query);
    out.list("columns", columns.iter().map(ColumnName::as_str));
    out.flag("security_barrier", *security_barrier);
    out.flag("security_invoker", *security_invoker);
    out.text("check_option", check_option.map(CheckOption::as_str));
    if !defaults.is_empty() {
        let map: Mapping = defaults.iter().map(|(c, d)| (Value::from(c.as_str()), out.fragment(d))).collect();
        out.put("defaults", Value::Mapping(map));
    }
    out.text("comment", comment.as_deref());
    if !column_comments.is_empty() {
        let pairs = column_comments.iter().map(|(c, t)| (c.as_str().to_owned(), t.clone())).collect();
        out.put("column_comments", pairs_of(&pairs));
    }
    out.owned(owner.as_deref(), privileges.as_ref());
    out.column_privileges(column_privileges);
    if out.is_state() && !depends_on.is_empty() {
        out.put("depends_on", Value::Sequence(texts(depends_on.iter().map(ToString::to_string))));
    }
    out.done()
}
