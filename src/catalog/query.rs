//! Runs the catalog's queries within their bounds, and has the pieces of SQL that several of them share.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use diesel::{
    QueryableByName,
    deserialize::FromSqlRow,
    pg::Pg,
    sql_query,
    sql_types::{Array, Nullable, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Bounds of every query: `$1` are the schemas, `$2` the relations, or null for all of them, `$3` the
/// objects that are no relations, as [`super::opaque`] writes their keys, or null.
#[derive(Clone, Debug, Default)]
pub(super) struct Bounds {
    pub(super) schemas: Vec<String>,
    pub(super) relations: Option<Vec<u32>>,
    pub(super) others: Option<Vec<String>>,
}

/// Runs a query that takes the bounds.
pub(super) async fn bounded<R>(
    mut conn: &AsyncPgConnection,
    what: &str,
    sql: &str,
    bounds: &Bounds,
) -> Result<Vec<R>, Diagnostics>
where
    R: QueryableByName<Pg> + FromSqlRow<diesel::sql_types::Untyped, Pg> + Send + 'static,
{
    sql_query(sql)
        .bind::<Array<Text>, _>(&bounds.schemas)
        .bind::<Nullable<Array<Oid>>, _>(&bounds.relations)
        .bind::<Nullable<Array<Text>>, _>(&bounds.others)
        .load(&mut conn)
        .await
        .map_err(|error| failed(what, &error))
}

/// Runs a query that takes the bounds, if there is one to run.
pub(super) async fn bounded_if<R>(
    conn: &AsyncPgConnection,
    what: &str,
    sql: Option<&str>,
    bounds: &Bounds,
) -> Result<Vec<R>, Diagnostics>
where
    R: QueryableByName<Pg> + FromSqlRow<diesel::sql_types::Untyped, Pg> + Send + 'static,
{
    match sql {
        Some(sql) => bounded(conn, what, sql, bounds).await,
        None => Ok(Vec::new()),
    }
}

/// Runs a query without parameters.
pub(super) async fn whole<R>(mut conn: &AsyncPgConnection, what: &str, sql: &str) -> Result<Vec<R>, Diagnostics>
where
    R: QueryableByName<Pg> + FromSqlRow<diesel::sql_types::Untyped, Pg> + Send + 'static,
{
    sql_query(sql).load(&mut conn).await.map_err(|error| failed(what, &error))
}

pub(super) fn failed(what: &str, error: &diesel::result::Error) -> Diagnostics {
    Diagnostic::error(Code::Catalog, format!("reading the catalog's {what} failed: {error}")).into()
}

/// Condition under which `$2` lets the relation `c` pass.
pub(super) const BOUND: &str = "($2::oid[] is null or c.oid = any($2))";

/// Set that `relnamespace` is compared with, for a relation in one of the schemas of `$1`. An array that the planner
/// cannot look into, because it would look into the statistics of a `pg_class` that had no relations yet, expect one
/// row, and join the rest in loops: then 1,000 tables take as long as 30,000 should.
pub(super) const SCHEMAS: &str = "any(array(select oid from pg_namespace where nspname = any($1)))";

/// Gives SQL for the extension that a row of `class` with the oid `oid` is a member of, null for none. The set of
/// members is hashed: joined, the planner expects one of them and reads all for each row.
pub(super) fn member_of(class: &str, oid: &str) -> String {
    format!(
        "case when {} then (select e.extname::text from pg_depend m join pg_extension e on e.oid = m.refobjid \
         where m.classid = '{class}'::regclass and m.objid = {oid} and m.deptype = 'e') end",
        is_member(class, oid)
    )
}

/// Gives a condition that is true where a row is a member of any extension.
pub(super) fn is_member(class: &str, oid: &str) -> String {
    format!(
        "{oid} in (select m.objid from pg_depend m where m.refclassid = 'pg_extension'::regclass \
         and m.classid = '{class}'::regclass and m.deptype = 'e')"
    )
}

/// Gives the text for servers of this version and later, another one for older servers.
pub(super) fn since<'a>(server: i32, version: i32, then: &'a str, otherwise: &'a str) -> &'a str {
    if server >= version { then } else { otherwise }
}
