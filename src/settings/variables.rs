//! Environment variables of the process and of `.env`, whose values are never shown.
use super::dotenv::{self, Line};
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use std::{collections::BTreeMap, io::ErrorKind, path::Path};

/// Variables that a command can read: the process's own, and those of `.env` for commands that only read.
#[derive(Clone, Default)]
pub struct Variables {
    process: BTreeMap<String, String>,
    /// Value and line number, from 1.
    file: BTreeMap<String, (String, usize)>,
    /// Warnings about lines of `.env` that set no variable.
    pub warnings: Diagnostics,
}

/// Value of a variable, and its origin. An empty value counts as not set.
#[derive(Clone, PartialEq, Eq)]
pub struct Variable {
    /// The value; it may hold a password.
    pub value: String,
    /// Origin in words: "the variable DATABASE_URL", "DATABASE_URL in .env, line 3".
    pub source: String,
}

/// Values may hold passwords: only names are shown.
impl std::fmt::Debug for Variables {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { process, file, warnings: _ } = self;
        write!(f, "Variables {{ process: {}, file: {:?} }}", process.len(), file.keys())
    }
}

/// The value may hold a password: only the source is shown.
impl std::fmt::Debug for Variable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { value: _, source } = self;
        write!(f, "Variable {{ source: {source:?} }}")
    }
}

/// Reads the process's variables, and those of `.env` in a folder; a missing file sets none (nor does a folder of that
/// name, which Python's virtual environments may be). An unreadable file is a warning, because commands that write need
/// none of it; so is a strange line, without the line itself, because other tools' files may hold things that pgform
/// does not read, and passwords.
#[must_use]
pub fn variables(dir: &Path, process: BTreeMap<String, String>) -> Variables {
    let path = dir.join(".env");
    match std::fs::read_to_string(&path) {
        Ok(text) => Variables::new(process, &text),
        Err(error) if error.kind() == ErrorKind::NotFound || path.is_dir() => Variables::new(process, ""),
        Err(error) => {
            let warning = Diagnostic::warning(Code::File, format!("{} cannot be read: {error}", path.display()));
            Variables { process, file: BTreeMap::new(), warnings: warning.into() }
        }
    }
}

impl Variables {
    /// Takes the process's variables, and those in the text of a `.env`. The last of two lines with one name counts, as
    /// in a shell.
    #[must_use]
    pub fn new(process: BTreeMap<String, String>, dotenv: &str) -> Self {
        let mut variables = Self { process, ..Self::default() };
        for (number, line) in dotenv::parse(dotenv) {
            match line {
                Line::Set(name, value) => {
                    variables.file.insert(name, (value, number));
                }
                Line::Strange(why) => {
                    let message = format!("line {number} of .env is no variable: {why}");
                    variables.warnings.push(Diagnostic::warning(Code::File, message));
                }
            }
        }
        variables
    }

    /// Variable of the process.
    #[must_use]
    pub fn process(&self, name: &str) -> Option<Variable> {
        let value = self.process.get(name).filter(|value| !value.is_empty())?;
        Some(Variable { value: value.clone(), source: format!("the variable {name}") })
    }

    /// Variable of `.env`.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<Variable> {
        let (value, line) = self.file.get(name).filter(|(value, _)| !value.is_empty())?;
        Some(Variable { value: value.clone(), source: format!("{name} in .env, line {line}") })
    }
}
