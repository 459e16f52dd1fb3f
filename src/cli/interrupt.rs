use super::exit::Exit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::signal::unix::{SignalKind, signal};

/// What the user wants when Ctrl-C is pressed, or the process is told to end: while a plan runs, the first time that it
/// stops at the next clean place; otherwise, and the second time, that it ends at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<State>);

#[derive(Debug, Default)]
struct State {
    asked: AtomicBool,
    running: AtomicBool,
}

impl Interrupt {
    /// Whether somebody asked to stop.
    pub(super) fn is_asked(&self) -> bool {
        self.0.asked.load(Ordering::Relaxed)
    }

    /// A plan runs from here on: it is to be stopped cleanly.
    pub(super) fn runs(&self) {
        self.0.running.store(true, Ordering::Relaxed);
    }

    /// Listens until the process is to end at once. On a task of its own: a question on the terminal blocks the main one.
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
                std::process::exit(i32::from(Exit::Interrupted as u8));
            }
            super::render::line("stopping where it is clean; once more ends at once");
        }
    }
}
