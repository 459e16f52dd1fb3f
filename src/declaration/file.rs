//! Reads one file of a declaration: its top keys, and which kind's reader each goes to.
use super::{
    composite_type, default_privileges, definition, domain, enumeration, extension, group, range_type,
    reader::{Left, Reader},
    schema, sequence, table, view,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectKind, SchemaName};
use crate::yaml::{self, Entry, Fields, Node, Value};

const KEYS: &[&str] = &[
    "schema",
    "schemas",
    "extensions",
    "enums",
    "domains",
    "composite_types",
    "range_types",
    "sequences",
    "tables",
    "views",
    "materialized_views",
    "functions",
    "procedures",
    "aggregates",
    "opaque",
    "grants",
    "default_privileges",
];

/// Keys of what pgform carries along and does not declare yet.
const LATER: &[&str] = &["collations", "publications"];

/// Keys that stand with an object, and never at the top of a file, each with the place where it goes.
const OF_OBJECTS: &[(&str, &str)] = &[
    (
        "grants",
        "with what is granted: `grants:` of a schema, table, view, materialized view, sequence, enum, domain, composite type, range type, function, procedure or aggregate, as `tables: {documents: {grants: {reader: select}}}`; at the top of a file it is `grants: complete` alone",
    ),
    (
        "owner",
        "with what is owned: `owner:` of a schema, table, view, materialized view, sequence, enum, domain, composite type, range type, function, procedure or aggregate",
    ),
    ("types", "by its kind: `enums:`, `domains:`, `composite_types:` or `range_types:`"),
    ("triggers", "with their table or view: `tables: {documents: {triggers: {…}}}`"),
    ("policies", OF_A_TABLE),
    ("columns", OF_A_TABLE),
    ("primary_key", OF_A_TABLE),
    ("unique", OF_A_TABLE),
    ("foreign_keys", OF_A_TABLE),
    ("checks", OF_A_TABLE),
    ("exclusions", OF_A_TABLE),
    ("indexes", OF_A_TABLE),
];

const OF_A_TABLE: &str = "with their table: under its name in `tables:`";

/// Tells whether this is `grants: complete`, which says that the grants of all files are all that there are.
fn is_complete(entry: &Entry) -> bool {
    entry.key == "grants" && matches!(&entry.value.value, Value::Scalar { text, style: _ } if text == "complete")
}

/// Reads one file of the declaration into what was read before.
pub(super) fn read(reader: &mut Reader, node: &Node) {
    let elsewhere = OF_OBJECTS.iter().map(|(key, _)| key);
    // Only those that are written, so that the help for an unknown key names what can be written.
    let told_apart = LATER.iter().chain(elsewhere).filter(|key| node.get(key).is_some());
    let keys: Vec<&str> = KEYS.iter().chain(told_apart).copied().collect();
    let Some(fields) = Fields::new(node, "the file", &keys, &mut reader.out) else { return };
    for entry in fields.entries().iter().filter(|e| LATER.contains(&e.key.as_str())) {
        reader.out.push(
            Diagnostic::error(Code::NotDeclarable, format!("`{}` cannot be declared yet", entry.key))
                .at(&entry.key_place, "not in a declaration yet")
                .help("what a database has of them is carried along as it is, by `import` and by plans"),
        );
    }
    for entry in fields.entries() {
        if is_complete(entry) {
            reader.complete_grants = Some(entry.value.place.clone());
        } else if let Some((key, place)) = OF_OBJECTS.iter().find(|(key, _)| *key == entry.key) {
            reader.out.push(
                Diagnostic::error(Code::UnknownKey, format!("`{key}` is no key of the file"))
                    .at(&entry.key_place, "unknown key")
                    .help(format!("it stands {place}")),
            );
        }
    }
    reader.schema = SchemaName::new("public");
    if let Some(node) = fields.value("schema")
        && let Some(name) = yaml::text(node, "`schema`", &mut reader.out)
    {
        reader.schema = SchemaName::new(reader.name(name, "a schema", &node.place));
    }
    reader.lists_opaque |= node.get("opaque").is_some();
    type Read = fn(&mut Reader, &Entry);
    let groups: [(&str, Read); 12] = [
        ("schemas", schema::read_entry),
        ("extensions", extension::read),
        ("enums", enumeration::read),
        ("domains", domain::read),
        ("composite_types", composite_type::read),
        ("range_types", range_type::read),
        ("sequences", sequence::read),
        ("tables", table::read_declared),
        ("views", view::read),
        ("materialized_views", view::read_materialized),
        ("opaque", definition::read_carried),
        ("default_privileges", default_privileges::read),
    ];
    for (key, read) in groups {
        let what = format!("`{key}`");
        for entry in fields.value(key).map(|node| group::entries(reader, node, &what)).unwrap_or_default() {
            read(reader, entry);
        }
    }
    let later = [
        ("functions", Left::Routine(ObjectKind::Function)),
        ("procedures", Left::Routine(ObjectKind::Procedure)),
        ("aggregates", Left::Aggregate),
    ];
    for (key, what) in later {
        let called = format!("`{key}`");
        for entry in fields.value(key).map(|node| group::entries(reader, node, &called)).unwrap_or_default() {
            reader.read_later(what, entry);
        }
    }
}
