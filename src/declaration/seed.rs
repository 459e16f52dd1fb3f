//! Reads the rows for the proof that a table declares under `seed:`.
use super::reader::Reader;
use crate::canonical::canonical_expression;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{ColumnName, ObjectId, Qualified};
use crate::yaml::{self, Node, nearest};
use std::collections::BTreeMap;

/// Row for the proof: columns with SQL for their values.
pub type SeedRow = BTreeMap<ColumnName, String>;

/// Reads `seed:` of a table: rows for the proof, where a check is too clever for the ones that pgform thinks of. They
/// are in no state and run nowhere else.
pub(super) fn read(reader: &mut Reader, table: &Qualified, node: &Node) {
    let what = format!("`seed` of the table {}", table.name.as_str());
    let mut rows = Vec::new();
    for row in yaml::items(node, &what, &mut reader.out).unwrap_or_default() {
        let mut values = SeedRow::new();
        for entry in yaml::entries(row, &format!("a row of {what}"), &mut reader.out).unwrap_or_default() {
            let name = ColumnName::new(&entry.key);
            if !reader.objects.contains_key(&ObjectId::column(*table, name)) {
                let known = columns(reader, table);
                let help = nearest(&entry.key, known.iter().map(String::as_str))
                    .map_or_else(|| format!("it has {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
                let message = format!("{what} names the column {}, which is not declared", entry.key.escape_debug());
                reader.out.push(Diagnostic::error(Code::NotDeclared, message).at(&entry.key_place, "here").help(help));
                continue;
            }
            let what = format!("{} in {what}", entry.key);
            if let Some(sql) = reader.declared_sql(&entry.value, &what, canonical_expression) {
                values.insert(name, sql.sql().to_owned());
            }
        }
        rows.push(values);
    }
    let id = ObjectId::table(*table);
    reader.places.set_attribute(&id, "seed", &node.place);
    reader.directives.entry(id).or_default().seed = rows;
}

fn columns(reader: &Reader, table: &Qualified) -> Vec<String> {
    let own = reader.objects.keys().filter(|id| id.as_column().is_some_and(|(of, _)| of == *table));
    own.filter_map(|id| id.parts().last().map(|name| (*name).to_owned())).collect()
}
