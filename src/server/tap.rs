//! Listens on a connection's line for what the client above loses: SQLSTATE, rows, notices, the server's last words.
use super::{Notice, ServerError, frames};
use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Longest silence of a server while its answer is waited for, where nothing else is said: longer than anything that
/// pgform asks beside a plan's own statements takes.
const SILENCE: Duration = Duration::from_secs(15 * 60);

/// Number of notices that are kept. More than this is a loop that raises: the rest is counted only.
const NOTICES_KEPT: usize = 1000;

/// The rows of an answer, every value as text.
pub(super) type Rows = Vec<Vec<Option<String>>>;

/// Record of what was heard on a connection's line.
///
/// diesel-async drops the SQLSTATE of errors and the rows of a batch, and keeps its client to itself. So pgform listens
/// to the server's messages where they come in, beneath the client and above TLS, and keeps what the client loses.
#[derive(Default)]
pub(super) struct Tap(Mutex<Heard>);

struct Heard {
    /// Number of answers that are not complete yet; the first one is to the beginning of the session.
    owed: usize,
    /// Time when something last went over the line.
    last: Instant,
    /// Longest silence of the server while an answer is owed.
    patience: Option<Duration>,
    /// Number of statements of the last message that were done.
    completed: usize,
    error: Option<ServerError>,
    /// Reason why the server ended the session; stays, as every later statement fails for it.
    fatal: Option<ServerError>,
    notices: Vec<Notice>,
    more_notices: usize,
    /// Rows of the answer, while they are asked for.
    rows: Option<Rows>,
    ended: bool,
}

impl Default for Heard {
    fn default() -> Self {
        Self {
            owed: 1,
            last: Instant::now(),
            patience: Some(SILENCE),
            completed: 0,
            error: None,
            fatal: None,
            notices: Vec::new(),
            more_notices: 0,
            rows: None,
            ended: false,
        }
    }
}

impl Tap {
    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes bytes from the server.
    pub(super) fn hear(&self, frames: &mut frames::Frames, bytes: &[u8]) {
        let mut heard = self.heard();
        let recording = heard.rows.is_some();
        heard.last = Instant::now();
        frames.feed(
            bytes,
            |kind| matches!(kind, b'E' | b'N' | b'Z' | b'C' | b'I') || (kind == b'D' && recording),
            |kind, body| match kind {
                // Ready for the next question.
                b'Z' => heard.owed = heard.owed.saturating_sub(1),
                b'C' => heard.completed += 1,
                b'I' => {}
                b'E' => {
                    let error = frames::error(body);
                    if error.connection_lost {
                        heard.fatal = Some(error.clone());
                    }
                    heard.error = Some(error);
                }
                b'N' if heard.notices.len() < NOTICES_KEPT => heard.notices.push(frames::notice(body)),
                b'N' => heard.more_notices += 1,
                _ => {
                    if let (Some(row), Some(rows)) = (frames::row(body), heard.rows.as_mut()) {
                        rows.push(row);
                    }
                }
            },
        );
    }

    /// Notes that so many questions went to the server.
    pub(super) fn asked(&self, questions: usize) {
        let mut heard = self.heard();
        heard.owed += questions;
        heard.last = Instant::now();
    }

    /// Gives the time when the server will have been silent for too long; `None` where no answer is owed, or silence is
    /// allowed.
    pub(super) fn too_long_at(&self) -> Option<Instant> {
        let heard = self.heard();
        heard.patience.filter(|_| heard.owed > 0).map(|patience| heard.last + patience)
    }

    /// Gives the session up: the server was silent for too long.
    pub(super) fn give_up(&self) {
        let mut heard = self.heard();
        let seconds = heard.patience.unwrap_or_default().as_secs();
        let message = format!("the server has not answered for {seconds} s: it hangs, or the line to it is dead");
        heard.fatal.get_or_insert_with(|| ServerError::lost(message));
        heard.ended = true;
    }

    pub(super) fn set_patience(&self, patience: Option<Duration>) -> Option<Duration> {
        std::mem::replace(&mut self.heard().patience, patience)
    }

    pub(super) fn completed(&self) -> usize {
        self.heard().completed
    }

    /// Notes that the line ended.
    pub(super) fn end(&self) {
        self.heard().ended = true;
    }

    /// Forgets earlier errors and rows, before a statement; keeps its rows if they are asked for.
    pub(super) fn start(&self, rows: bool) {
        let mut heard = self.heard();
        heard.error = None;
        heard.completed = 0;
        heard.rows = rows.then(Rows::new);
    }

    pub(super) fn take_rows(&self) -> Rows {
        self.heard().rows.take().unwrap_or_default()
    }

    /// The last error that the server gave since the start of the statement.
    pub(super) fn take_error(&self) -> Option<ServerError> {
        self.heard().error.take()
    }

    /// Gives the reason why the session ended, if it did.
    pub(super) fn why_ended(&self) -> Option<ServerError> {
        let heard = self.heard();
        match &heard.fatal {
            Some(fatal) => Some(fatal.clone()),
            None if heard.ended => Some(ServerError::lost("the server closed the connection")),
            None => None,
        }
    }

    pub(super) fn take_notices(&self) -> Vec<Notice> {
        let mut heard = self.heard();
        let mut notices = std::mem::take(&mut heard.notices);
        let more = std::mem::take(&mut heard.more_notices);
        if more > 0 {
            notices.push(Notice {
                severity: "NOTICE".to_owned(),
                sqlstate: None,
                message: format!("{more} more notices were not kept"),
                detail: None,
                hint: None,
            });
        }
        notices
    }
}
