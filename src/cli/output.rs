use std::io::{self, BufRead, IsTerminal, Write};

/// Standard output, whose end is no error of pgform's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Output;

impl Output {
    /// Prints a line.
    pub(super) fn line(self, text: &str) {
        let _ = writeln!(io::stdout().lock(), "{text}");
    }

    /// Prints text that ends as it ends.
    pub(super) fn text(self, text: &str) {
        let _ = write!(io::stdout().lock(), "{text}");
    }

    /// Asks on a terminal; nobody there means no.
    pub(super) fn ask(self, question: &str) -> bool {
        if !io::stdin().is_terminal() {
            return false;
        }
        let _ = write!(io::stdout().lock(), "{question} [y/N] ");
        let _ = io::stdout().lock().flush();
        let mut answer = String::new();
        io::stdin().lock().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
    }
}
