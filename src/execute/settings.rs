use crate::server::ConnectOptions;
use std::time::Duration;

/// How patient the executor is, and as whom it works.
#[derive(Clone, Debug)]
pub struct RunSettings {
    /// How long one wait for a lock may be: for as long, everyone behind it waits too.
    pub max_stall: Duration,
    /// How long a segment's locks are tried for, and older sessions waited for, before giving up.
    pub lock_budget: Duration,
    /// Before a scan, a build or a rewrite: transactions older than this are waited for. `None`: nobody looks.
    pub max_wait: Option<Duration>,
    /// How long one statement may take. `None`: for ever, inside of a lock too, as there is nobody who could wait behind it.
    pub deadline: Option<Duration>,
    /// The role that owns what plans make, and pgform's schema; the login role where there is none.
    pub role: Option<String>,
    /// For a second connection, through which builds are watched. `None`: nobody watches.
    pub watch: Option<ConnectOptions>,
    /// Whether subscribers of everything have been prepared for pgform's schema.
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
    /// For a server with one connection at a time, which is the proof's: nobody else is there to wait for.
    #[must_use]
    pub fn alone() -> Self {
        Self { max_wait: None, deadline: None, lock_budget: Duration::ZERO, ..Self::default() }
    }
}
