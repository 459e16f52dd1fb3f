//! Progress of running plans on the terminal: a line for each segment, rewritten while it runs.
use super::interrupt::Interrupt;
use super::output::Output;
use crate::execute::{BuildProgress, Observer};
use crate::model::ObjectId;
use crate::report::{Progress, ProgressState};
use crate::server::{Activity, Canceller, Notice, OlderSessions};
use std::time::{Duration, Instant};

/// Width of a segment's description, in columns of a terminal.
const WIDTH: usize = 52;
/// Time between two lines about a running segment, where lines stay.
const OFTEN: Duration = Duration::from_secs(10);

/// Observer that prints a line per segment: while it runs, over and over on a terminal, now and then elsewhere.
pub(super) struct Lines {
    output: Output,
    interrupt: Interrupt,
    segment: (u32, u32),
    does: String,
    began: Instant,
    wait: Option<Wait>,
    build: Option<Build>,
    told: Option<Instant>,
}

/// Wait for locks or sessions, so far.
struct Wait {
    tries: u32,
    waited: Duration,
    behind: Option<String>,
}

/// Phase of a build, with the time and count at which it was first seen.
struct Build {
    phase: String,
    from: u64,
    began: Instant,
}

impl Lines {
    pub(super) fn new(output: Output, interrupt: &Interrupt) -> Self {
        Self {
            output,
            interrupt: interrupt.clone(),
            segment: (0, 0),
            does: String::new(),
            began: Instant::now(),
            wait: None,
            build: None,
            told: None,
        }
    }

    fn line(&self, state: ProgressState) -> String {
        let (segment, of) = self.segment;
        let progress = Progress { segment: segment as usize, of: of as usize, does: self.does.clone(), state };
        format!(" {}", progress.line(WIDTH))
    }

    /// Begins the lines of a segment.
    fn begins(&mut self, segment: (u32, u32), does: &[String], back: bool) {
        let first = does.first().cloned().unwrap_or_default();
        let more = if does.len() > 1 { format!(" and {} more", does.len() - 1) } else { String::new() };
        self.does = format!("{}{first}{more}", if back { "undo: " } else { "" });
        self.segment = segment;
        (self.began, self.wait, self.build, self.told) = (Instant::now(), None, None, None);
    }

    /// Prints the state of a segment that still runs.
    fn now(&mut self, state: ProgressState) {
        let line = self.line(state);
        if self.output.passing(&line) || self.told.is_some_and(|told| told.elapsed() < OFTEN) {
            return;
        }
        self.told = Some(Instant::now());
        self.output.line(&line);
    }

    fn waiting(&mut self, tries: u32, behind: &[Activity]) {
        let waited = self.began.elapsed();
        // A session that is gone by now was in the way all the same.
        let behind = who(behind).or_else(|| self.wait.take().and_then(|w| w.behind));
        self.wait = Some(Wait { tries, waited, behind: behind.clone() });
        self.now(ProgressState::Waiting { ms: ms(waited), behind });
    }
}

/// Sessions in the way, in words: `pid 812 (api, idle in transaction) and 2 more`.
fn who(all: &[Activity]) -> Option<String> {
    let first = all.first()?;
    let name = if first.name.is_empty() { first.role.as_str() } else { first.name.as_str() };
    let state = first.state.as_deref().map(|s| format!(", {s}")).unwrap_or_default();
    let who = match first.pid {
        Some(pid) => format!("pid {pid} ({name}{state})"),
        None => format!("a prepared transaction ({name})"),
    };
    Some(if all.len() > 1 { format!("{who} and {} more", all.len() - 1) } else { who })
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Observer for Lines {
    fn works_in(&mut self, pid: i32, canceller: Canceller) {
        self.interrupt.works_in(pid, canceller);
    }

    fn plan_started(&mut self, name: &str, back: bool) {
        let way = if back { "back over " } else { "" };
        self.output.line(&format!("{way}{}", crate::diagnostic::shown(name)));
    }

    fn segment_started(&mut self, number: u32, of: u32, does: &[String], back: bool) {
        self.interrupt.runs();
        self.begins((number, of), does, back);
        // Only a line that passes: the segment may be done at once.
        self.output.passing(&self.line(ProgressState::Running { percent: None, done: None, left_ms: None }));
    }

    fn segment_found(&mut self, number: u32, of: u32, does: &[String], made: bool, back: bool) {
        self.begins((number, of), does, back);
        self.output.line(&self.line(ProgressState::Found { made, back }));
    }

    fn waiting_for_lock(&mut self, _: Option<&ObjectId>, blockers: &[Activity], tries: u32) {
        self.waiting(tries, blockers);
    }

    fn waiting_for_sessions(&mut self, older: &OlderSessions) {
        self.waiting(0, &older.found);
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage")]
    fn build_progress(&mut self, progress: &BuildProgress) {
        let BuildProgress { phase, done, total, unit, waits_for } = progress;
        if let Some(pid) = waits_for {
            let behind = Some(format!("pid {pid}"));
            return self.now(ProgressState::Waiting { ms: ms(self.began.elapsed()), behind });
        }
        if self.build.as_ref().is_none_or(|b| b.phase != *phase) {
            self.build = Some(Build { phase: phase.clone(), from: *done, began: Instant::now() });
        }
        let left_ms = self.build.as_ref().and_then(|b| {
            let (gone, left) = (done.saturating_sub(b.from), total.saturating_sub(*done));
            (gone > 0 && left > 0).then(|| ms(b.began.elapsed()).saturating_mul(left) / gone)
        });
        let counts = (*total > 0).then(|| (*done, *total, (*unit).to_owned()));
        self.now(ProgressState::Running { percent: progress.percent().map(|p| p as u8), done: counts, left_ms });
    }

    fn warned(&mut self, text: &str) {
        self.output.line(&format!("warning: {}", crate::diagnostic::shown(text)));
    }

    fn notice(&mut self, notice: &Notice) {
        self.output.line(&format!("      the server says: {}", crate::diagnostic::shown(&notice.message)));
    }

    fn segment_done(&mut self, _: u32, _: u32, _: f64, _: bool) {
        let wait = self.wait.take();
        let waited = wait.as_ref().map_or(Duration::ZERO, |w| w.waited);
        let state = ProgressState::Done {
            ms: ms(self.began.elapsed().saturating_sub(waited)),
            tries: wait.as_ref().map_or(1, |w| w.tries + 1),
            waited_ms: ms(waited),
            behind: wait.and_then(|w| w.behind),
        };
        self.output.line(&self.line(state));
    }

    fn should_stop(&self) -> bool {
        self.interrupt.is_asked()
    }
}
