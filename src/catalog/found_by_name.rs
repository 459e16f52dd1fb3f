//! Looks up, by name, what a declaration names and no managed object uses yet.
use super::{live_catalog::Outside, outside, pipeline::found_outside, query, row::row};
use crate::diagnostic::Diagnostics;
use diesel::{
    sql_query,
    sql_types::{Array, Integer, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

row! {
    /// Address of something that was looked up by its name.
    NamedRow {
        class: u32 as Oid,
        object: u32 as Oid,
        part: i32 as Integer,
    }
}

const NAMED: &str = "
with wanted as (select n.oid as schema, w.name from unnest($1::text[], $2::text[]) as w (schema, name)
    join pg_namespace n on n.nspname = w.schema)
select p.tableoid as class, p.oid as object, 0 as part from wanted w
    join pg_proc p on p.pronamespace = w.schema and p.proname = w.name
union all select t.tableoid, t.oid, 0 from wanted w
    join pg_type t on t.typnamespace = w.schema and t.typname = w.name and t.typrelid = 0
union all select l.tableoid, l.oid, 0 from wanted w
    join pg_collation l on l.collnamespace = w.schema and l.collname = w.name
union all select c.tableoid, c.oid, coalesce(a.attnum, 0) from wanted w
    join pg_class c on c.relnamespace = w.schema and c.relname = w.name and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    left join pg_attribute a on a.attrelid = c.oid and c.relkind <> 'S' and a.attnum > 0 and not a.attisdropped";

/// Finds what the database has under these names, each with its schema before it: functions, types, collations and
/// relations with their columns.
///
/// # Errors
/// If a query fails.
pub async fn named(
    mut conn: &AsyncPgConnection,
    names: &BTreeSet<(String, String)>,
) -> Result<BTreeSet<Outside>, Diagnostics> {
    let (schemas, names): (Vec<&str>, Vec<&str>) = names.iter().map(|(s, n)| (s.as_str(), n.as_str())).unzip();
    let found: Vec<NamedRow> = sql_query(NAMED)
        .bind::<Array<Text>, _>(schemas)
        .bind::<Array<Text>, _>(names)
        .load(&mut conn)
        .await
        .map_err(|error| query::failed("named objects", &error))?;
    let addresses: Vec<_> = found.iter().map(|row| (row.class, row.object, row.part)).collect();
    Ok(outside::outside(conn, &addresses).await?.iter().map(found_outside).collect())
}
