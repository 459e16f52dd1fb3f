use crate::{
    model::ObjectId,
    server::{Activity, Canceller, Notice, OlderSessions},
};

/// How far an index build is, as the server tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildProgress {
    /// What it is doing: `building index: scanning table`.
    pub phase: String,
    /// How much of the phase is done.
    pub done: u64,
    /// Out of how much; 0 where the server cannot tell.
    pub total: u64,
    /// What is counted: `rows`, `blocks` or `sessions`.
    pub unit: &'static str,
    /// The process that it waits for, if it waits.
    pub waits_for: Option<i32>,
}

impl BuildProgress {
    /// How much of the phase is done, 0 to 100, if that is known.
    #[must_use]
    #[allow(clippy::cast_precision_loss, reason = "a percentage for people")]
    pub fn percent(&self) -> Option<f64> {
        (self.total > 0).then(|| 100.0 * self.done as f64 / self.total as f64)
    }
}

/// Hears how the work goes on. Called from the executor's own task, so it must not block.
pub trait Observer: Send {
    /// The work is done in this session: a process that ends at once leaves it behind in the server.
    fn works_in(&mut self, pid: i32, canceller: Canceller);
    /// Of several plans, this one begins; `back` if it is being undone.
    fn plan_started(&mut self, name: &str, back: bool);
    /// Segment `number` of `of` begins; `back` if it is being undone.
    fn segment_started(&mut self, number: u32, of: u32, does: &[String], back: bool);
    /// Segment `number` of `of` had nothing to do: what it makes was here before the plan (`made`), or what it drops was gone
    /// before it. It was not run, or, if `back`, is not undone.
    fn segment_found(&mut self, number: u32, of: u32, does: &[String], made: bool, back: bool);
    /// A lock was not to be had, for the `tries`th time, because of these; all was rolled back and is tried again.
    fn waiting_for_lock(&mut self, relation: Option<&ObjectId>, blockers: &[Activity], tries: u32);
    /// What would keep a build waiting is waited for before it begins.
    fn waiting_for_sessions(&mut self, older: &OlderSessions);
    /// A build goes on.
    fn build_progress(&mut self, progress: &BuildProgress);
    /// Something that people should know before it goes on.
    fn warned(&mut self, text: &str);
    /// What the server said beside its answers.
    fn notice(&mut self, notice: &Notice);
    /// The segment is done, or undone, and journaled.
    fn segment_done(&mut self, number: u32, of: u32, seconds: f64, back: bool);
    /// Whether to stop at the next place where that is clean: asked between statements and while one runs.
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
