use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::{ColumnName, ObjectId, Qualified, State};
use crate::plan::sql::list;
use crate::server::Connection;
use std::collections::{BTreeMap, BTreeSet};

/// A digest of each table's rows, over some of its columns.
pub type RowDigests = BTreeMap<ObjectId, String>;

/// Digests of the rows that both states know, by their table's name in the later one: what neither step of a plan may
/// touch. `lost` are the columns and tables whose values a plan may lose.
///
/// # Errors
/// If the shadow fails.
pub async fn digests(
    connection: &mut Connection,
    state: &State,
    columns: &BTreeMap<Qualified, BTreeSet<ColumnName>>,
) -> Result<RowDigests, Diagnostics> {
    let mut out = RowDigests::new();
    for (table, wanted) in columns.iter().filter(|(table, _)| state.table(table).is_some()) {
        let names: Vec<&ColumnName> = wanted.iter().filter(|c| state.column(table, c).is_some()).collect();
        if names.is_empty() {
            continue;
        }
        let sql = format!(
            "select pg_catalog.count(*) || ' ' || coalesce(pg_catalog.md5(pg_catalog.string_agg(line, E'\\n' order by line)), '') \
             from (select pg_catalog.row({})::text as line from {table}) as rows",
            list(names)
        )
        .replace("pg_catalog.row(", "row(");
        let rows = connection.query_text(&sql).await.map_err(|e| {
            Diagnostics::from(Diagnostic::error(
                Code::Shadow,
                format!("the rows of {table} could not be read: {}", e.message),
            ))
        })?;
        out.insert(ObjectId::Table(table.clone()), rows.into_iter().flatten().flatten().next().unwrap_or_default());
    }
    Ok(out)
}
