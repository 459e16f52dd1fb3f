//! Reads and writes tables, with all that is written under them.
use super::{
    attributes, check, column, exclusion, foreign_key, group, head, index, key,
    keys::{Allowed, Keys},
    policy,
    reader::{Dialect, Reader},
    value::Out,
};
use crate::diagnostic::Code;
use crate::model::{Body, Object, ObjectId, Qualified, RelationName, ReplicaIdentity, Table, Typed};
use crate::yaml::{self, Entry, Value as Yaml};
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Table>,
    both: &["replica_identity", "comment", "owner", "grants"],
    declared: &[
        "columns",
        "primary_key",
        "unique",
        "foreign_keys",
        "checks",
        "exclusions",
        "indexes",
        "triggers",
        "policies",
        "renamed_from",
        "seed",
    ],
    state: &[],
    later: &[
        ("partitions", "partitioned tables are carried along as they are, and not declared yet"),
        ("partition_by", "partitioned tables are carried along as they are, and not declared yet"),
        ("inherits", "inheriting tables are carried along as they are, and not declared yet"),
        ("rules", "rules are carried along as they are, and not declared yet"),
    ],
};

/// Reads a table with all that is written under it.
pub(super) fn read_declared(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::table(name);
    reader.name(&entry.key, "a table", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the table {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    if !keys.has("columns") {
        keys.missing("columns");
    }
    let (table, mut head) = (attributes_of(&mut keys), head::read(&mut keys));
    let of_columns = std::mem::take(&mut head.column_privileges);
    let managed = head.privileges.clone();
    let grants = keys.key_place("grants");
    keys.directives(|old| ObjectId::table(name.sibling(old)));
    let [columns, primary_key, unique, foreign_keys, checks, exclusions, indexes, triggers, policies, seed] = [
        "columns",
        "primary_key",
        "unique",
        "foreign_keys",
        "checks",
        "exclusions",
        "indexes",
        "triggers",
        "policies",
        "seed",
    ]
    .map(|group| keys.node(group));
    reader.insert(id, Some(Object { head, body: Body::Table(table) }));
    if let Some(columns) = columns {
        column::read_group(reader, &name, columns);
    }
    column::grant(reader, &name, of_columns, (managed.as_ref(), &grants));
    group::triggers(reader, &name, triggers);
    let of_policies = format!("`policies` of {what}");
    for policy in policies.map(|node| group::entries(reader, node, &of_policies)).unwrap_or_default() {
        policy::read(reader, &name, policy);
    }
    if let Some(node) = seed {
        super::seed::read(reader, &name, node);
    }
    if let Some(node) = primary_key {
        key::read_primary(reader, &name, node);
    }
    let groups: [(_, _, group::Read); 5] = [
        (unique, "unique", key::read_unique),
        (foreign_keys, "foreign_keys", foreign_key::read),
        (checks, "checks", check::read),
        (exclusions, "exclusions", exclusion::read),
        (indexes, "indexes", index::read_declared),
    ];
    group::read(reader, (&name, &what), groups);
}

/// Reads the groups under a table in a plan; `table:` is there only where the table itself is listed.
pub(super) fn read_state(reader: &mut Reader, entry: &Entry) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::table(name);
    let what = format!("the table {}", entry.key);
    let groups = ["table", "columns", "primary_key", "unique", "foreign_keys", "checks", "exclusions", "constraints"];
    let Some(fields) = yaml::Fields::new(&entry.value, &what, &groups, &mut reader.out) else { return };
    if let Some(own) = fields.take("table")
        && reader.begin(&id, &own.key_place)
        && !reader.is_absent(&id, &own.value)
        && let Some(mut keys) = Keys::new(reader, &id, &what, &own.value, &KEYS)
    {
        let (table, head) = (attributes_of(&mut keys), head::read(&mut keys));
        reader.insert(id, Some(Object { head, body: Body::Table(table) }));
    }
    if let Some(columns) = fields.value("columns") {
        column::read_group(reader, &name, columns);
    }
    for (group, read) in [
        ("primary_key", key::read_primary_named as fn(&mut Reader, &Qualified, group::Item<'_>)),
        ("unique", key::read_unique),
        ("foreign_keys", foreign_key::read),
        ("checks", check::read),
        ("exclusions", exclusion::read),
        ("constraints", key::read_absent),
    ] {
        for item in fields.value(group).map(|node| group::items(reader, node, group)).unwrap_or_default() {
            read(reader, &name, item);
        }
    }
}

fn attributes_of(keys: &mut Keys<'_, '_>) -> Table {
    let mut table = Table { replica_identity: replica_identity(keys), ..Table::default() };
    attributes::read(keys, &mut table);
    table
}

/// Reads `default`, `full`, `nothing` or `{index: name}`.
pub(super) fn replica_identity(keys: &mut Keys<'_, '_>) -> ReplicaIdentity {
    let Some(node) = keys.node("replica_identity") else { return ReplicaIdentity::Default };
    if !matches!(node.value, Yaml::Mapping(_)) {
        let words = [("default", 0), ("full", 1), ("nothing", 2)];
        return match keys.word("replica_identity", &words) {
            Some(1) => ReplicaIdentity::Full,
            Some(2) => ReplicaIdentity::Nothing,
            Some(_) | None => ReplicaIdentity::Default,
        };
    }
    let what = keys.of("replica_identity");
    let Some(fields) = yaml::Fields::new(node, &what, &["index"], &mut keys.reader.out) else {
        return ReplicaIdentity::Default;
    };
    let index = fields.require("index", &mut keys.reader.out).map(|e| &e.value);
    match index.and_then(|node| yaml::text(node, &what, &mut keys.reader.out)) {
        Some(name) if !name.is_empty() || !keys.reader.is_declared() => ReplicaIdentity::Index(RelationName::new(name)),
        Some(_) => {
            keys.error(Code::Name, format!("{what} names no index"), &node.place, "here");
            ReplicaIdentity::Default
        }
        None => ReplicaIdentity::Default,
    }
}

pub(super) fn write(table: Typed<'_, Table>, dialect: Dialect) -> Out {
    let mut out = Out::new(dialect);
    head::write(&mut out, table.head);
    attributes::write(&mut out, table.own, |out, _| write_replica_identity(out, &table.replica_identity));
    out
}

pub(super) fn write_replica_identity(out: &mut Out, identity: &ReplicaIdentity) {
    match identity {
        ReplicaIdentity::Default => {}
        ReplicaIdentity::Full => out.put("replica_identity", "full"),
        ReplicaIdentity::Nothing => out.put("replica_identity", "nothing"),
        ReplicaIdentity::Index(name) => {
            let map = [(Value::from("index"), Value::from(name.as_str()))].into_iter().collect();
            out.put("replica_identity", Value::Mapping(map));
        }
    }
}
