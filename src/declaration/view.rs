//! Reads and writes views, materialized or not.
use super::{
    attributes, column_settings, group, head,
    in_state::InState,
    index,
    keys::{Allowed, Keys},
    reader::{Dialect, Reader},
    value::{Out, pairs_of},
};
use crate::canonical::{canonical_expression, canonical_query};
use crate::model::{Body, ColumnName, Fragment, Keyed, Object, ObjectId, Qualified, Typed, View};
use crate::yaml::{self, Entry, Value as Yaml};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;

/// Attributes of a plain view alone.
const OF_PLAIN: [&str; 3] = ["security_barrier", "security_invoker", "check_option"];
/// Attributes of a materialized view alone.
const OF_MATERIALIZED: [&str; 4] = ["tablespace", "access_method", "with", "clustered_on"];

const PLAIN: Allowed = Allowed {
    attributes: || without(&OF_MATERIALIZED),
    both: &["query", "defaults", "column_comments", "comment", "owner", "grants", "triggers", "renamed_from"],
    declared: &[],
    state: &[],
    later: &[],
};

const MATERIALIZED: Allowed = Allowed {
    attributes: || without(&OF_PLAIN),
    both: &[
        "query",
        "populate",
        "indexes",
        "replica_identity",
        "column_settings",
        "column_comments",
        "comment",
        "owner",
        "grants",
        "renamed_from",
    ],
    declared: &[],
    state: &[],
    later: &[],
};

const STATE: Allowed = Allowed {
    attributes: attributes::names::<View>,
    both: &[
        "query",
        "defaults",
        "populate",
        "replica_identity",
        "column_settings",
        "column_comments",
        "comment",
        "owner",
        "grants",
    ],
    declared: &[],
    state: &["column_grants", "depends_on"],
    later: &[],
};

fn without(others: &[&str]) -> Vec<(&'static str, Keyed)> {
    attributes::names::<View>().into_iter().filter(|(name, _)| !others.contains(name)).collect()
}

/// Reads a view: its query, or a mapping; in a plan a materialized one too.
pub(super) fn read(reader: &mut Reader, entry: &Entry) {
    read_one(reader, entry, false);
}

/// Reads a materialized view of a declaration: its query, or a mapping.
pub(super) fn read_materialized(reader: &mut Reader, entry: &Entry) {
    read_one(reader, entry, true);
}

fn read_one(reader: &mut Reader, entry: &Entry, materialized: bool) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::view(name);
    reader.name(&entry.key, "a view", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) || reader.is_absent(&id, &entry.value) {
        return;
    }
    let (what, allowed) = match (materialized, reader.is_declared()) {
        (true, true) => (format!("the materialized view {}", entry.key), &MATERIALIZED),
        (false, true) => (format!("the view {}", entry.key), &PLAIN),
        (_, false) => (format!("the view {}", entry.key), &STATE),
    };
    if reader.is_declared() && matches!(entry.value.value, Yaml::Scalar { text: _, style: _ }) {
        reader.places.set_attribute(&id, "query", &entry.value.place);
        if let Some(query) = reader.declared_sql(&entry.value, &what, canonical_query) {
            let view = View { materialized, ..View::of_query(query) };
            reader.insert(id, Some(Body::View(view).into()));
        }
        return;
    }
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, allowed) else { return };
    if !keys.has("query") {
        keys.missing("query");
    }
    let Some(query) = keys.sql("query", canonical_query) else { return };
    let comments = keys.parameters("column_comments").into_iter();
    let mut view = View {
        defaults: defaults(&mut keys),
        column_comments: comments.map(|(column, text)| (ColumnName::new(column), text)).collect(),
        materialized,
        unpopulated: keys.maybe_flag("populate") == Some(false),
        replica_identity: super::table::replica_identity(&mut keys),
        column_settings: column_settings::read(&mut keys),
        ..View::of_query(query)
    };
    attributes::read(&mut keys, &mut view);
    let head = head::read(&mut keys);
    keys.directives(|old| ObjectId::view(name.sibling(old)));
    let (triggers, indexes) = (keys.node("triggers"), keys.node("indexes"));
    group::triggers(keys.reader, &name, triggers);
    reader.insert(id, Some(Object { head, body: Body::View(view) }));
    group::read(reader, (&name, &what), [(indexes, "indexes", index::read_declared)]);
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

impl InState for View {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State).done()
    }
}

pub(super) fn write(view: Typed<'_, View>, dialect: Dialect) -> Out {
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
        // Whether it has rows just now is nothing that a declaration has to say.
        "populate" if view.unpopulated && out.is_state() => out.put("populate", false),
        "replica_identity" => super::table::write_replica_identity(out, &view.replica_identity),
        "column_settings" if !view.column_settings.is_empty() => {
            out.put("column_settings", column_settings::write(&view.column_settings));
        }
        _ => {}
    });
    head::write(&mut out, view.head);
    out
}
