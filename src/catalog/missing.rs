//! Finds those of some objects that a database does not have, by names alone, in one query.
use super::{query, row::row};
use crate::diagnostic::Diagnostics;
use crate::model::{NamePath, ObjectId, ObjectKind};
use diesel::{
    sql_query,
    sql_types::{Array, BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

row! { Lacking { at: i64 as BigInt, } }

const MISSING: &str = "
with wanted as materialized (
    select w.* from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality
        as w (kind, home, name, part, at)),
there as (
    select at from wanted w join pg_catalog.pg_namespace n on n.nspname = w.name where kind = 'schema'
    union all select at from wanted w join pg_catalog.pg_extension x on x.extname = w.name where kind = 'extension'
    union all select at from wanted w join pg_catalog.pg_namespace n on n.nspname = w.home
        join pg_catalog.pg_type t on t.typnamespace = n.oid and t.typname = w.name where kind = 'type'
    union all select at from wanted w join pg_catalog.pg_namespace n on n.nspname = w.home
        where kind = 'routine' and exists (select from pg_catalog.pg_proc p
            where p.pronamespace = n.oid and p.proname = w.name)
    union all select at from wanted w join pg_catalog.pg_namespace n on n.nspname = w.home
        join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.name
        where case kind
            when 'relation' then true
            when 'column' then exists (select from pg_catalog.pg_attribute a
                where a.attrelid = c.oid and a.attname = w.part and not a.attisdropped)
            when 'constraint' then exists (select from pg_catalog.pg_constraint k
                where k.conrelid = c.oid and k.conname = w.part)
            when 'trigger' then exists (select from pg_catalog.pg_trigger t
                where t.tgrelid = c.oid and t.tgname = w.part)
            when 'policy' then exists (select from pg_catalog.pg_policy p
                where p.polrelid = c.oid and p.polname = w.part)
            else false end)
select w.at as at from wanted w where not exists (select from there t where t.at = w.at) order by 1";

/// Finds those of some objects that the database does not have. Kinds that are not found by their names alone (casts,
/// operators) are not looked for.
///
/// # Errors
/// If the server refuses the query.
pub async fn missing<'o>(
    conn: &mut AsyncPgConnection,
    of: impl IntoIterator<Item = &'o ObjectId>,
) -> Result<BTreeSet<ObjectId>, Diagnostics> {
    let wanted: Vec<(&ObjectId, [String; 4])> = of.into_iter().filter_map(|id| Some((id, address(id)?))).collect();
    let column = |at: usize| wanted.iter().map(|(_, parts)| parts[at].clone()).collect::<Vec<String>>();
    let found: Result<Vec<Lacking>, _> = sql_query(MISSING)
        .bind::<Array<Text>, _>(column(0))
        .bind::<Array<Text>, _>(column(1))
        .bind::<Array<Text>, _>(column(2))
        .bind::<Array<Text>, _>(column(3))
        .load(conn)
        .await;
    let found = found.map_err(|error| query::failed("missing objects", &error))?;
    let object = |row: &Lacking| wanted.get(usize::try_from(row.at).ok()?.checked_sub(1)?).map(|(id, _)| *(*id));
    Ok(found.iter().filter_map(object).collect())
}

/// Gives the texts by which an object is looked for: a kind, the schema, the name, the name of a part.
fn address(id: &ObjectId) -> Option<[String; 4]> {
    let kind = match (id.kind(), id.path()) {
        (ObjectKind::Schema | ObjectKind::Extension, _) => {
            return Some([id.word().into(), String::new(), id.own_name().into(), String::new()]);
        }
        (ObjectKind::Column, _) => "column",
        (ObjectKind::Constraint, _) => "constraint",
        (ObjectKind::Trigger, _) => "trigger",
        (ObjectKind::Policy, _) => "policy",
        (kind, _) if kind.is_relation() => "relation",
        (kind, _) if kind.is_type() => "type",
        (kind, _) if kind.is_routine() => "routine",
        (_, NamePath::Alone(_) | NamePath::InSchema(_) | NamePath::OfRelation(..) | NamePath::Several(_)) => {
            return None;
        }
    };
    let parts = id.parts();
    let part = |at: usize| parts.get(at).map(|p| (*p).to_owned()).unwrap_or_default();
    Some([kind.to_owned(), part(0), part(1), part(2)])
}
