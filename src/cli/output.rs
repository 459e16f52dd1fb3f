//! Standard output, and questions on the terminal.
use std::io::{self, BufRead, IsTerminal, Write};

/// Control sequence that goes back to the line's beginning and clears the line.
const OVER: &str = "\r\x1b[K";

/// Standard output. A closed one is no error of pgform's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output;

impl Output {
    /// Prints a line, in the place of one that passes.
    pub(super) fn line(self, text: &str) {
        let over = if io::stdout().is_terminal() { OVER } else { "" };
        let _ = writeln!(io::stdout().lock(), "{over}{text}");
    }

    /// Prints a line that the next one replaces; only on a terminal. Gives true where it did.
    pub(super) fn passing(self, text: &str) -> bool {
        if !io::stdout().is_terminal() {
            return false;
        }
        let mut out = io::stdout().lock();
        let _ = write!(out, "{OVER}{text}");
        let _ = out.flush();
        true
    }

    /// Prints text without adding a line end.
    pub(super) fn text(self, text: &str) {
        let _ = write!(io::stdout().lock(), "{text}");
    }

    /// Asks a yes-or-no question on a terminal; without a terminal, no.
    pub(super) fn ask(self, question: &str) -> bool {
        self.answer(&format!("{question} [y/N] ")).is_some_and(|answer| matches!(answer.as_str(), "y" | "Y" | "yes"))
    }

    /// Asks on a terminal for a word that must be typed.
    pub(super) fn ask_for(self, question: &str, word: &str) -> bool {
        self.answer(&format!("{question}: ")).is_some_and(|answer| answer == word)
    }

    fn answer(self, question: &str) -> Option<String> {
        if !io::stdin().is_terminal() {
            return None;
        }
        self.text(question);
        let _ = io::stdout().lock().flush();
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).ok()?;
        Some(answer.trim().to_owned())
    }
}
