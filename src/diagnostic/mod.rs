//! Messages of pgform to people: a code, a severity, a message, places in their files, and help. No rendering here.
mod code;
mod command;
mod diagnostics;
mod place;
mod shown;

pub use code::{Class, Code};
pub use command::{Again, Command, Way, argument};
pub use diagnostics::{Diagnostic, Diagnostics, Label, Severity};
pub use place::{Place, Source};
pub use shown::{shown, with_article};
