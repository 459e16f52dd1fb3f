//! The database that a command means: by flag, environment or variable, in the order that its purpose allows.
use super::{Environment, Settings, Variable, VariableName, Variables};
use crate::diagnostic::{Code, Diagnostic};

/// Use that a command makes of the database; decides which variables it reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Reading: `-d`, `--env`, `PGFORM_DATABASE_URL`, `PGVECTOR_DB_URL`, `DATABASE_URL`, and the same variables in
    /// `.env`.
    Reading,
    /// Writing: `-d`, `--env` or `PGFORM_DATABASE_URL`, never `.env`. A migration must not hit by accident the database
    /// that an application's variable names.
    Writing,
    /// Planning: `-d` or `--env`, never `.env`. A plan must not depend on variables that happen to be set.
    Planning,
}

/// Flags of the command line about the database.
#[derive(Clone, Default)]
pub struct Asked {
    /// Address: `-d`, `--database-url`.
    pub database_url: Option<String>,
    /// Name of an environment: `--env`.
    pub env: Option<String>,
    /// Role as which statements run, and whose journal is believed: `--role`.
    pub role: Option<String>,
    /// True with `--subscribers-ready`: pgform's tables may be made although everything in the database is published.
    pub subscribers_ready: bool,
}

impl Asked {
    /// Tells whether the command line names no database: `plan` then works without one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.database_url.is_none() && self.env.is_none()
    }
}

/// Database of a command.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseTarget {
    /// The address as libpq's users write it; it may hold a password.
    pub options_text: String,
    /// The environment, if one was named.
    pub environment: Option<Environment>,
    /// Origin of the address, in words.
    pub source: String,
}

/// The address may hold a password: it is not shown.
impl std::fmt::Debug for DatabaseTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { options_text: _, environment, source } = self;
        let name = environment.as_ref().map(|e| &e.name);
        write!(f, "Target {{ environment: {name:?}, source: {source:?} }}")
    }
}

const OURS: &str = "PGFORM_DATABASE_URL";
/// Variables that name a database to a command that reads; the first one set counts.
pub const READING: &[&str] = &[OURS, "PGVECTOR_DB_URL", "DATABASE_URL"];

/// Finds the database of a command, and the origin of its address.
///
/// The address is that of `-d`; with `--env` beside it, `--env` names the environment. `--env` alone takes the address
/// from the variable that the environment names. Then come the variables of the [`Purpose`], the process's before
/// `.env`'s.
///
/// # Errors
/// If the environment is unknown, if its variable is not set, if nothing names a database (with the ways to name one).
pub fn database_for(
    purpose: Purpose,
    asked: &Asked,
    variables: &Variables,
    settings: &Settings,
) -> Result<DatabaseTarget, Diagnostic> {
    let environment = asked.env.as_deref().map(|name| settings.environment(name)).transpose()?.cloned();
    let target =
        |found: Variable, environment| DatabaseTarget { options_text: found.value, environment, source: found.source };
    if let Some(url) = &asked.database_url {
        if url.trim().is_empty() {
            return Err(Diagnostic::error(Code::Usage, "--database-url is empty")
                .help("if it is given as a variable, that one is not set"));
        }
        return Ok(target(Variable { value: url.clone(), source: "--database-url".to_owned() }, environment));
    }
    if let Some(environment) = environment {
        let found = of_environment(purpose, &environment, variables)?;
        return Ok(target(found, Some(environment)));
    }
    let names = match purpose {
        Purpose::Reading => READING,
        Purpose::Writing => &READING[..1],
        Purpose::Planning => &[],
    };
    let in_process = || names.iter().find_map(|name| variables.process(name));
    let in_file = || names.iter().find_map(|name| variables.file(name)).filter(|_| purpose == Purpose::Reading);
    match in_process().or_else(in_file) {
        Some(found) => Ok(target(found, None)),
        None => Err(nothing_named(purpose, variables, settings)),
    }
}

fn of_environment(purpose: Purpose, environment: &Environment, variables: &Variables) -> Result<Variable, Diagnostic> {
    let Some(variable) = &environment.url else {
        let message = format!("the environment {} does not say where it is", environment.name);
        return Err(Diagnostic::error(Code::Settings, message)
            .at(&environment.place, "it has no `url`")
            .help("add `url: {env: NAME}`, or give --database-url too"));
    };
    address(purpose, variable, &format!("the environment {}", environment.name), variables)
}

/// Address in a variable that the settings name, for an environment or one of its replicas (`whose`).
///
/// # Errors
/// If the variable is not set, or only in a `.env` that this purpose does not take.
pub fn address(
    purpose: Purpose,
    variable: &VariableName,
    whose: &str,
    variables: &Variables,
) -> Result<Variable, Diagnostic> {
    let VariableName { name, place } = variable;
    if let Some(found) = variables.process(name) {
        return Ok(found);
    }
    let message = format!("the variable {name} is not set, which says where {whose} is");
    let error = Diagnostic::error(Code::Settings, message).at(place, "named here");
    match variables.file(name) {
        Some(found) if purpose == Purpose::Reading => Ok(found),
        Some(found) => Err(error.help(format!(
            "there is {}, but only commands that read take .env: set {name} in the environment of this command",
            found.source
        ))),
        None => Err(error.help(format!("set {name}, or give --database-url"))),
    }
}

fn nothing_named(purpose: Purpose, variables: &Variables, settings: &Settings) -> Diagnostic {
    let mut ways = vec!["-d URL".to_owned()];
    if settings.environments.is_empty() {
        ways.push("--env NAME".to_owned());
    } else {
        ways.extend(settings.environments.iter().map(|e| format!("--env {}", e.name)));
    }
    match purpose {
        Purpose::Reading => ways.extend(READING.iter().map(|name| format!("{name} (also in .env)"))),
        Purpose::Writing => ways.push(OURS.to_owned()),
        Purpose::Planning => {}
    }
    let mut help = format!("give one of {}", ways.join(", "));
    let either = |name: &&str| variables.process(name).or_else(|| variables.file(name));
    if let Some(passed_over) = READING.iter().find_map(either) {
        let who = match purpose {
            Purpose::Reading => "this command",
            Purpose::Writing => "a command that writes",
            Purpose::Planning => "`plan`",
        };
        help.push_str(&format!("; there is {}, which {who} does not take", passed_over.source));
    }
    Diagnostic::error(Code::Usage, "nothing says which database is meant").help(help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use std::{collections::BTreeMap, sync::Arc};

    const YAML: &str = "environments:\n  production: {url: {env: PROD}}\n  nowhere:\n";
    const NOTHING: &[(&str, &str)] = &[];

    fn ask(
        purpose: Purpose,
        (url, env): (Option<&str>, Option<&str>),
        process: &[(&str, &str)],
        dotenv: &str,
    ) -> Result<(String, Option<String>, String), String> {
        let settings = Settings::read(&Arc::new(Source { name: "pgform.yaml".into(), text: YAML.into() })).unwrap();
        let process: BTreeMap<String, String> =
            process.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let asked = Asked { database_url: url.map(str::to_owned), env: env.map(str::to_owned), ..Asked::default() };
        let target = database_for(purpose, &asked, &Variables::new(process, dotenv), &settings);
        if let Ok(target) = &target {
            assert!(!format!("{target:?}").contains(&format!("{:?}", target.options_text)));
        }
        target
            .map(|t| (t.options_text, t.environment.map(|e| e.name), t.source))
            .map_err(|d| format!("{}: {}; {}", d.code.as_str(), d.message, d.help.unwrap_or_default()))
    }

    #[test]
    fn each_purpose_takes_its_own_variables() {
        let all = [("PGFORM_DATABASE_URL", "u1"), ("PGVECTOR_DB_URL", "u2"), ("DATABASE_URL", "u3")];
        let dotenv = "PGFORM_DATABASE_URL=f1\nDATABASE_URL=f3\n";
        let got =
            |purpose, process: &[(&str, &str)], dotenv| ask(purpose, (None, None), process, dotenv).map(|t| (t.0, t.2));
        let found = |value: &str, source: &str| Ok((value.to_owned(), source.to_owned()));
        assert_eq!(got(Purpose::Reading, &all, dotenv), found("u1", "the variable PGFORM_DATABASE_URL"));
        assert_eq!(got(Purpose::Reading, &all[1..], dotenv), found("u2", "the variable PGVECTOR_DB_URL"));
        assert_eq!(
            got(Purpose::Reading, &[("PGFORM_DATABASE_URL", ""), all[2]], dotenv),
            found("u3", "the variable DATABASE_URL")
        );
        assert_eq!(got(Purpose::Reading, NOTHING, dotenv), found("f1", "PGFORM_DATABASE_URL in .env, line 1"));
        assert_eq!(got(Purpose::Writing, &all, dotenv), found("u1", "the variable PGFORM_DATABASE_URL"));
        for (purpose, process) in [(Purpose::Writing, &all[1..]), (Purpose::Planning, &all[..])] {
            let error = got(purpose, process, dotenv).unwrap_err();
            assert!(error.starts_with("usage: nothing says which database"), "{error}");
            assert!(error.contains("does not take") && error.contains("--env production"), "{error}");
        }
        assert!(got(Purpose::Writing, NOTHING, dotenv).unwrap_err().contains("PGFORM_DATABASE_URL in .env, line 1"));
        assert!(got(Purpose::Reading, NOTHING, "").unwrap_err().contains("PGVECTOR_DB_URL (also in .env)"));
    }

    #[test]
    fn environments_name_their_variable() {
        let prod = [("PROD", "p"), ("PGFORM_DATABASE_URL", "u1")];
        let env = |name| (None, Some(name));
        for purpose in [Purpose::Reading, Purpose::Writing, Purpose::Planning] {
            let expected = ("p".to_owned(), Some("production".to_owned()), "the variable PROD".to_owned());
            assert_eq!(ask(purpose, env("production"), &prod, ""), Ok(expected));
            let expected = ("d".to_owned(), Some("nowhere".to_owned()), "--database-url".to_owned());
            assert_eq!(ask(purpose, (Some("d"), Some("nowhere")), &prod, ""), Ok(expected));
            assert!(ask(purpose, (Some(" "), None), &prod, "").unwrap_err().contains("is empty"));
            assert!(ask(purpose, env("nowhere"), &prod, "").unwrap_err().contains("does not say where it is"));
            let error = ask(purpose, env("prodution"), &prod, "").unwrap_err();
            assert!(error.contains("did you mean `production`? pgform.yaml names production, nowhere"), "{error}");
            assert!(ask(purpose, env("production"), &prod[1..], "").unwrap_err().contains("PROD is not set"));
        }
        assert_eq!(ask(Purpose::Reading, env("production"), NOTHING, "PROD=f").unwrap().2, "PROD in .env, line 1");
        assert!(
            ask(Purpose::Writing, env("production"), NOTHING, "PROD=f")
                .unwrap_err()
                .contains("only commands that read")
        );
    }
}
