//! Lists the sessions and prepared transactions that stand in the way of a lock or a build.
use super::{Connection, ServerError};
use std::{fmt, time::Duration};

/// A session, or a prepared transaction, that stands in the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Process number; none for a prepared transaction, which has no session.
    pub pid: Option<i32>,
    /// The role.
    pub role: String,
    /// Name that the session gives itself; the global identifier of a prepared transaction.
    pub name: String,
    /// `active`, `idle in transaction` …; `prepared`; none if the role may not see it.
    pub state: Option<String>,
    /// Age of the transaction, if that can be seen.
    pub age: Option<Duration>,
    /// The beginning of its current or last statement, if that can be seen.
    pub query: Option<String>,
}

impl fmt::Display for Activity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pid {
            Some(pid) => write!(f, "pid {pid} (")?,
            None => write!(f, "a prepared transaction (")?,
        }
        let name = if self.name.is_empty() { "unnamed" } else { &self.name };
        write!(f, "{name}, role {}", self.role)?;
        match &self.state {
            Some(state) => write!(f, ", {state}")?,
            None => write!(f, ", state not visible to this role")?,
        }
        if let Some(age) = self.age {
            write!(f, ", for {} s", age.as_secs())?;
        }
        write!(f, ")")
    }
}

/// Transactions older than was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OlderSessions {
    /// Open transactions and prepared ones, the oldest first.
    pub found: Vec<Activity>,
    /// Number of sessions that this role may not look into (`pg_read_all_stats` may): any of them may be older too.
    pub hidden: u64,
}

/// Text by which `pg_stat_activity` says that the role lacks the right.
const HIDDEN: &str = "<insufficient privilege>";

/// The columns of [`Activity`], from `pg_stat_activity a` and the start of its transaction.
const COLUMNS: &str = "\
a.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''), a.state,
       extract(epoch from pg_catalog.clock_timestamp() - coalesce(a.xact_start, a.query_start)), pg_catalog.left(a.query, 200)";

/// Lists the sessions that a session waits for, on any lock; a prepared transaction has no pid, and is named by the
/// lock it holds.
///
/// # Errors
/// If the server cannot be asked.
pub async fn blockers(connection: &mut Connection, pid: i32) -> Result<Vec<Activity>, ServerError> {
    // A prepared transaction shows up as 0. Which one it is, its locks on the same things say; they are found by the lock
    // that each transaction holds on its own number, as they have no pid, and keep the virtual number of the old session.
    let sql = format!(
        "with blocking as materialized (select distinct u.pid from pg_catalog.unnest(pg_catalog.pg_blocking_pids({pid})) u(pid))
         select {COLUMNS} from blocking b join pg_catalog.pg_stat_activity a on a.pid = b.pid
         union all
         select distinct null::int, p.owner::text, p.gid, 'prepared',
                extract(epoch from pg_catalog.clock_timestamp() - p.prepared), null
         from pg_catalog.pg_prepared_xacts p
         join pg_catalog.pg_locks own on own.locktype = 'transactionid' and own.transactionid = p.transaction
              and own.granted and own.pid is null
         join pg_catalog.pg_locks held on held.virtualtransaction = own.virtualtransaction and held.granted and held.pid is null
         join pg_catalog.pg_locks wanted on wanted.pid = {pid} and not wanted.granted
              and wanted.locktype = held.locktype and wanted.database is not distinct from held.database
              and wanted.relation is not distinct from held.relation
              and wanted.transactionid is not distinct from held.transactionid
         where exists (select from blocking b where b.pid = 0)"
    );
    Ok(connection.query_text(&sql).await?.into_iter().filter_map(activity).collect())
}

/// Lists the transactions of this database, prepared ones included, that have been open for longer than this: a
/// concurrent build would wait for them.
///
/// # Errors
/// If the server cannot be asked.
pub async fn older_sessions(connection: &mut Connection, max_age: Duration) -> Result<OlderSessions, ServerError> {
    let seconds = max_age.as_secs_f64();
    // Vacuum is left out: builds don't wait for it.
    let sql = format!(
        "select {COLUMNS} from pg_catalog.pg_stat_activity a
         where a.datname = pg_catalog.current_database() and a.pid <> pg_catalog.pg_backend_pid()
           and a.backend_type is distinct from 'autovacuum worker'
           and (a.query = '{HIDDEN}'
                or a.xact_start < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => {seconds}))
         union all
         select null, p.owner::text, p.gid, 'prepared',
                extract(epoch from pg_catalog.clock_timestamp() - p.prepared), null
         from pg_catalog.pg_prepared_xacts p
         where p.database = pg_catalog.current_database()
           and p.prepared < pg_catalog.clock_timestamp() - pg_catalog.make_interval(secs => {seconds})
         order by 5 desc nulls last"
    );
    let mut older = OlderSessions::default();
    for row in connection.query_text(&sql).await? {
        if row.last().is_some_and(|query| query.as_deref() == Some(HIDDEN)) {
            older.hidden += 1;
        } else {
            older.found.extend(activity(row));
        }
    }
    Ok(older)
}

/// Reads a row of [`COLUMNS`].
fn activity(row: Vec<Option<String>>) -> Option<Activity> {
    let [pid, role, name, state, age, query] = row.try_into().ok()?;
    Some(Activity {
        pid: pid.and_then(|pid| pid.parse().ok()),
        role: role.unwrap_or_default(),
        name: name.unwrap_or_default(),
        state,
        age: age.and_then(|age| age.parse().ok()).and_then(|age| Duration::try_from_secs_f64(age).ok()),
        query: query.filter(|query| query != HIDDEN),
    })
}
