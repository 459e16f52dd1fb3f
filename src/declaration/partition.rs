//! Reads and writes what a table says of partitions.
use super::{keys::Keys, reader::Reader, value::Out};
use crate::canonical::{canonical_bound, canonical_partition_key, parse_partition_place};
use crate::model::{Fragment, PartitionOf, Qualified, Table};
use crate::yaml::Node;

/// Reads `partition_by:` and `partition_of:` into a table.
pub(super) fn read_own(keys: &mut Keys<'_, '_>, table: &mut Table) {
    table.partition_by = keys.sql("partition_by", canonical_partition_key);
    if !keys.reader.is_declared() {
        let parent = keys.texts("partition_of").unwrap_or_default();
        let bound = keys.sql("values", canonical_bound);
        if let ([schema, name], Some(bound)) = (parent.as_slice(), bound) {
            table.partition_of = Some(PartitionOf { parent: Qualified::new(schema, name), bound });
        }
        return;
    }
    let check = |text: &str| parse_partition_place(text).map(|_| text.to_owned());
    let Some(text) = keys.sql("partition_of", check) else { return };
    let Ok(written) = parse_partition_place(text.as_written()) else { return };
    let home = keys.id.home().unwrap_or(keys.reader.schema);
    let schema = written.schema.unwrap_or_else(|| home.as_str().to_owned());
    table.partition_of =
        Some(PartitionOf { parent: Qualified::new(&schema, &written.parent), bound: Fragment::written(written.bound) });
}

/// Reads the rows that go to a partition which is written under its parent: `for values …`, or `default`.
pub(super) fn read_bound(reader: &mut Reader, node: &Node, what: &str) -> Option<Fragment> {
    let said = reader.fragment(node, what, canonical_bound)?;
    canonical_bound(said.as_written()).ok().map(Fragment::written)
}

/// Writes what a table says of partitions; a partition under its parent has its bound there.
pub(super) fn write_own(out: &mut Out, table: &Table, attribute: &'static str, parent_is_said: bool) {
    match (attribute, &table.partition_of) {
        ("partition_by", _) => {
            if let Some(key) = &table.partition_by {
                out.sql("partition_by", key);
            }
        }
        ("partition_of", Some(of)) if !parent_is_said => {
            if out.is_state() {
                out.list("partition_of", [of.parent.schema.as_str(), of.parent.name.as_str()]);
                out.sql("values", &of.bound);
            } else {
                out.put("partition_of", format!("{} {}", of.parent, of.bound.sql()));
            }
        }
        _ => {}
    }
}
