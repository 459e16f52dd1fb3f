//! Sends the catalog's queries at once, puts their rows together as they come, and fills in dependencies.
use super::container::ContainerRow;
use super::{
    Fingerprint, Live, Outside, Scope, Server, Uses,
    assemble::{Assembled, Rows, assemble},
    constraint, depend, enumeration, fingerprint, index, opaque, outside,
    query::{self, Bounds},
    relation,
};
use crate::{
    diagnostic::Diagnostics,
    model::{Body, ExtensionName, Object, ObjectId},
};
use diesel_async::AsyncPgConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Answer to a look's first query: schemas, extensions, and what the other queries depend on.
#[derive(Default)]
pub(super) struct First {
    containers: Vec<ContainerRow>,
    server: Server,
    /// True where all queries of the transaction see one snapshot.
    pub(super) frozen: bool,
    /// Snapshot that the query saw.
    pub(super) snapshot: String,
    fingerprint: Fingerprint,
    kinds: Vec<i32>,
    enumerations: bool,
}

/// Looks at schemas and extensions.
pub(super) async fn first(conn: &AsyncPgConnection, sql: &str) -> Result<First, Diagnostics> {
    let containers: Vec<ContainerRow> = query::whole(conn, "schemas and extensions", sql).await?;
    let vector = containers.iter().find(|row| row.kind == "extension" && row.name == "vector");
    Ok(First {
        server: Server {
            version_num: containers.iter().map(|row| row.server).next().unwrap_or_default(),
            vector: vector.and_then(|row| row.version.clone()),
        },
        frozen: containers.iter().any(|row| row.frozen),
        snapshot: containers.iter().find_map(|row| row.snapshot.clone()).unwrap_or_default(),
        fingerprint: containers.iter().find_map(|row| row.seen.clone()).map(Fingerprint::of).unwrap_or_default(),
        kinds: containers.iter().find_map(|row| row.kinds.clone()).unwrap_or_default(),
        enumerations: containers.iter().any(|row| row.enumerations),
        containers,
    })
}

/// Sends all other queries at once, each before the one before it is answered: a server far away is waited for a few
/// times only, and a near one works while its answers are read. What tables are made of comes first on the wire, so
/// that they are put together while the server works at the rest; last the fingerprint, if it is asked for.
pub(super) async fn look(
    conn: &AsyncPgConnection,
    scope: &Scope,
    bounds: &Bounds,
    first: First,
    last: bool,
) -> Result<Live, Diagnostics> {
    let First { containers, server, frozen: _, snapshot, fingerprint, kinds, enumerations } = first;
    let version = server.version_num;
    let slice = bounds.relations.is_some();
    let tables = async {
        let (of_columns, of_relations) = (relation::columns_sql(version), relation::sql());
        let (of_indexes, of_constraints) = (index::sql(version), constraint::sql(version));
        let (columns, relations, indexes, constraints) = tokio::try_join!(
            query::bounded(conn, "columns", &of_columns, bounds),
            query::bounded(conn, "relations", &of_relations, bounds),
            query::bounded(conn, "indexes", &of_indexes, bounds),
            query::bounded(conn, "constraints", &of_constraints, bounds),
        )?;
        Ok(assemble(Rows { containers, relations, columns, constraints, indexes }, scope).await)
    };
    let others = async {
        let (of_enumerations, of_others) = (enumeration::sql(), opaque::sql(version, &kinds));
        tokio::try_join!(
            async { if slice { Ok(Vec::new()) } else { depend::depends(conn, version, None).await } },
            query::bounded_if(conn, "other objects", of_others.as_deref(), bounds),
            query::bounded_if(conn, "enums", enumerations.then_some(of_enumerations.as_str()), bounds),
            async { if last { fingerprint::fingerprint(conn).await } else { Ok(fingerprint) } },
        )
    };
    let (assembly, (whole, opaque, enumerations, fingerprint)) = tokio::try_join!(tables, others)?;
    let mut assembled = assembly.complete(&enumerations, &opaque);
    let depends = if slice { depend::depends(conn, version, Some(assembled.oids())).await? } else { whole };
    let uses = dependencies(conn, &mut assembled, &depends).await?;
    let left_out = assembled.left_out.into_iter().collect();
    Ok(Live { state: assembled.state, left_out, fingerprint, snapshot, server, uses })
}

/// Fills in what views and opaque objects depend on; gives back what is used and not in the state.
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
        if !known || assembled.state.get(user).is_some_and(has_list) {
            edges.push((*user, row.used()));
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
            (Some(id), _) => Some(*id),
            (None, Some(row)) => {
                uses.entry(found_outside(row)).or_default().insert(user);
                row.id()
            }
            (None, None) => None,
        };
        if let Some(id) = id.filter(|id| *id != user) {
            let object = assembled.state.objects.get_mut(&user);
            if let Some(object) = object.filter(|object| has_list(object)) {
                object.head.depends_on.insert(id);
            }
        }
    }
    Ok(uses)
}

/// Tells whether an object has a list of what it depends on. Others name what they use in their text.
fn has_list(object: &Object) -> bool {
    matches!(object.body, Body::Definition(_) | Body::View(_))
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
