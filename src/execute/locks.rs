//! Finds the relations of a plan's locks, writes the statements that take them, and names who holds them.
use super::sql;
use crate::{
    model::{ObjectId, Qualified},
    plan::format::{Lock, LockMode},
    server::{Activity, Connection, ServerError},
};
use std::time::Duration;

/// Lock of a plan, as this database knows the relation.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) object: ObjectId,
    relation: Qualified,
    mode: LockMode,
    oid: u32,
    /// True where `lock table` can take the lock. Not on sequences and indexes; not on views, as it would lock what
    /// they select from just as strongly; not where the role has no more than `references` on a foreign key's partner.
    pub(super) by_statement: bool,
}

/// Looks the relations up. Those that are not there (any more, or under another name) are left out: the statement that
/// needs them will say so, and `lock_timeout` bounds its wait.
pub(super) async fn look_up(connection: &mut Connection, locks: &[Lock]) -> Result<Vec<Wanted>, ServerError> {
    let named: Vec<(Qualified, &Lock)> =
        locks.iter().filter_map(|lock| lock.relation.relation().map(|relation| (relation, lock))).collect();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let values: Vec<String> = named
        .iter()
        .enumerate()
        .map(|(at, (q, _))| format!("({at}, {}, {})", sql::literal(q.schema.as_str()), sql::literal(q.name.as_str())))
        .collect();
    let query = format!(
        "select v.at, c.oid,
                c.relkind in ('r', 'p') and pg_catalog.has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE')
         from (values {}) v(at, schema, name)
         join pg_catalog.pg_namespace n on n.nspname = v.schema
         join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.name
         order by 1",
        values.join(", ")
    );
    let mut wanted = Vec::new();
    for row in connection.query_text(&query).await? {
        let value = |column: usize| row.get(column).and_then(Option::as_deref).unwrap_or_default();
        let (Ok(at), Ok(oid)) = (value(0).parse::<usize>(), value(1).parse()) else { continue };
        let Some((relation, lock)) = named.get(at) else { continue };
        let by_statement = value(2) == "t" && lock.mode >= LockMode::ShareUpdateExclusive;
        let (relation, object) = (*relation, lock.relation);
        wanted.push(Wanted { object, relation, mode: lock.mode, oid, by_statement });
    }
    Ok(wanted)
}

/// Gives the statement that takes a lock: at once or not at all the first time, then within `lock_timeout`.
pub(super) fn statement(lock: &Wanted, nowait: bool) -> String {
    // Partitions and children are in the plan's list themselves, where they are to be locked.
    let nowait = if nowait { " nowait" } else { "" };
    format!("lock table only {} in {} mode{nowait}", lock.relation, lock.mode.as_sql())
}

/// Lists the sessions that hold, or queue for, what these locks conflict with. Asked by the session itself after it
/// gave up, so no second one is needed; who is gone by then is in nobody's way any more.
pub(super) async fn holders(connection: &mut Connection, wanted: &[Wanted]) -> Result<Vec<Activity>, ServerError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let conflicts: Vec<String> = wanted
        .iter()
        .map(|lock| {
            let modes: Vec<String> =
                conflicting(lock.mode).iter().map(|mode| format!("'{}Lock'", mode.as_str())).collect();
            format!("(l.relation = {} and l.mode in ({}))", lock.oid, modes.join(", "))
        })
        .collect();
    // A prepared transaction has no pid; its lock on its own transaction says which one it is. (Its virtual transaction is the
    // one of the session that prepared it, until the server restarts.)
    let query = format!(
        "with held as materialized (
             select l.pid, l.virtualtransaction from pg_catalog.pg_locks l
             where l.locktype = 'relation' and l.pid is distinct from pg_catalog.pg_backend_pid()
               and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())
               and ({}))
         select a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), a.state,
                extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)),
                pg_catalog.left(a.query, 200)
         from pg_catalog.pg_stat_activity a where a.pid in (select pid from held)
         union all
         select null, p.owner::text, p.gid, 'prepared',
                extract(epoch from pg_catalog.clock_timestamp() - p.prepared), null
         from pg_catalog.pg_prepared_xacts p
         join pg_catalog.pg_locks x on x.locktype = 'transactionid' and x.granted and x.pid is null
              and x.transactionid = p.transaction
         where x.virtualtransaction in (select virtualtransaction from held where pid is null)
         order by 5 desc nulls last",
        conflicts.join(" or ")
    );
    Ok(connection.query_text(&query).await?.into_iter().filter_map(activity).collect())
}

fn activity(row: Vec<Option<String>>) -> Option<Activity> {
    let [pid, role, name, state, age, query] = row.try_into().ok()?;
    Some(Activity {
        pid: pid.and_then(|pid| pid.parse().ok()),
        role: role.unwrap_or_default(),
        name: name.unwrap_or_default(),
        state,
        age: age.and_then(|age| age.parse().ok()).and_then(|age| Duration::try_from_secs_f64(age).ok()),
        query,
    })
}

/// Lists the modes that conflict with one:
/// <https://www.postgresql.org/docs/18/explicit-locking.html#TABLE-LOCK-COMPATIBILITY>
fn conflicting(mode: LockMode) -> &'static [LockMode] {
    use LockMode::{
        AccessExclusive, AccessShare, Exclusive, RowExclusive, RowShare, Share, ShareRowExclusive, ShareUpdateExclusive,
    };
    match mode {
        AccessShare => &[AccessExclusive],
        RowShare => &[Exclusive, AccessExclusive],
        RowExclusive => &[Share, ShareRowExclusive, Exclusive, AccessExclusive],
        ShareUpdateExclusive => &[ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive],
        Share => &[RowExclusive, ShareUpdateExclusive, ShareRowExclusive, Exclusive, AccessExclusive],
        ShareRowExclusive => {
            &[RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]
        }
        Exclusive => {
            &[RowShare, RowExclusive, ShareUpdateExclusive, Share, ShareRowExclusive, Exclusive, AccessExclusive]
        }
        AccessExclusive => &[
            AccessShare,
            RowShare,
            RowExclusive,
            ShareUpdateExclusive,
            Share,
            ShareRowExclusive,
            Exclusive,
            AccessExclusive,
        ],
    }
}
