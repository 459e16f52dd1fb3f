//! Waits: between two tries for a lock, and until older transactions end.
use super::{context::Context, failure::Failure};
use crate::server::{Connection, older_sessions};
use std::{
    hash::{BuildHasher, Hasher, RandomState},
    ops::AddAssign,
    time::{Duration, Instant},
};

/// Pause after the first failed try for a lock; it doubles up to the longest.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);
/// Pause between two looks at older sessions.
const LOOK: Duration = Duration::from_millis(500);

/// Gives half to one and a half of the pause that is due: two that wait for each other don't stay in step.
pub(super) fn pause(tries: u32) -> Duration {
    let due = SHORTEST.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LONGEST);
    let random = RandomState::new().build_hasher().finish() % 1000;
    due / 2 + due.mul_f64(f64::from(u32::try_from(random).unwrap_or_default()) / 1000.0)
}

/// Number of tries of a part, and the time for which it waited before the try that came through.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tries {
    pub(super) number: u32,
    pub(super) waited: Duration,
}

impl AddAssign for Tries {
    fn add_assign(&mut self, other: Self) {
        self.number += other.number;
        self.waited += other.waited;
    }
}

/// Waits until no transaction is older than `max_wait`, so that a build or scan does not begin behind one. Gives how long
/// that was.
pub(super) async fn for_older(connection: &mut Connection, cx: &mut Context<'_>) -> Result<Duration, Failure> {
    let Some(max_wait) = cx.settings.max_wait else { return Ok(Duration::ZERO) };
    let began = Instant::now();
    let mut waited = Duration::ZERO;
    loop {
        let older = older_sessions(connection, max_wait).await?;
        if older.found.is_empty() {
            return Ok(waited);
        }
        if waited >= cx.settings.lock_budget {
            return Err(Failure::Older { found: older.found, waited });
        }
        if cx.observer.should_stop() {
            return Err(Failure::Interrupted);
        }
        cx.observer.waiting_for_sessions(&older);
        tokio::time::sleep(LOOK.min(cx.settings.lock_budget.saturating_sub(waited))).await;
        waited = began.elapsed();
    }
}
