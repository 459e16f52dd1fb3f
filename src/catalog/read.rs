use super::{
    Fingerprint, Live, Outside, Scope, Server, Uses,
    assemble::{Assembled, Rows, assemble},
    constraint, depend, enumeration, fingerprint, index, opaque, outside,
    query::{self, Bounds},
    relation,
    row::row,
    schema,
};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::{ExtensionName, Object, ObjectId, Qualified},
};
use diesel::{
    sql_query,
    sql_types::{Array, Oid, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet};

/// How often a catalog that changes under the reading is read again.
pub const ATTEMPTS: usize = 3;

/// Reads everything in scope.
///
/// The connection is in a transaction of the caller's, with an empty `search_path`. It should be `read committed`: the
/// `pg_get_*` functions print what is committed now, whatever the snapshot, so all queries look at the present, and the
/// fingerprint taken before and after them proves that it stood still. Under `repeatable read` a second fingerprint would be
/// the old snapshot's too, and is not taken: there the caller compares [`Live::fingerprint`] with [`super::fingerprint()`] in
/// a new transaction.
///
/// # Errors
/// If a query fails, or the catalog changes during each of three readings.
pub async fn read(conn: &mut AsyncPgConnection, scope: &Scope) -> Result<Live, Diagnostics> {
    let bounds = Bounds { schemas: scope.names(), relations: None, others: None };
    for _ in 0..ATTEMPTS {
        // Its first query takes the fingerprint as well.
        let (live, seen) = look(conn, scope, &bounds, &schema::sql_with_fingerprint()).await?;
        // One snapshot has one fingerprint.
        if seen.frozen {
            return Ok(live);
        }
        if fingerprint::since(conn, &seen.snapshot).await?.is_none_or(|now| now == live.fingerprint) {
            return Ok(live);
        }
    }
    Err(never_still().into())
}

/// The catalog changed while it was read, each time.
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
    Ok(look(conn, scope, &bounds, &schema::sql()).await?.0)
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
    let (mut live, _) = look(conn, scope, &bounds, &schema::sql()).await?;
    let tables: BTreeSet<Qualified> = wanted.iter().filter_map(ObjectId::table).collect();
    let bound: BTreeSet<ObjectId> = live
        .state
        .objects
        .iter()
        .filter(|(id, object)| wanted.contains(id) || table_of(id, object).is_some_and(|table| tables.contains(&table)))
        .map(|(id, _)| id.clone())
        .collect();
    live.state.objects.retain(|id, _| bound.contains(id));
    Ok(live)
}

/// The table that an object goes with.
fn table_of(id: &ObjectId, object: &Object) -> Option<Qualified> {
    if let Object::Index(index) = object {
        return Some(index.table.clone());
    }
    if let Object::Sequence(sequence) = object {
        return sequence.owned_by.as_ref().map(|(table, _)| table.clone());
    }
    id.table()
}

/// The relation that has to be looked at for an object.
fn relation_name(id: &ObjectId) -> Option<(String, String)> {
    let of = |q: &Qualified| Some((q.schema.as_str().to_owned(), q.name.as_str().to_owned()));
    match id {
        ObjectId::Table(q) | ObjectId::Column(q, _) | ObjectId::Constraint(q, _) => of(q),
        ObjectId::Sequence(q) | ObjectId::Index(q) | ObjectId::View(q) => of(q),
        ObjectId::Opaque(kind, parts) if (kind.is_relation() || kind.belongs_to_table()) && parts.len() > 1 => {
            Some((parts[0].clone(), parts[1].clone()))
        }
        ObjectId::Schema(_) | ObjectId::Extension(_) | ObjectId::Type(_) | ObjectId::Opaque(..) => None,
    }
}

/// What a look's first query saw: its snapshot, and whether all queries of the transaction see that one.
struct Seen {
    snapshot: String,
    frozen: bool,
}

/// One look, and what its first query saw: a query for the schemas and the server's version, then all others at once,
/// each sent before the one before it is answered. So a server far away is waited for a few times only, and a near one
/// works while its answers are read.
async fn look(
    conn: &AsyncPgConnection,
    scope: &Scope,
    bounds: &Bounds,
    containers: &str,
) -> Result<(Live, Seen), Diagnostics> {
    let containers: Vec<schema::ContainerRow> = query::whole(conn, "schemas and extensions", containers).await?;
    let server = Server {
        version_num: containers.iter().map(|row| row.server).next().unwrap_or_default(),
        vector: containers.iter().find(|r| r.kind == "extension" && r.name == "vector").and_then(|r| r.version.clone()),
    };
    let fingerprint = containers.iter().find_map(|row| row.seen.clone()).map(Fingerprint::of).unwrap_or_default();
    let seen = Seen {
        snapshot: containers.iter().find_map(|row| row.snapshot.clone()).unwrap_or_default(),
        frozen: containers.iter().any(|row| row.frozen),
    };
    let version = server.version_num;
    let (of_relations, of_columns, of_constraints) =
        (relation::sql(), relation::columns_sql(version), constraint::sql(version));
    let (of_indexes, of_others) = (index::sql(version), opaque::sql(version));
    let of_enumerations = enumeration::sql();
    let slice = bounds.relations.is_some();
    // In this order on the wire: many rows first, so that they are read while the server works at the next.
    let (relations, columns, whole, indexes, constraints, enumerations, opaque) = tokio::try_join!(
        query::bounded(conn, "relations", &of_relations, bounds),
        query::bounded(conn, "columns", &of_columns, bounds),
        async { if slice { Ok(Vec::new()) } else { depend::depends(conn, version, None).await } },
        query::bounded(conn, "indexes", &of_indexes, bounds),
        query::bounded(conn, "constraints", &of_constraints, bounds),
        query::bounded(conn, "enums", &of_enumerations, bounds),
        query::bounded(conn, "other objects", &of_others, bounds),
    )?;
    let rows = Rows { containers, relations, columns, constraints, indexes, enumerations, opaque };
    let mut assembled = assemble(rows, scope);
    let depends = if slice { depend::depends(conn, version, Some(assembled.oids())).await? } else { whole };
    let uses = dependencies(conn, &mut assembled, &depends).await?;
    let left_out = assembled.left_out.into_iter().collect();
    Ok((Live { state: assembled.state, left_out, fingerprint, server, uses }, seen))
}

/// Fills in what views and opaque objects depend on; what is used and not in the state is given back.
async fn dependencies(
    conn: &AsyncPgConnection,
    assembled: &mut Assembled,
    rows: &[depend::DependRow],
) -> Result<Uses, Diagnostics> {
    let mut edges: Vec<(ObjectId, depend::Address)> = Vec::new();
    let mut unknown: BTreeSet<depend::Address> = BTreeSet::new();
    for row in rows {
        let Some(user) = assembled.at(row.user()) else { continue };
        let known = assembled.at(row.used()).is_some();
        if !known {
            unknown.insert(row.used());
        }
        if !known || matches!(user, ObjectId::View(_) | ObjectId::Opaque(..)) {
            edges.push((user.clone(), row.used()));
        }
    }
    let unknown: Vec<depend::Address> = unknown.into_iter().collect();
    let outside: BTreeMap<depend::Address, outside::OutsideRow> = if unknown.is_empty() {
        BTreeMap::new()
    } else {
        outside::outside(conn, &unknown).await?.into_iter().map(|row| (row.address(), row)).collect()
    };
    let mut uses = Uses::new();
    for (user, used) in edges {
        let id = match (assembled.at(used), outside.get(&used)) {
            (Some(id), _) => Some(id.clone()),
            (None, Some(row)) => {
                uses.entry(found_outside(row)).or_default().insert(user.clone());
                row.id()
            }
            (None, None) => None,
        };
        if let Some(id) = id.filter(|id| *id != user) {
            depends_on(assembled.state.objects.get_mut(&user), id);
        }
    }
    Ok(uses)
}

fn depends_on(object: Option<&mut Object>, id: ObjectId) {
    match object {
        Some(Object::View(view)) => view.depends_on.insert(id),
        Some(Object::Opaque(opaque)) => opaque.depends_on.insert(id),
        // What these use is in their text.
        Some(
            Object::Schema(_)
            | Object::Extension(_)
            | Object::Enumeration(_)
            | Object::Sequence(_)
            | Object::Table(_)
            | Object::Column(_)
            | Object::Key(_)
            | Object::ForeignKey(_)
            | Object::Check(_)
            | Object::Index(_),
        )
        | None => false,
    };
}

pub(super) fn found_outside(row: &outside::OutsideRow) -> Outside {
    Outside {
        kind: row.kind.clone(),
        names: row.names.clone(),
        arguments: row.arguments.clone(),
        result: row.result.clone(),
        extension: row.extension.clone().map(ExtensionName::new),
    }
}
