//! Facts of a database about a plan, by sizes and statistics: rows that go, scan times, index build memory.
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::execute::{Silent, count_rows, look_ahead};
use crate::model::{Body, ColumnName, Index, Object, ObjectId, Qualified, Rename, State, before_renames};
use crate::plan::format::{HazardKind, Held, Look, Segment};
use crate::plan::sql::literal;
use crate::plan::{SMALL, VectorShape, hnsw_memory, ivfflat_lists, ivfflat_memory};
use crate::report::{Facts, count};
use crate::store::{Accepted, Mark, PlannedChange};
use crate::workflow::invocation::project::Connected;
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of a table that are read from disk in a millisecond: an estimate for people.
const SCANNED_PER_MS: u64 = 200 * 1024;

/// A table as the server's statistics know it.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    rows: u64,
    bytes: u64,
}

/// Reads facts about a plan: how many values go, how long tables are read, what index builds need. From sizes and
/// statistics only, but for rows that `apply` would refuse: those are counted.
///
/// # Errors
/// If the server refuses a query.
pub(crate) async fn facts(
    connected: &mut Connected,
    segments: &[Segment],
    (changes, renames): (&[PlannedChange], &[Rename]),
    before: &State,
    after: &BTreeMap<ObjectId, Option<Object>>,
) -> Result<Facts, Diagnostics> {
    let mut facts = Facts {
        database: connected.environment.clone().unwrap_or_else(|| connected.connection.info().database.clone()),
        ..Facts::default()
    };
    let tables: BTreeSet<Qualified> =
        segments.iter().flat_map(|s| &s.locks).filter_map(|lock| lock.relation.table_of()).collect();
    let sizes = sizes(connected, &tables, renames).await?;
    for (number, segment) in (1..).zip(segments) {
        let scans = segment.locks.iter().filter(|lock| matches!(lock.held, Held::Scan | Held::Rewrite));
        let bytes: u64 =
            scans.filter_map(|l| l.relation.table_of()).filter_map(|t| sizes.get(&t)).map(|s| s.bytes).sum();
        if bytes > 0 {
            facts.segments_ms.insert(number, (bytes / SCANNED_PER_MS).max(1));
        }
    }
    for change in changes.iter().filter(|change| change.does == Mark::Dropped) {
        if let Some((table, column)) = change.object.as_column()
            && let Some(size) = sizes.get(&table)
            && let Some(note) = values(connected, &here(&table, renames), &column, *size).await?
        {
            facts.notes.insert(change.object, note);
        }
    }
    facts.looks = looks(connected, segments).await?;
    let memory = memory(connected).await?;
    let mut state = before.clone();
    state.objects.extend(after.iter().filter_map(|(id, object)| Some((*id, object.clone()?))));
    let written = segments.iter().flat_map(|s| &s.hazards).filter(|h| h.hazard == HazardKind::Rewrite);
    for hazard in written {
        let Some(table) = hazard.object.table_of() else { continue };
        let Some(size) = sizes.get(&table) else { continue };
        let rows = rows(connected, &here(&table, renames), *size).await?;
        let text = format!("{}: {rows}{}", hazard.because, mebibytes(size.bytes));
        facts.hazards.insert(Accepted { hazard: hazard.hazard, object: hazard.object }, text);
    }
    let built = segments.iter().flat_map(|s| &s.hazards).filter(|h| h.hazard == HazardKind::IndexBuild);
    for hazard in built {
        if let Some(Body::Index(index)) = state.body(&hazard.object)
            && let Some(size) = sizes.get(&index.table)
            && let Some(text) = build(index, &state, *size, memory)
        {
            facts.hazards.insert(Accepted { hazard: hazard.hazard, object: hazard.object }, text);
        }
    }
    Ok(facts)
}

/// Name that a table has before the plan.
fn here(table: &Qualified, renames: &[Rename]) -> Qualified {
    let id = ObjectId::table(*table);
    let old = renames.iter().find(|r| r.to == id).map_or(&id, |r| &r.from);
    before_renames(old, renames).table_of().unwrap_or(*table)
}

async fn sizes(
    connected: &mut Connected,
    tables: &BTreeSet<Qualified>,
    renames: &[Rename],
) -> Result<BTreeMap<Qualified, Size>, Diagnostics> {
    let here: BTreeMap<&Qualified, Qualified> = tables.iter().map(|table| (table, here(table, renames))).collect();
    if here.is_empty() {
        return Ok(BTreeMap::new());
    }
    let pair = |q: &Qualified| format!("({}, {})", literal(q.schema.as_str()), literal(q.name.as_str()));
    let sql = format!(
        "select n.nspname, c.relname, greatest(c.reltuples, 0)::bigint, pg_catalog.pg_table_size(c.oid)
         from (values {}) v(schema, name) join pg_catalog.pg_namespace n on n.nspname = v.schema
         join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.name",
        here.values().collect::<BTreeSet<_>>().into_iter().map(pair).collect::<Vec<_>>().join(", ")
    );
    let rows = connected.connection.query_text(&sql).await.map_err(Diagnostic::from)?;
    let read = |row: Vec<Option<String>>| {
        let [schema, name, rows, bytes] = row.try_into().ok()?;
        let size = Size { rows: rows?.parse().ok()?, bytes: bytes?.parse().ok()? };
        Some((Qualified::new(schema?, name?), size))
    };
    let found: BTreeMap<Qualified, Size> = rows.into_iter().filter_map(read).collect();
    Ok(here.into_iter().filter_map(|(table, here)| Some((*table, *found.get(&here)?))).collect())
}

/// Estimates the rows that hold a value in a column, from the statistics of the last `analyze`.
async fn values(
    connected: &mut Connected,
    table: &Qualified,
    column: &ColumnName,
    size: Size,
) -> Result<Option<String>, Diagnostics> {
    let sql = format!(
        "select null_frac from pg_catalog.pg_stats where schemaname = {} and tablename = {} and attname = {}",
        literal(table.schema.as_str()),
        literal(table.name.as_str()),
        literal(column.as_str())
    );
    let found = connected.connection.query_text(&sql).await.map_err(Diagnostic::from)?;
    let nulls: Option<f64> = found.into_iter().flatten().flatten().next().and_then(|n| n.parse().ok());
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an estimate"
    )]
    let holding = |nulls: f64| (size.rows as f64 * (1.0 - nulls)).round() as u64;
    Ok(nulls.map(|nulls| format!("about {} of {} rows hold a value", count(holding(nulls)), count(size.rows))))
}

/// Time limit here for counting the rows that `apply` would refuse; `apply` itself has none.
const COUNTING: &str = "30s";

/// Counts of rows that `apply` would find and refuse, in the transaction that reads.
async fn looks(
    connected: &mut Connected,
    segments: &[Segment],
) -> Result<BTreeMap<Look, Result<u64, String>>, Diagnostics> {
    let set = |to: &str| format!("set local statement_timeout = '{to}'");
    if segments.iter().all(|segment| segment.looks.is_empty()) {
        return Ok(BTreeMap::new());
    }
    connected.connection.batch(&set(COUNTING)).await.map_err(Diagnostic::from)?;
    let found = look_ahead(&mut connected.connection, (1..).zip(segments), (&mut Silent, true)).await?;
    connected.connection.batch(&set("0")).await.map_err(Diagnostic::from)?;
    Ok(found.into_iter().map(|found| (found.look, found.count)).collect())
}

/// The tables whose rows take less than 16 MiB.
///
/// # Errors
/// If the server refuses the query.
pub(crate) async fn small_tables(connected: &mut Connected) -> Result<Vec<Qualified>, Diagnostics> {
    let sql = format!(
        "select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and pg_catalog.pg_table_size(c.oid) < {SMALL}"
    );
    let rows = connected.connection.query_text(&sql).await.map_err(Diagnostic::from)?;
    let read = |row: Vec<Option<String>>| {
        let [schema, name] = row.try_into().ok()?;
        Some(Qualified::new(schema?, name?))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}

/// Rows of a table, in words: counted where it is small and was never analyzed; nothing where a large one was not.
async fn rows(connected: &mut Connected, table: &Qualified, size: Size) -> Result<String, Diagnostics> {
    if size.rows > 0 || size.bytes >= SMALL {
        return Ok(if size.rows > 0 { format!("about {} rows, ", count(size.rows)) } else { String::new() });
    }
    let found = count_rows(&mut connected.connection, &format!("select from {table}")).await?;
    Ok(found.map(|rows| format!("{} rows, ", count(rows))).unwrap_or_default())
}

async fn memory(connected: &mut Connected) -> Result<u64, Diagnostics> {
    let sql = "select pg_catalog.pg_size_bytes(pg_catalog.current_setting('maintenance_work_mem'))";
    let found = connected.connection.query_text(sql).await.map_err(Diagnostic::from)?;
    Ok(found.into_iter().flatten().flatten().next().and_then(|n| n.parse().ok()).unwrap_or_default())
}

/// Memory that the build of a vector index needs there, in a sentence.
fn build(index: &Index, state: &State, size: Size, memory: u64) -> Option<String> {
    // Empty, or never analyzed: nothing can be said.
    if size.rows == 0 {
        return None;
    }
    let shape = VectorShape::of(index, state)?;
    let parameters = index.parameters();
    let parameter = |name: &str| parameters.get(name).and_then(|value| value.parse::<u64>().ok());
    let rows = count(size.rows);
    match index.method.as_str() {
        "hnsw" => {
            let need = hnsw_memory(shape, parameter("m").unwrap_or(16), size.rows);
            let kept = if need <= memory {
                "which keeps the graph in memory"
            } else {
                "the rest is built on disk, several times slower"
            };
            Some(format!(
                "about {} of maintenance_work_mem for the graph of {rows} rows; the server has {}, {kept}",
                mebibytes(need),
                mebibytes(memory)
            ))
        }
        "ivfflat" => {
            let lists = ivfflat_lists(index);
            let need = ivfflat_memory(shape, lists, size.rows);
            let enough = if need <= memory { "enough" } else { "too little: the build fails unless it is raised" };
            let little = if size.rows < lists {
                format!("; {rows} rows are fewer than its {lists} lists: low recall until it is built again")
            } else {
                String::new()
            };
            Some(format!(
                "asks for {} of maintenance_work_mem over {rows} rows; the server has {}, {enough}{little}",
                mebibytes(need),
                mebibytes(memory)
            ))
        }
        _ => None,
    }
}

fn mebibytes(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= 1024 * MIB {
        format!("{}.{} GiB", bytes / (1024 * MIB), bytes % (1024 * MIB) * 10 / (1024 * MIB))
    } else {
        format!("{} MiB", bytes.div_ceil(MIB))
    }
}
