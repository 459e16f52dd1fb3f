//! Advisory lock that keeps a second pgform from writing to a database.
use super::Journal;
use crate::{
    diagnostic::{Code, Diagnostic},
    server::Connection,
};

/// Key of the advisory lock that one pgform holds on a database while it writes ("pgform-j" as a number).
const KEY: i64 = 0x7067_666f_726d_2d6a;

impl Journal {
    /// Takes the lock that keeps a second pgform out, for the session; each time it is taken, it must be given back.
    /// Never waits: a wait would be a snapshot that the first one's index build waits for.
    ///
    /// # Errors
    /// [`Code::Busy`] with who holds it.
    pub async fn lock(connection: &mut Connection) -> Result<(), Diagnostic> {
        let got = connection.query_text(&format!("select pg_catalog.pg_try_advisory_lock({KEY})")).await?;
        if got.iter().flatten().flatten().any(|answer| answer == "t") {
            return Ok(());
        }
        let sql = format!(
            "select 'pid ' || l.pid || coalesce(' (' || a.application_name || ', role ' || a.usename || ')', '')
             from pg_catalog.pg_locks l left join pg_catalog.pg_stat_activity a on a.pid = l.pid
             where l.locktype = 'advisory' and l.granted and l.objsubid = 1
               and l.classid::bigint = {} and l.objid::bigint = {}
               and l.database = (select oid from pg_catalog.pg_database where datname = pg_catalog.current_database())",
            KEY >> 32,
            KEY & 0xffff_ffff
        );
        let holder = connection.query_text(&sql).await?.into_iter().flatten().flatten().next();
        let who = holder.unwrap_or_else(|| "it has just ended".to_owned());
        Err(Diagnostic::error(Code::Busy, format!("another pgform is at work on this database: {who}"))
            .help("wait until it is done, then say it again; it cannot be joined"))
    }

    /// Gives the lock back.
    ///
    /// # Errors
    /// If the server cannot be asked; the end of the session gives it back too.
    pub async fn unlock(connection: &mut Connection) -> Result<(), Diagnostic> {
        Ok(connection.batch(&format!("select pg_catalog.pg_advisory_unlock({KEY})")).await?)
    }
}
