use super::{
    head,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, pairs_of},
};
use crate::canonical::{canonical_expression, canonical_query};
use crate::model::{Body, CheckOption, ColumnName, Fragment, Object, ObjectId, Qualified, Typed, View};
use crate::yaml::{self, Entry, Value as Yaml};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

const KEYS: Allowed = Allowed {
    both: &[
        "query",
        "columns",
        "security_barrier",
        "security_invoker",
        "check_option",
        "defaults",
        "comment",
        "owner",
        "grants",
        "column_comments",
    ],
    declared: &["triggers", "renamed_from"],
    state: &["column_grants", "depends_on"],
    later: &[("materialized", "materialized views are carried along as they are, and not declared yet")],
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
            reader.insert(id, Some(Body::View(View::of_query(query)).into()));
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
        column_comments: keys.parameters("column_comments").into_iter().map(|(c, t)| (ColumnName::new(c), t)).collect(),
    };
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
    let View { query, columns, security_barrier, security_invoker, check_option, defaults, column_comments } = view.own;
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
    head::write(&mut out, view.head);
    if !column_comments.is_empty() {
        let pairs = column_comments.iter().map(|(c, t)| (c.as_str().to_owned(), t.clone())).collect();
        out.put("column_comments", pairs_of(&pairs));
    }
    out.done()
}
