use super::{query, row::row};
use crate::{diagnostic::Diagnostics, model::ObjectId};
use diesel::{
    sql_query,
    sql_types::{Array, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// Which catalog rows some objects consisted of: equal marks, nothing about them was touched. One query of a few
/// milliseconds, for a look inside locks; where marks differ, only [`super::read_slice`] can tell what that means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Marks(String);

row! { Found { seen: String as Text, } }

/// `vacuum` and `analyze` update `pg_class` in place, which leaves `xmin` alone; a grant does not, and shows here.
const MARKS: &str = "
with wanted as materialized (select * from unnest($1::text[], $2::text[]) as w (schema, name)),
rel as materialized (
    select c.oid, c.xmin from wanted w join pg_namespace n on n.nspname = w.schema
    join pg_class c on c.relnamespace = n.oid and c.relname = w.name),
own as materialized (
    select oid, xmin from rel
    union select c.oid, c.xmin from pg_index i join pg_class c on c.oid = i.indexrelid
        where i.indrelid in (select oid from rel)),
typ as materialized (
    select t.oid, t.xmin from wanted w join pg_namespace n on n.nspname = w.schema
    join pg_type t on t.typnamespace = n.oid and t.typname = w.name)
select coalesce(string_agg(format('%s %s %s', catalog, rows, mix), ', ' order by catalog), '') as seen from (
    select 'class' as catalog, count(*) as rows, sum(hashint8extended(oid::bigint, xmin::text::bigint)) as mix from own
    union all select 'type', count(*), sum(hashint8extended(oid::bigint, xmin::text::bigint)) from typ
    union all select 'attribute', count(*), sum(hashint8extended(a.attrelid::bigint * 2048 + a.attnum, a.xmin::text::bigint))
        from pg_attribute a where a.attrelid in (select oid from own) and a.attnum > 0
    union all select 'index', count(*), sum(hashint8extended(i.indexrelid::bigint, i.xmin::text::bigint))
        from pg_index i where i.indrelid in (select oid from rel)
    union all select 'constraint', count(*), sum(hashint8extended(k.oid::bigint, k.xmin::text::bigint))
        from pg_constraint k where k.conrelid in (select oid from rel)
    union all select 'default', count(*), sum(hashint8extended(d.oid::bigint, d.xmin::text::bigint))
        from pg_attrdef d where d.adrelid in (select oid from rel)
    union all select 'rule', count(*), sum(hashint8extended(r.oid::bigint, r.xmin::text::bigint))
        from pg_rewrite r where r.ev_class in (select oid from rel)
    union all select 'sequence', count(*), sum(hashint8extended(s.seqrelid::bigint, s.xmin::text::bigint))
        from pg_sequence s where s.seqrelid in (select oid from rel)
    union all select 'trigger', count(*), sum(hashint8extended(t.oid::bigint, t.xmin::text::bigint))
        from pg_trigger t where t.tgrelid in (select oid from rel) and not t.tgisinternal
    union all select 'policy', count(*), sum(hashint8extended(p.oid::bigint, p.xmin::text::bigint))
        from pg_policy p where p.polrelid in (select oid from rel)
    union all select 'routine', count(*), sum(hashint8extended(p.oid::bigint, p.xmin::text::bigint))
        from wanted w join pg_namespace n on n.nspname = w.schema
        join pg_proc p on p.pronamespace = n.oid and p.proname = w.name
    union all select 'domain', count(*), sum(hashint8extended(k.oid::bigint, k.xmin::text::bigint))
        from pg_constraint k where k.contypid in (select oid from typ)
    union all select 'label', count(*), sum(hashint8extended(e.oid::bigint, e.xmin::text::bigint))
        from pg_enum e where e.enumtypid in (select oid from typ)
) as seen";

/// The marks of some objects, as the current snapshot sees them.
///
/// # Errors
/// If the server refuses the query.
pub async fn marks(conn: &mut AsyncPgConnection, of: &BTreeSet<ObjectId>) -> Result<Marks, Diagnostics> {
    let names: BTreeSet<(String, String)> = of.iter().filter_map(name).collect();
    let (schemas, names): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    let found: Result<Vec<Found>, _> =
        sql_query(MARKS).bind::<Array<Text>, _>(schemas).bind::<Array<Text>, _>(names).load(conn).await;
    let found = found.map_err(|error| query::failed("marks", &error))?;
    Ok(Marks(found.into_iter().map(|f| f.seen).collect()))
}

/// The name, in a schema, by which the object's rows are found: its table's, or its own.
fn name(id: &ObjectId) -> Option<(String, String)> {
    if let Some(table) = id.table() {
        return Some((table.schema.as_str().to_owned(), table.name.as_str().to_owned()));
    }
    match id.parts().as_slice() {
        [schema, name, ..] => Some(((*schema).to_owned(), (*name).to_owned())),
        _ => None,
    }
}
