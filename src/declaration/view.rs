//! Reads and writes views.
use super::{
    attributes, head,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, pairs_of},
};
use crate::canonical::{canonical_expression, canonical_query};
use crate::model::{Body, ColumnName, Fragment, Object, ObjectId, Qualified, Typed, View};
use crate::yaml::{self, Entry, Value as Yaml};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<View>,
    both: &["query", "defaults", "column_comments", "comment", "owner", "grants"],
    declared: &["triggers", "renamed_from"],
    state: &["column_grants", "depends_on"],
    later: &[("materialized", "materialized views are carried along as they are, and not declared yet")],
};

/// Reads a view: its query, or a mapping.
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
            reader.insert(id, Some(Body::View(View::of_query(query)).into()));
        }
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    if !keys.has("query") {
        keys.missing("query");
    }
    let Some(query) = keys.sql("query", canonical_query) else { return };
    let comments = keys.parameters("column_comments").into_iter();
    let mut view = View {
        defaults: defaults(&mut keys),
        column_comments: comments.map(|(column, text)| (ColumnName::new(column), text)).collect(),
        ..View::of_query(query)
    };
    attributes::read(&mut keys, &mut view);
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::view(name.sibling(old)));
    let triggers = keys.node("triggers");
    super::group::triggers(keys.reader, &name, triggers);
    reader.insert(id, Some(Object { head, body: Body::View(view) }));
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

pub(super) fn write(view: Typed<'_, View>, dialect: Dialect) -> Value {
    let mut out = Out::new(dialect);
    attributes::write(&mut out, view.own, |out, attribute| match attribute {
        "query" => out.sql("query", &view.query),
        "defaults" if !view.defaults.is_empty() => {
            let map: Mapping = view.defaults.iter().map(|(c, d)| (Value::from(c.as_str()), out.fragment(d))).collect();
            out.put("defaults", Value::Mapping(map));
        }
        "column_comments" if !view.column_comments.is_empty() => {
            let pairs = view.column_comments.iter().map(|(c, t)| (c.as_str().to_owned(), t.clone())).collect();
            out.put("column_comments", pairs_of(&pairs));
        }
        _ => {}
    });
    head::write(&mut out, view.head);
    out.done()
}
