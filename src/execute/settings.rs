//! Settings of a run: patience, deadlines and the role.
use crate::server::ConnectOptions;
use std::time::Duration;

/// Patience of the executor, and the role as which it works.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// Longest wait for a lock at one try: for as long, everyone behind it waits too.
    pub max_stall: Duration,
    /// Time for which a segment's locks are tried for, and older sessions waited for, before giving up.
    pub lock_budget: Duration,
    /// Age from which transactions are waited for before a scan, a build or a rewrite. `None`: nobody looks.
    pub max_wait: Option<Duration>,
    /// Longest time of one statement. `None`: for ever, inside of a lock too, as there is nobody who could wait behind
    /// it.
    pub deadline: Option<Duration>,
    /// Role that owns what plans make, and pgform's schema; the login role where there is none.
    pub role: Option<String>,
    /// Options for a second connection, through which builds are watched. `None`: nobody watches.
    pub watch: Option<ConnectOptions>,
    /// True where subscribers of everything have been prepared for pgform's schema.
    pub carriers_ready: bool,
}

impl Default for RunSettings {
    fn default() -> Self {
        Self {
            max_stall: Duration::from_millis(100),
            lock_budget: Duration::from_secs(600),
            max_wait: Some(Duration::from_secs(30)),
            deadline: Some(Duration::from_secs(24 * 3600)),
            role: None,
            watch: None,
            carriers_ready: false,
        }
    }
}

impl RunSettings {
    /// Settings for a server with one connection at a time, which is the proof's: nobody else is there to wait for.
    #[must_use]
    pub fn alone() -> Self {
        Self { max_wait: None, deadline: None, lock_budget: Duration::ZERO, ..Self::default() }
    }
}
