//! Commands that a message suggests, as data, written so that they can be run as printed.
use super::shown;
use std::fmt;

/// A pgform command that a message suggests, as data: where it is printed, it gets the database and the folders that the
/// reader's own command was given, so that it can be run as printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    verb: &'static str,
    words: Vec<String>,
    on_database: bool,
}

/// Way out of what a message tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Purpose of the command, in a few words: `go on`.
    pub does: String,
    /// The command.
    pub command: Command,
    /// Note on what the command does first, or what it costs; empty where there is nothing to say.
    pub note: String,
}

/// Parts of the running command line that a suggested command repeats: its database and its folders, as a shell takes
/// them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// Command that must run before, so that variables are set; mostly nothing.
    pub before: String,
    /// Option for the database, `--env production`; `-d postgres://localhost/app`. Holds no password.
    pub database: String,
    /// Options for the folders, `--schema-dir db/schema`; empty where they are the usual ones.
    pub folders: String,
}

impl Default for Again {
    /// Names no database in particular.
    fn default() -> Self {
        Self { before: String::new(), database: "-d URL".to_owned(), folders: String::new() }
    }
}

impl Command {
    /// The command of this name: `apply`.
    #[must_use]
    pub fn new(verb: &'static str) -> Self {
        Self { verb, words: Vec::new(), on_database: false }
    }

    /// Works on the database that was asked about.
    #[must_use]
    pub fn on_database(self) -> Self {
        Self { on_database: true, ..self }
    }

    /// Takes an argument: a plan's name.
    #[must_use]
    pub fn arg(mut self, value: impl AsRef<str>) -> Self {
        self.words.push(argument(value.as_ref()));
        self
    }

    /// Takes a flag: `--again`.
    #[must_use]
    pub fn flag(mut self, flag: &str) -> Self {
        self.words.push(flag.to_owned());
        self
    }

    /// Takes an option with its value: `--accept DataLoss:documents.legacy_path`.
    #[must_use]
    pub fn option(self, name: &str, value: impl AsRef<str>) -> Self {
        self.flag(name).arg(value)
    }

    /// Takes an option as often as there are values.
    #[must_use]
    pub fn options<T: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = T>) -> Self {
        values.into_iter().fold(self, |command, value| command.option(name, value))
    }

    /// Writes the command as a shell takes it.
    #[must_use]
    pub fn line(&self, again: &Again) -> String {
        let Self { verb, words, on_database } = self;
        let Again { before, database, folders } = again;
        let (before, database) = if *on_database { (before.as_str(), database.as_str()) } else { ("", "") };
        let words = words.iter().map(String::as_str);
        let parts = [before, "pgform", verb].into_iter().chain(words).chain([database, folders]);
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
    }
}

/// Writes the command on no database in particular; what people read goes through [`Command::line`].
impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line(&Again::default()))
    }
}

impl Way {
    /// A way without a note.
    #[must_use]
    pub fn new(does: impl Into<String>, command: Command) -> Self {
        Self { does: does.into(), command, note: String::new() }
    }

    /// Writes the way: `go on: pgform apply --env production    begins that segment again`.
    #[must_use]
    pub fn line(&self, again: &Again) -> String {
        let Self { does, command, note } = self;
        let note = if note.is_empty() { String::new() } else { format!("    {}", shown(note)) };
        format!("{}: {}{note}", shown(does), command.line(again))
    }
}

/// Writes a command's argument as a shell takes it.
#[must_use]
pub fn argument(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':' | '/' | '=' | ',' | '@' | '+' | '%');
    // A tilde at the beginning is somebody's home to a shell.
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    // Letters that move the cursor cannot be shown as they are: `$'…'` writes them with escapes, as bash, zsh and ksh
    // read them.
    if shown(text) != text {
        let escaped: String = text.chars().map(escaped).collect();
        return format!("$'{escaped}'");
    }
    format!("'{}'", text.replace('\'', "'\\''"))
}

fn escaped(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        c if shown(&c.to_string()) == c.to_string() => c.to_string(),
        c => {
            let mut bytes = [0; 4];
            c.encode_utf8(&mut bytes).bytes().map(|byte| format!("\\x{byte:02x}")).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_complete_and_quoted() {
        let again = Again {
            before: ". ./.env &&".to_owned(),
            database: "-d \"$DATABASE_URL\"".to_owned(),
            folders: "--plans-dir db/plans".to_owned(),
        };
        let plan = Command::new("plan").option("-m", "it's new").options("--absorb", ["t.x", "T w"]).on_database();
        assert_eq!(
            plan.line(&again),
            ". ./.env && pgform plan -m 'it'\\''s new' --absorb t.x --absorb 'T w' -d \"$DATABASE_URL\" --plans-dir db/plans"
        );
        let show = Command::new("show").arg("a\nb");
        assert_eq!(show.line(&again), "pgform show $'a\\x0ab' --plans-dir db/plans");
        let on = Command::new("apply").flag("--again").on_database();
        let way = Way { note: "begins again".to_owned(), ..Way::new("go on", on) };
        assert_eq!(way.line(&Again::default()), "go on: pgform apply --again -d URL    begins again");
    }

    #[test]
    fn arguments_are_what_a_shell_takes() {
        let shown: Vec<_> = ["DataLoss:a.b", "", "~x", "DataLoss:*", "it's", "a\u{202e}b"].map(argument).to_vec();
        assert_eq!(shown, ["DataLoss:a.b", "''", "'~x'", "'DataLoss:*'", "'it'\\''s'", "$'a\\xe2\\x80\\xaeb'"]);
    }
}
