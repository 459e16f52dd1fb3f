use super::words::{count, time};
use crate::diagnostic::shown;

/// Where a segment is, while a plan runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Its number, from 1.
    pub segment: usize,
    /// How many there are.
    pub of: usize,
    /// What it does.
    pub does: String,
    /// How far it is.
    pub state: ProgressState,
}

/// How far a segment is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProgressState {
    /// It waits for a lock, or for sessions that are older than it.
    Waiting {
        /// Since when, in milliseconds.
        ms: u64,
        /// Who is in the way: `pid 812 (api, idle in transaction)`.
        behind: Option<String>,
    },
    /// It runs.
    Running {
        /// How much is done, in percent, if the server tells.
        percent: Option<u8>,
        /// What is done: rows, blocks.
        done: Option<(u64, u64, String)>,
        /// What is left, in milliseconds.
        left_ms: Option<u64>,
    },
    /// It is done.
    Done {
        /// How long it ran, in milliseconds.
        ms: u64,
        /// How often it tried to get its locks.
        tries: u32,
        /// How long it waited for them, in milliseconds.
        waited_ms: u64,
        /// Who was in the way.
        behind: Option<String>,
    },
    /// It brought back what a way back had set aside.
    Revived,
    /// There was nothing to do.
    Found {
        /// Whether it makes something, which was here before the plan; otherwise what it drops was gone before it.
        made: bool,
        /// Whether it would be undone.
        back: bool,
    },
}

impl Progress {
    /// One line, without its end: `1/7  add column embedding   0.01 s`. `width` is that of the plan's longest words, so
    /// that the lines of one plan stand in columns.
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
