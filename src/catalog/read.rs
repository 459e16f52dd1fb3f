//! Reads the live catalog, again if it changed meanwhile; or alone on a shadow; or a slice inside locks.
use super::{
    Live, Scope, fingerprint, opaque,
    pipeline::{first, look},
    query::{self, Bounds},
    relation,
    row::row,
    schema,
};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::{Body, Object, ObjectId, Qualified},
};
use diesel::{
    sql_query,
    sql_types::{Array, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeSet;

/// Number of readings of a catalog that changes under the reading.
pub const ATTEMPTS: usize = 3;

/// Reads everything in scope.
///
/// The connection is in a transaction of the caller's, with an empty `search_path`. The `pg_get_*` functions print what is
/// committed now, whatever the snapshot, so that the fingerprint has to prove that the catalog stood still. In a `read
/// committed` transaction all queries look at the present, and it is taken before and after them. Under `repeatable read` a
/// second one would be the old snapshot's too: there the caller asks [`super::still`] in a new transaction.
///
/// # Errors
/// If a query fails, or the catalog changes during each of three readings.
pub async fn read(conn: &mut AsyncPgConnection, scope: &Scope) -> Result<Live, Diagnostics> {
    let bounds = Bounds { schemas: scope.names(), relations: None, others: None };
    for _ in 0..ATTEMPTS {
        let seen = first(conn, &schema::sql()).await?;
        if seen.frozen {
            // One snapshot has one fingerprint, whenever it is taken: at the end, while the server would have nothing to do.
            return look(conn, scope, &bounds, seen, true).await;
        }
        // Again, with the fingerprint of the same moment.
        let seen = first(conn, &schema::sql_with_fingerprint()).await?;
        let live = look(conn, scope, &bounds, seen, false).await?;
        if still(conn, &live).await? {
            return Ok(live);
        }
    }
    Err(never_still().into())
}

/// Tells that the catalog changed while it was read, each time.
#[must_use]
pub fn never_still() -> Diagnostic {
    let message = format!("the catalog changed during each of {ATTEMPTS} readings");
    Diagnostic::error(Code::Catalog, message)
        .help("something creates or alters objects all the time; run pgform when it pauses")
}

/// Reads everything in scope where nobody else can change it: a shadow. Read once, and the fingerprint is empty.
///
/// # Errors
/// If a query fails.
pub async fn read_alone(conn: &mut AsyncPgConnection, scope: &Scope) -> Result<Live, Diagnostics> {
    let bounds = Bounds { schemas: scope.names(), relations: None, others: None };
    look(conn, scope, &bounds, first(conn, &schema::sql()).await?, false).await
}

row! { Found { oid: u32 as Oid, } }

/// Reads the relations that are named, whole, with what belongs to them, and the named objects of other kinds. For
/// looks inside locks: what is asked for cannot change then, so it is read once, and the fingerprint is empty.
///
/// # Errors
/// If a query fails.
pub async fn read_slice(
    conn: &mut AsyncPgConnection,
    scope: &Scope,
    wanted: &BTreeSet<ObjectId>,
) -> Result<Live, Diagnostics> {
    let names: BTreeSet<(String, String)> = wanted.iter().filter_map(relation_name).collect();
    let (schemas, relations): (Vec<String>, Vec<String>) = names.into_iter().unzip();
    let found: Vec<Found> = sql_query(relation::SLICE)
        .bind::<Array<Text>, _>(schemas)
        .bind::<Array<Text>, _>(relations)
        .load(conn)
        .await
        .map_err(|error| query::failed("relations", &error))?;
    let bounds = Bounds {
        schemas: scope.names(),
        relations: Some(found.into_iter().map(|row| row.oid).collect()),
        others: Some(wanted.iter().map(opaque::bound_key).collect()),
    };
    let mut live = look(conn, scope, &bounds, first(conn, &schema::sql()).await?, false).await?;
    let tables: BTreeSet<Qualified> = wanted.iter().filter_map(ObjectId::table_of).collect();
    let bound: BTreeSet<ObjectId> = live
        .state
        .objects
        .iter()
        .filter(|(id, object)| wanted.contains(id) || table_of(id, object).is_some_and(|table| tables.contains(&table)))
        .map(|(id, _)| *id)
        .collect();
    live.state.objects.retain(|id, _| bound.contains(id));
    Ok(live)
}

/// Gives the table that an object goes with; for a sequence that a column owns, that column's.
fn table_of(id: &ObjectId, object: &Object) -> Option<Qualified> {
    if let Body::Sequence(sequence) = &object.body {
        return sequence.owned_by.as_ref().map(|(table, _)| *table);
    }
    object.table_of(id)
}

/// Gives the relation that has to be looked at for an object.
fn relation_name(id: &ObjectId) -> Option<(String, String)> {
    id.relation().map(|q| (q.schema.as_str().to_owned(), q.name.as_str().to_owned()))
}

/// Tells whether the catalog is now, by the current snapshot, what was read.
///
/// # Errors
/// If the server refuses the query.
pub async fn still(conn: &AsyncPgConnection, live: &Live) -> Result<bool, Diagnostics> {
    fingerprint::unchanged(conn, (&live.snapshot, &live.fingerprint)).await
}
