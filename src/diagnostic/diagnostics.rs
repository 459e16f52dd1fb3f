//! Diagnostics: what pgform tells people, with severity, places, help and ways out; collected until all are found.
use super::{Class, Code, Command, Place, Way};

/// Gravity of a diagnostic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Note,
    /// Probably not meant; the command goes on.
    Warning,
    /// The command cannot do what was asked.
    Error,
}

/// A place with a few words about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Place that is pointed to.
    pub place: Place,
    /// Words about what is there, a few.
    pub text: String,
}

/// Message to the user, as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Code of the diagnostic; decides the exit code.
    pub code: Code,
    /// Gravity of the diagnostic.
    pub severity: Severity,
    /// One sentence without a full stop, naming the object.
    pub message: String,
    /// Places in the user's files, the most important one first.
    pub labels: Vec<Label>,
    /// Help: what would be right.
    pub help: Option<String>,
    /// Commands that lead out of it.
    pub ways: Vec<Way>,
}

impl Diagnostic {
    /// An error of this code.
    #[must_use]
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            ways: Vec::new(),
        }
    }

    /// A warning of this code.
    #[must_use]
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Points to a place, with a few words about it.
    #[must_use]
    pub fn at(mut self, place: &Place, text: impl Into<String>) -> Self {
        self.labels.push(Label { place: place.clone(), text: text.into() });
        self
    }

    /// Points to a place if there is one.
    #[must_use]
    pub fn maybe_at(self, place: Option<&Place>, text: impl Into<String>) -> Self {
        match place {
            Some(place) => self.at(place, text),
            None => self,
        }
    }

    /// Says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Suggests a command: what it is for, and the command.
    #[must_use]
    pub fn way(self, does: impl Into<String>, command: Command) -> Self {
        self.ways([Way::new(does, command)])
    }

    /// Suggests commands.
    #[must_use]
    pub fn ways(mut self, ways: impl IntoIterator<Item = Way>) -> Self {
        self.ways.extend(ways);
        self
    }
}

/// List of everything found so far: stages collect and go on, so that all mistakes are shown at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Adds a diagnostic.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all of another.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Keeps the value, or collects the diagnostics of the failure.
    pub fn collect<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(diagnostics) => {
                self.extend(diagnostics);
                None
            }
        }
    }

    /// Tells whether any is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|d| d.severity == Severity::Error)
    }

    /// Gives the value if there is no error, everything found otherwise.
    ///
    /// # Errors
    /// If any diagnostic is an error.
    pub fn or_value<T>(self, value: T) -> Result<(T, Self), Self> {
        if self.has_errors() { Err(self) } else { Ok((value, self)) }
    }

    /// Gives the gravest class among the errors: what the exit code is made from.
    #[must_use]
    pub fn class(&self) -> Option<Class> {
        self.0.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code.class()).max()
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(iter: I) -> Self {
        Self(iter.into_iter().collect())
    }
}

impl std::fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for d in &self.0 {
            writeln!(f, "{:?}[{}]: {}", d.severity, d.code.as_str(), d.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
