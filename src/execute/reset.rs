//! Empties a database of what pgform manages, so that its plans run from the first one again.
use super::{Journal, journal::BEGIN, sql};
use crate::{
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::quote,
    server::Connection,
};

/// Longest wait for a lock that somebody holds.
const PATIENCE: &str = "10s";

/// Things that a reset drops.
#[derive(Clone, Debug, Default)]
pub struct Reset {
    /// Objects in schemas, but for those whose names pgform leaves alone.
    pub contents: Vec<Content>,
    /// Objects in no schema: the kind as `drop` calls it, and the name.
    pub beside: Vec<(String, String)>,
    /// Extensions that plans made.
    pub extensions: Vec<String>,
    /// Schemas that plans made.
    pub schemas: Vec<String>,
}

/// Object that lives in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Catalog that holds the object's row.
    pub class: String,
    /// Number of the row there.
    pub oid: String,
    /// Kind of the object, as the catalog calls it; `word` gives the one that `drop` takes.
    pub kind: String,
    /// Identity of the object, as PostgreSQL writes it.
    pub identity: String,
    /// Schema of the object.
    pub schema: String,
    /// Name of the object.
    pub name: String,
}

/// Query for the objects of some schemas, tables first: what belongs to them goes with them.
const CONTENTS: &str = "
select d.classid::pg_catalog.regclass::text, d.objid::text, i.type, i.identity, n.nspname,
    coalesce(i.name, p.proname, o.oprname, '')
from pg_catalog.pg_depend d
join pg_catalog.pg_namespace n on d.refobjid = n.oid
cross join lateral pg_catalog.pg_identify_object(d.classid, d.objid, d.objsubid) i
left join pg_catalog.pg_proc p on d.classid = p.tableoid and d.objid = p.oid
left join pg_catalog.pg_operator o on d.classid = o.tableoid and d.objid = o.oid
where d.refclassid = 'pg_catalog.pg_namespace'::pg_catalog.regclass and d.deptype = 'n' and n.nspname = any ($SCHEMAS)
  and i.type <> 'extension'
  and not exists (select from pg_catalog.pg_depend e
      where e.classid = d.classid and e.objid = d.objid and e.objsubid = 0 and e.deptype in ('e', 'i', 'a'))
order by i.type not in ('table', 'foreign table'), i.type, i.identity";

/// Query for what leans on what goes and does not go by itself: neither a part of it nor one of it.
const LEANING: &str = "
with recursive ours as (
    select w.c::pg_catalog.regclass::oid as c, w.o::oid as o from unnest($CLASSES, $OIDS) as w (c, o)
    union
    select d.classid, d.objid from ours join pg_catalog.pg_depend d on d.refclassid = ours.c and d.refobjid = ours.o
    where d.deptype in ('a', 'i', 'P', 'S'))
select distinct pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid)
from ours join pg_catalog.pg_depend d on d.refclassid = ours.c and d.refobjid = ours.o
where d.deptype = 'n' and not exists (select from ours x where x.c = d.classid and x.o = d.objid)
order by 1";

/// Lists what lives in some schemas and is no extension's.
///
/// # Errors
/// If the server cannot be asked.
pub async fn contents(connection: &mut Connection, schemas: &[String]) -> Result<Vec<Content>, Diagnostics> {
    let query = CONTENTS.replace("$SCHEMAS", &array(schemas.iter()));
    let rows = connection.query_text(&query).await.map_err(Diagnostic::from)?;
    let content = |row: Vec<Option<String>>| {
        let [class, oid, kind, identity, schema, name] = <[Option<String>; 6]>::try_from(row).ok()?;
        Some(Content { class: class?, oid: oid?, kind: kind?, identity: identity?, schema: schema?, name: name? })
    };
    Ok(rows.into_iter().filter_map(content).collect())
}

/// The tables that hold a row, up to a few of them.
///
/// # Errors
/// If one cannot be read.
pub async fn with_rows(connection: &mut Connection, contents: &[Content]) -> Result<Vec<String>, Diagnostics> {
    let mut found = Vec::new();
    for table in contents.iter().filter(|content| content.kind == "table") {
        let query = format!("select exists (select from {})", table.identity);
        let rows = connection.query_text(&query).await.map_err(Diagnostic::from)?;
        if rows.into_iter().flatten().flatten().any(|answer| answer == "t") {
            found.push(table.identity.clone());
        }
    }
    Ok(found)
}

/// Drops all of it, and forgets which plans ran, in one transaction; what the database knows about itself stays.
///
/// # Errors
/// [`Code::Unknown`] if something leans on it that does not go; what the server refuses. Nothing is dropped then.
pub async fn reset(connection: &mut Connection, what: &Reset, role: Option<&str>) -> Result<(), Diagnostics> {
    let begin = format!("{BEGIN}; set local lock_timeout = '{PATIENCE}'");
    connection.batch(&begin).await.map_err(Diagnostic::from)?;
    let done = inside(connection, what, role).await;
    if done.is_err() && !connection.is_closed() {
        connection.batch("rollback").await.map_err(Diagnostic::from)?;
    }
    done
}

async fn inside(connection: &mut Connection, what: &Reset, role: Option<&str>) -> Result<(), Diagnostics> {
    connection.batch(&sql::set_role(true, role)).await.map_err(Diagnostic::from)?;
    for (kind, name) in &what.beside {
        run(connection, &format!("drop {kind} if exists {name} cascade")).await?;
    }
    nothing_leans(connection, &what.contents).await?;
    for content in &what.contents {
        let there = format!("select exists (select from {} where oid = {})", content.class, content.oid);
        let rows = connection.query_text(&there).await.map_err(Diagnostic::from)?;
        // False where the object went with something else that it belonged to, or leaned on.
        if rows.into_iter().flatten().flatten().any(|answer| answer == "t") {
            run(connection, &format!("drop {} {} cascade", word(&content.kind), content.identity)).await?;
        }
    }
    for schema in &what.schemas {
        run(connection, &format!("drop schema {}", quote(schema))).await?;
    }
    connection.batch(&sql::set_role(true, None)).await.map_err(Diagnostic::from)?;
    for extension in &what.extensions {
        run(connection, &format!("drop extension {}", quote(extension))).await?;
    }
    Journal::forget(connection).await?;
    connection.batch("commit").await.map_err(Diagnostic::from)?;
    Ok(())
}

async fn run(connection: &mut Connection, statement: &str) -> Result<(), Diagnostics> {
    connection.batch(statement).await.map_err(|error| {
        let (locked, many) = (error.is("55P03"), error.is("53200"));
        let diagnostic = Diagnostic::from(error);
        let message = format!("{statement}: {}; nothing was dropped", diagnostic.message);
        let diagnostic = Diagnostic { message, ..diagnostic };
        Diagnostics::from(match (locked, many) {
            (true, _) => diagnostic.help("another session uses it: end it, then say it again"),
            (_, true) => diagnostic.help("raise `max_locks_per_transaction` of the server, then say it again"),
            (false, false) => diagnostic,
        })
    })
}

/// Refuses, naming it, what would go along without being pgform's.
async fn nothing_leans(connection: &mut Connection, contents: &[Content]) -> Result<(), Diagnostics> {
    let query = LEANING
        .replace("$CLASSES", &array(contents.iter().map(|content| &content.class)))
        .replace("$OIDS", &array(contents.iter().map(|content| &content.oid)));
    let found = connection.query_text(&query).await.map_err(Diagnostic::from)?;
    let found: Vec<String> = found.into_iter().flatten().flatten().collect();
    if found.is_empty() {
        return Ok(());
    }
    let message =
        format!("what is not managed leans on what would be dropped: {}; nothing was dropped", found.join(", "));
    Err(Diagnostic::error(Code::Unknown, message)
        .help("drop it by hand, or manage its schema, then say it again")
        .into())
}

/// Gives the kind as `drop` calls it.
fn word(kind: &str) -> &str {
    match kind {
        "function" | "procedure" | "aggregate" => "routine",
        "statistics object" => "statistics",
        "composite type" => "type",
        other => other,
    }
}

fn array<'t>(texts: impl Iterator<Item = &'t String>) -> String {
    let list: Vec<String> = texts.map(|text| sql::literal(text)).collect();
    format!("array[{}]::pg_catalog.text[]", list.join(", "))
}
