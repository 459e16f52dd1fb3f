//! Progress of a segment while its plan runs, as a line on the terminal.
use super::words::{count, time};
use crate::diagnostic::shown;

/// Progress of a segment, while a plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Number of the segment, from 1.
    pub segment: usize,
    /// Count of the segments.
    pub of: usize,
    /// Description of the segment.
    pub does: String,
    /// State of the segment.
    pub state: ProgressState,
}

/// State of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressState {
    /// Waiting for a lock, or for older sessions.
    Waiting {
        /// Time waited, in milliseconds.
        ms: u64,
        /// Session in the way: `pid 812 (api, idle in transaction)`.
        behind: Option<String>,
    },
    /// Running.
    Running {
        /// Part done, in percent, if the server tells.
        percent: Option<u8>,
        /// Units done, units in all, and their name: rows, blocks.
        done: Option<(u64, u64, String)>,
        /// Time left, in milliseconds.
        left_ms: Option<u64>,
    },
    /// Done.
    Done {
        /// Duration, in milliseconds.
        ms: u64,
        /// Number of attempts to get the locks.
        tries: u32,
        /// Time waited for locks, in milliseconds.
        waited_ms: u64,
        /// Session that was in the way.
        behind: Option<String>,
    },
    /// Done by bringing back objects that a way back had set aside.
    Revived,
    /// Not run, as there was nothing to do.
    Found {
        /// True where the segment makes an object that existed before the plan; false where it drops one that was gone.
        made: bool,
        /// True on the way back.
        back: bool,
    },
}

impl Progress {
    /// Line without its end: `1/7  add column embedding   0.01 s`. `width` is that of the plan's longest description,
    /// so that the lines of one plan stand in columns.
    #[must_use]
    pub fn line(&self, width: usize) -> String {
        use unicode_width::UnicodeWidthStr as _;
        let Self { segment, of, does, state } = self;
        let digits = of.to_string().len();
        let does = shown(does);
        let gap = " ".repeat(width.saturating_sub(does.width()));
        format!("{segment:>digits$}/{of}  {does}{gap}  {}", words(state)).trim_end().to_owned()
    }
}

fn words(state: &ProgressState) -> String {
    let behind =
        |behind: &Option<String>| behind.as_deref().map(|b| format!(" behind {}", shown(b))).unwrap_or_default();
    match state {
        ProgressState::Waiting { ms, behind: who } => format!("waits, {}{}", time(*ms), behind(who)),
        ProgressState::Running { percent, done, left_ms } => {
            let percent = percent.map_or_else(|| "runs".to_owned(), |p| format!("{p} %"));
            let done =
                done.as_ref().map(|(done, all, what)| format!("{} of {} {}", count(*done), count(*all), shown(what)));
            let left = left_ms.map(|ms| format!("{} left", time(ms)));
            let rest: Vec<_> = [done, left].into_iter().flatten().collect();
            if rest.is_empty() { percent } else { format!("{percent:<8}  {}", rest.join(", ")) }
        }
        ProgressState::Done { ms, tries, waited_ms, behind: who } => {
            let took = time(*ms);
            if *tries <= 1 && *waited_ms < 100 {
                return took;
            }
            format!("{took:<8}  {}, {}{}", nth(*tries), time(*waited_ms), behind(who))
        }
        ProgressState::Revived => "brought back".to_owned(),
        ProgressState::Found { back: true, made: _ } => "as before the plan: stays".to_owned(),
        ProgressState::Found { back: false, made: true } => "here already: not run".to_owned(),
        ProgressState::Found { back: false, made: false } => "gone already: not run".to_owned(),
    }
}

fn nth(tries: u32) -> String {
    match tries {
        0 | 1 => "first try".to_owned(),
        2 => "second try".to_owned(),
        3 => "third try".to_owned(),
        n => format!("try {n}"),
    }
}
