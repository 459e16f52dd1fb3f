//! Takes a fingerprint of the catalog's rows, by which a change during or since a reading is found.
use super::{query, row::row};
use crate::diagnostic::Diagnostics;
use diesel::{
    sql_query,
    sql_types::{Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

/// Fingerprint of the rows that the catalog consisted of: equal fingerprints, same rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fingerprint(String);

impl Fingerprint {
    pub(super) fn of(seen: String) -> Self {
        Self(seen)
    }
}

row! { Found { seen: String as Text, } }
row! { Since { seen: Option<String> as Nullable<Text>, } }

/// Catalogs whose rows make what is read, with the rows that count. Statistics, temporary relations and toast are not
/// among them: they change all the time. `vacuum` updates `pg_class` in place, which leaves `xmin` alone.
const CATALOGS: &[(&str, &str)] = &[
    ("pg_class", "c.relpersistence <> 't' and c.relkind <> 't'"),
    ("pg_proc", "true"),
    ("pg_type", "c.typnamespace not in (select oid from temporary)"),
    ("pg_constraint", "c.connamespace not in (select oid from temporary)"),
    ("pg_rewrite", "c.ev_class not in (select oid from pg_class where relpersistence = 't')"),
    ("pg_trigger", "c.tgrelid not in (select oid from pg_class where relpersistence = 't')"),
    ("pg_policy", "true"),
    ("pg_namespace", "c.nspname !~ '^pg_'"),
    ("pg_extension", "true"),
    ("pg_enum", "true"),
    ("pg_operator", "true"),
    ("pg_statistic_ext", "true"),
    ("pg_collation", "true"),
    ("pg_attrdef", "c.adrelid not in (select oid from pg_class where relpersistence = 't')"),
    ("pg_cast", "true"),
    ("pg_publication", "true"),
    ("pg_event_trigger", "true"),
    ("pg_foreign_server", "true"),
];

/// Takes the catalog's fingerprint as the current snapshot sees it.
///
/// # Errors
/// If the server refuses the query.
pub async fn fingerprint(conn: &AsyncPgConnection) -> Result<Fingerprint, Diagnostics> {
    let found: Vec<Found> = query::whole(conn, "fingerprint", &sql()).await?;
    Ok(Fingerprint(found.into_iter().map(|f| f.seen).collect()))
}

/// Tells whether the catalog is now, by the current snapshot, what was read. Where nothing was committed since, no row
/// is looked at: equal snapshots have the same transactions in progress and the same ones ended. Not so on a standby,
/// whose snapshots don't list the transactions that are in progress.
///
/// # Errors
/// If the server refuses the query.
pub(super) async fn unchanged(
    mut conn: &AsyncPgConnection,
    (snapshot, seen): (&str, &Fingerprint),
) -> Result<bool, Diagnostics> {
    let sql = format!(
        "select case when pg_is_in_recovery() or pg_current_snapshot()::text <> $1 then ({}) end as seen",
        sql()
    );
    let found: Result<Vec<Since>, _> = sql_query(sql).bind::<Text, _>(snapshot).load(&mut conn).await;
    let found = found.map_err(|error| query::failed("fingerprint", &error))?;
    Ok(found.into_iter().find_map(|row| row.seen).is_none_or(|now| Fingerprint(now) == *seen))
}

/// Gives the query of the fingerprint, which gives one text.
pub(super) fn sql() -> String {
    let mut parts: Vec<String> = CATALOGS
        .iter()
        .map(|(catalog, condition)| {
            format!(
                "select '{catalog}' as catalog, count(*) as rows, \
                 sum(hashint8extended(c.oid::bigint, c.xmin::text::bigint)) as mix \
                 from {catalog} c where c.oid >= 16384 and {condition}"
            )
        })
        .collect();
    // No oid of their own.
    for (catalog, key, relation) in [
        ("pg_attribute", "attnum", "attrelid"),
        ("pg_index", "indnatts", "indexrelid"),
        ("pg_sequence", "1", "seqrelid"),
    ] {
        parts.push(format!(
            "select '{catalog}', count(*), sum(hashint8extended(a.{relation}::bigint * 2048 + {key}, \
             a.xmin::text::bigint)) from {catalog} a join pg_class c on c.oid = a.{relation} \
             where c.oid >= 16384 and c.relpersistence <> 't' and c.relkind <> 't'"
        ));
    }
    parts.push(
        "select 'pg_description', count(*), sum(hashint8extended(objoid::bigint * 2048 + objsubid, xmin::text::bigint)) \
         from pg_description where objoid >= 16384"
            .to_owned(),
    );
    format!(
        "with temporary as (select oid from pg_namespace where nspname ~ '^pg_(toast_)?temp_') \
         select coalesce(string_agg(format('%s %s %s', catalog, rows, mix), ', ' order by catalog), '') as seen \
         from ({}) as seen",
        parts.join(" union all ")
    )
}
