use super::{
    definition, enumeration, extension, group,
    reader::{Left, Reader},
    schema, sequence, table, view,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ObjectKind, SchemaName};
use crate::yaml::{self, Entry, Fields, Node};

const KEYS: &[&str] =
    &["schema", "schemas", "extensions", "enums", "sequences", "tables", "views", "functions", "procedures", "opaque"];

/// What pgform carries along and does not declare yet.
const LATER: &[&str] = &["policies", "domains", "types", "collations", "materialized_views", "publications", "grants"];

/// Reads one file of the declaration into what was read before.
pub(super) fn read(reader: &mut Reader, node: &Node) {
    let later = LATER.iter().filter(|key| node.get(key).is_some());
    let keys: Vec<&str> = KEYS.iter().chain(later).copied().collect();
    let Some(fields) = Fields::new(node, "the file", &keys, &mut reader.out) else { return };
    for entry in fields.entries().iter().filter(|e| LATER.contains(&e.key.as_str())) {
        reader.out.push(
            Diagnostic::error(Code::NotYet, format!("`{}` cannot be declared yet", entry.key))
                .at(&entry.key_place, "not in a declaration yet")
                .help("what a database has of them is carried along as it is, by `import` and by plans"),
        );
    }
    reader.schema = SchemaName::new("public");
    if let Some(node) = fields.value("schema")
        && let Some(name) = yaml::text(node, "`schema`", &mut reader.out)
    {
        reader.schema = SchemaName::new(reader.name(name, "a schema", &node.place));
    }
    reader.lists_opaque |= node.get("opaque").is_some();
    type Read = fn(&mut Reader, &Entry);
    let groups: [(&str, Read); 7] = [
        ("schemas", schema::read_entry),
        ("extensions", extension::read),
        ("enums", enumeration::read),
        ("sequences", sequence::read),
        ("tables", table::read_declared),
        ("views", view::read),
        ("opaque", definition::read_carried),
    ];
    for (key, read) in groups {
        let what = format!("`{key}`");
        for entry in fields.value(key).map(|node| group::entries(reader, node, &what)).unwrap_or_default() {
            read(reader, entry);
        }
    }
    for (key, kind) in [("functions", ObjectKind::Function), ("procedures", ObjectKind::Procedure)] {
        let what = format!("`{key}`");
        for entry in fields.value(key).map(|node| group::entries(reader, node, &what)).unwrap_or_default() {
            reader.read_later(Left::Routine(kind), entry);
        }
    }
}
