use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use diesel::{
    QueryableByName,
    deserialize::FromSqlRow,
    pg::Pg,
    sql_query,
    sql_types::{Array, Nullable, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// What every query is restricted to: `$1` are the schemas, `$2` the relations, or null for all of them, `$3` the
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

/// Whether `$3` lets a key pass, with `$2` deciding for what belongs to a relation.
pub(super) const BOUND: &str = "($2::oid[] is null or c.oid = any($2))";

/// The text for servers of this version and later, another one for older servers.
pub(super) fn since<'a>(server: i32, version: i32, then: &'a str, otherwise: &'a str) -> &'a str {
    if server >= version { then } else { otherwise }
}
