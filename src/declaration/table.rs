//! Reads and writes tables, with all that is written under them.
use super::{
    attributes, check, column, exclusion, foreign_key, group, head,
    in_state::InState,
    index, key,
    keys::{Allowed, Keys},
    partition, policy,
    reader::{Dialect, Reader},
    value::Out,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Body, Object, ObjectId, PartitionOf, Qualified, RelationName, ReplicaIdentity, Table, Typed};
use crate::yaml::{self, Entry, Node, Value as Yaml};
use serde_yaml::Value;

const KEYS: Allowed = Allowed {
    attributes: attributes::names::<Table>,
    both: &["partition_by", "partition_of", "values", "replica_identity", "comment", "owner", "grants"],
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
        "partitions",
    ],
    state: &[],
    later: &[
        ("inherits", "inheriting tables are carried along as they are, and not declared yet"),
        ("rules", "rules are carried along as they are, and not declared yet"),
    ],
};

/// Reads a table with all that is written under it.
pub(super) fn read_declared(reader: &mut Reader, entry: &Entry) {
    read_table(reader, entry, None);
}

/// Reads a partition that is written under its parent: the rows that go there, or a mapping with `values` for these.
fn read_partition(reader: &mut Reader, entry: &Entry, parent: &Qualified) {
    let id = ObjectId::table(Qualified::new(reader.schema.as_str(), &entry.key));
    if matches!(entry.value.value, Yaml::Mapping(_)) {
        return read_table(reader, entry, Some(parent));
    }
    reader.name(&entry.key, "a partition", &entry.key_place);
    let what = format!("the partition {}", entry.key);
    if reader.begin(&id, &entry.key_place)
        && let Some(bound) = partition::read_bound(reader, &entry.value, &what)
    {
        let partition_of = Some(PartitionOf { parent: *parent, bound });
        reader.insert(id, Some(Body::Table(Table { partition_of, ..Table::default() }).into()));
    }
}

/// Reads a table; one that is written under the table that it is a partition of is told that.
fn read_table(reader: &mut Reader, entry: &Entry, parent: Option<&Qualified>) {
    let name = Qualified::new(reader.schema.as_str(), &entry.key);
    let id = ObjectId::table(name);
    reader.name(&entry.key, "a table", &entry.key_place);
    if !reader.begin(&id, &entry.key_place) {
        return;
    }
    let what = format!("the table {}", entry.key);
    let Some(mut keys) = Keys::new(reader, &id, &what, &entry.value, &KEYS) else { return };
    if !keys.has("columns") && !keys.has("partition_of") && parent.is_none() {
        keys.missing("columns");
    }
    let (mut table, mut head) = (attributes_of(&mut keys), head::read(&mut keys));
    place_under(&mut keys, parent, &mut table);
    let of_columns = std::mem::take(&mut head.column_privileges);
    let managed = head.privileges.clone();
    let grants = keys.key_place("grants");
    keys.directives(|old| ObjectId::table(name.sibling(old)));
    let [columns, primary_key, unique, foreign_keys, checks, exclusions, indexes, triggers, policies, seed, partitions] =
        [
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
            "partitions",
        ]
        .map(|group| keys.node(group));
    reader.insert(id, Some(Object { head, body: Body::Table(table) }));
    if let Some(columns) = columns {
        column::read_group(reader, &name, columns);
    }
    column::grant(reader, &name, of_columns, (managed.as_ref(), &grants));
    group::triggers(reader, &name, triggers);
    each(reader, (policies, "policies", &what), |reader, policy| policy::read(reader, &name, policy));
    each(reader, (partitions, "partitions", &what), |reader, partition| read_partition(reader, partition, &name));
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
    partition::read_own(keys, &mut table);
    table
}

/// Reads each member of a group under a table.
fn each(reader: &mut Reader, (node, group, whose): (Option<&Node>, &str, &str), read: impl Fn(&mut Reader, &Entry)) {
    let of = format!("`{group}` of {whose}");
    for entry in node.map(|node| group::entries(reader, node, &of)).unwrap_or_default() {
        read(reader, entry);
    }
}

/// Gives a table the place that it has where it is written; only what stands under a parent has one there.
fn place_under(keys: &mut Keys<'_, '_>, parent: Option<&Qualified>, table: &mut Table) {
    if let Some(parent) = parent {
        table.partition_of = partition_under(keys, parent);
    } else if let Some(node) = keys.node("values") {
        let help = "write `partition_of: \"PARENT for values …\"`, or the table under `partitions:` of its parent";
        let told = Diagnostic::error(Code::UnknownKey, format!("{} has `values`, and is under no parent", keys.what));
        keys.reader.out.push(told.at(&node.place, "here").help(help));
    }
}

/// Reads the place of a partition that is written under its parent.
fn partition_under(keys: &mut Keys<'_, '_>, parent: &Qualified) -> Option<PartitionOf> {
    if keys.has("partition_of") {
        let (place, message) =
            (keys.key_place("partition_of"), format!("{} says its parent, which it stands under", keys.what));
        keys.error(Code::Contradiction, message, &place, "leave this out, and write `values`");
    }
    let Some(node) = keys.node("values") else {
        keys.missing("values");
        return None;
    };
    let what = keys.of("values");
    partition::read_bound(keys.reader, node, &what).map(|bound| PartitionOf { parent: *parent, bound })
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

impl InState for Table {
    fn in_state(of: Typed<'_, Self>) -> Value {
        write(of, Dialect::State, false).done()
    }
}

/// Writes a table's own attributes; where it stands under its parent, the rows that go there are `values`.
pub(super) fn write(table: Typed<'_, Table>, dialect: Dialect, is_under_its_parent: bool) -> Out {
    let mut out = Out::new(dialect);
    if let Some(of) = table.partition_of.as_ref().filter(|_| is_under_its_parent) {
        out.sql("values", &of.bound);
    }
    head::write(&mut out, table.head);
    attributes::write(&mut out, table.own, |out, attribute| match attribute {
        "replica_identity" => write_replica_identity(out, &table.replica_identity),
        _ => partition::write_own(out, table.own, attribute, is_under_its_parent),
    });
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
