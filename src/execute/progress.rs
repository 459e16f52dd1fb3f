//! Watches a running statement through a second connection: how far an index build is, and whom it waits for.
use super::{BuildProgress, RunSettings};
use crate::server::{Activity, Connection, blockers, connect_writing};

/// Application name of the second connection.
const NAME: &str = "pgform/watch";

/// Watches a statement through a second connection. That one is never in a transaction, so no build waits for it; it is
/// opened when it is first needed, and if it cannot be, nobody watches: the work itself does not depend on it.
pub(super) struct Watcher<'a> {
    settings: &'a RunSettings,
    pid: i32,
    connection: Option<Connection>,
    failed: bool,
}

impl<'a> Watcher<'a> {
    pub(super) fn new(settings: &'a RunSettings, pid: i32) -> Self {
        Self { settings, pid, connection: None, failed: false }
    }

    async fn connection(&mut self) -> Option<&mut Connection> {
        if self.connection.is_none() && !self.failed {
            let options = self.settings.watch.as_ref()?;
            self.connection = connect_writing(options, NAME).await.ok();
            self.failed = self.connection.is_none();
        }
        self.connection.as_mut()
    }

    /// Asks how far an index build of the session is; none if it builds none, or cannot be seen.
    pub(super) async fn progress(&mut self) -> Option<BuildProgress> {
        let pid = self.pid;
        let connection = self.connection().await?;
        let sql = format!(
            "select phase, tuples_done, tuples_total, blocks_done, blocks_total, lockers_done, lockers_total, current_locker_pid
             from pg_catalog.pg_stat_progress_create_index where pid = {pid}"
        );
        let row = connection.query_text(&sql).await.ok()?.into_iter().next()?;
        let number = |column: usize| row.get(column)?.as_deref()?.parse::<u64>().ok();
        let counted = |done: usize, unit| {
            let total = number(done + 1).filter(|total| *total > 0)?;
            Some((number(done)?, total, unit))
        };
        let waits_for = number(7).and_then(|pid| i32::try_from(pid).ok()).filter(|pid| *pid != 0);
        let counts = if waits_for.is_some() { counted(5, "sessions") } else { None };
        let (done, total, unit) =
            counts.or_else(|| counted(1, "rows")).or_else(|| counted(3, "blocks")).unwrap_or((0, 0, "blocks"));
        Some(BuildProgress { phase: row.first()?.clone()?, done, total, unit, waits_for })
    }

    /// Lists the sessions that the session waits for.
    pub(super) async fn blockers(&mut self) -> Vec<Activity> {
        let pid = self.pid;
        match self.connection().await {
            Some(connection) => blockers(connection, pid).await.unwrap_or_default(),
            None => Vec::new(),
        }
    }

    /// Ends the second connection.
    pub(super) async fn close(self) {
        if let Some(connection) = self.connection {
            // The connection held nothing; how it ends is of no interest.
            let _ = connection.close().await;
        }
    }
}
