//! Trait of those who hear how a run goes on and may stop it.
use crate::{
    model::ObjectId,
    server::{Activity, Canceller, Notice, OlderSessions},
};

/// Progress of an index build, as the server tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildProgress {
    /// Phase of the build: `building index: scanning table`.
    pub phase: String,
    /// Amount of the phase that is done, in `unit`.
    pub done: u64,
    /// Amount of the whole phase; 0 where the server cannot tell.
    pub total: u64,
    /// Unit of the amounts: `rows`, `blocks` or `sessions`.
    pub unit: &'static str,
    /// Process that the build waits for, if it waits.
    pub waits_for: Option<i32>,
}

impl BuildProgress {
    /// Gives the share of the phase that is done, 0 to 100, if that is known.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a percentage for people")]
    pub fn percent(&self) -> Option<f64> {
        (self.total > 0).then(|| 100.0 * self.done as f64 / self.total as f64)
    }
}

/// Hears how the work goes on. Called from the executor's own task, so it must not block.
pub trait Observer: Send {
    /// Hears which session does the work: a process that ends at once leaves it behind in the server.
    fn works_in(&mut self, pid: i32, canceller: Canceller);
    /// Hears that one of several plans begins; `back` if it is being undone.
    fn plan_started(&mut self, name: &str, back: bool);
    /// Hears that segment `number` of `of` begins; `back` if it is being undone.
    fn segment_started(&mut self, number: u32, of: u32, does: &[String], back: bool);
    /// Hears that segment `number` of `of` had nothing to do: what it makes was here before the plan (`made`), or what
    /// it drops was gone before it. It was not run, or, if `back`, is not undone.
    fn segment_found(&mut self, number: u32, of: u32, does: &[String], made: bool, back: bool);
    /// Hears that a lock was not to be had, for the `tries`th time, because of these; all was rolled back and is tried
    /// again.
    fn waiting_for_lock(&mut self, relation: Option<&ObjectId>, blockers: &[Activity], tries: u32);
    /// Hears which sessions are waited for before a build begins, as they would keep it waiting.
    fn waiting_for_sessions(&mut self, older: &OlderSessions);
    /// Hears that a build goes on.
    fn build_progress(&mut self, progress: &BuildProgress);
    /// Hears something that people should know before the run goes on.
    fn warned(&mut self, text: &str);
    /// Hears what the server said beside its answers.
    fn notice(&mut self, notice: &Notice);
    /// Hears that the segment is done, or undone, and journaled.
    fn segment_done(&mut self, number: u32, of: u32, seconds: f64, back: bool);
    /// Says whether to stop at the next place where that is clean: asked between statements and while one runs.
    fn should_stop(&self) -> bool;
}

/// Says nothing and never stops.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Observer for Silent {
    fn works_in(&mut self, _: i32, _: Canceller) {}
    fn plan_started(&mut self, _: &str, _: bool) {}
    fn segment_started(&mut self, _: u32, _: u32, _: &[String], _: bool) {}
    fn segment_found(&mut self, _: u32, _: u32, _: &[String], _: bool, _: bool) {}
    fn waiting_for_lock(&mut self, _: Option<&ObjectId>, _: &[Activity], _: u32) {}
    fn waiting_for_sessions(&mut self, _: &OlderSessions) {}
    fn build_progress(&mut self, _: &BuildProgress) {}
    fn warned(&mut self, _: &str) {}
    fn notice(&mut self, _: &Notice) {}
    fn segment_done(&mut self, _: u32, _: u32, _: f64, _: bool) {}
    fn should_stop(&self) -> bool {
        false
    }
}
