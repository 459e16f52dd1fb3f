//! Interruption by Ctrl-C or a signal: the first stops a running plan cleanly, the second ends the process.
use super::exit::Exit;
use crate::server::Canceller;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};

/// Longest time to wait, at the end, for the request that the server stop.
const ASKING: Duration = Duration::from_secs(1);

/// Interruption of the process, shared by its tasks. While a plan runs, the first signal stops it at the next clean
/// place; otherwise, and the second time, the process ends at once.
#[derive(Clone, Default)]
pub(super) struct Interrupt(Arc<State>);

#[derive(Default)]
struct State {
    asked: AtomicBool,
    running: AtomicBool,
    /// Backend pid of the session that works, and the canceller for it.
    session: Mutex<Option<(i32, Canceller)>>,
}

impl Interrupt {
    /// Tells whether somebody asked to stop.
    pub(super) fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// Notes that a plan runs from here on, to be stopped cleanly.
    pub(super) fn runs(&self) {
        self.0.running.store(true, Ordering::Relaxed);
    }

    /// Notes the session in which the plan runs from here on.
    pub(super) fn works_in(&self, pid: i32, canceller: Canceller) {
        if let Ok(mut session) = self.0.session.lock() {
            *session = Some((pid, canceller));
        }
    }

    /// Asks the server to stop the statement that this process leaves running, and tells how to end that session.
    async fn leave(&self) {
        let session = self.0.session.lock().ok().and_then(|mut session| session.take());
        let Some((pid, canceller)) = session else { return };
        let asked = matches!(tokio::time::timeout(ASKING, canceller.cancel()).await, Ok(Ok(())));
        let asked = if asked { "was asked to stop what it does" } else { "could not be asked to stop what it does" };
        super::render::line(&format!(
            "ended at once; the server's session {pid} {asked}. While it goes on, others find pgform busy; this ends it, \
             run in that database:\n  select pg_catalog.pg_terminate_backend({pid})\n\
             What it left is found by the next `apply` or `rollback`."
        ));
    }

    /// Listens for signals until the process is to end at once. On a task of its own: a question on the terminal blocks
    /// the main one.
    #[allow(clippy::exit, reason = "the main task may be waiting for an answer on the terminal")]
    pub(super) async fn listen(self) {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return;
        };
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if !self.0.running.load(Ordering::Relaxed) || self.0.asked.swap(true, Ordering::Relaxed) {
                if self.0.running.load(Ordering::Relaxed) {
                    self.leave().await;
                }
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
            super::render::line("stopping where it is clean; once more ends at once");
        }
    }
}
