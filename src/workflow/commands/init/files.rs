//! The files of a new project, with advice for each that exists already and lacks something.
use crate::diagnostic::Command;
use crate::settings::{FILE, Settings};
use std::path::Path;

/// A file of a new project.
pub(super) struct File {
    /// The path, relative to the project.
    pub(super) path: &'static str,
    /// The content.
    pub(super) text: &'static str,
    /// Other names of the same thing, any of which keeps this file from being written.
    pub(super) also: &'static [&'static str],
    /// Advice about lines that an existing file lacks; from the project's folder and the file's text.
    pub(super) lacks: fn(&Path, &str) -> Option<String>,
}

/// The files of a new project, in the order in which they are told.
pub(super) const FILES: &[File] = &[
    File { path: FILE, text: include_str!("template/pgform.yaml"), also: &[], lacks: lacks_environments },
    File { path: "schema/.gitkeep", text: "", also: &[], lacks: lacks_nothing },
    File { path: "plans/.gitkeep", text: "", also: &[], lacks: lacks_nothing },
    File { path: "pgform.mk", text: include_str!("template/pgform.mk"), also: &[], lacks: is_older },
    File {
        path: "Makefile",
        text: include_str!("template/Makefile"),
        also: &["GNUmakefile", "makefile"],
        lacks: lacks_include,
    },
    File {
        path: "compose.yaml",
        text: COMPOSE,
        also: &["compose.yml", "docker-compose.yaml", "docker-compose.yml"],
        lacks: lacks_service,
    },
    File {
        path: "pgform.Dockerfile",
        text: include_str!("template/pgform.Dockerfile"),
        also: &[],
        lacks: lacks_nothing,
    },
    File {
        path: ".github/workflows/pgform.yaml",
        text: include_str!("template/workflow.yaml"),
        also: &[],
        lacks: lacks_nothing,
    },
    File { path: ".env.example", text: include_str!("template/env.example"), also: &[], lacks: lacks_variable },
    File { path: ".gitignore", text: include_str!("template/gitignore"), also: &[], lacks: lacks_ignored },
    File { path: ".gitattributes", text: include_str!("template/gitattributes"), also: &[], lacks: lacks_union },
];

const COMPOSE: &str = include_str!("template/compose.yaml");

fn lacks_nothing(_: &Path, _: &str) -> Option<String> {
    None
}

/// Advice where pgform.mk, which is pgform's own, has another text: it was changed, or comes from another version.
fn is_older(_: &Path, _: &str) -> Option<String> {
    let again = Command::new("init");
    Some(format!("it is another one than this pgform writes: to have the new one, move it away, then {again}"))
}

fn lacks_include(_: &Path, text: &str) -> Option<String> {
    let includes = text.lines().any(|line| line.contains("include") && line.contains("pgform.mk"));
    (!includes).then(|| "add this line to it, for make migrate-up and its like:\n  include pgform.mk".to_owned())
}

/// Advice about missing environments that pgform.mk and the guide name.
fn lacks_environments(dir: &Path, _: &str) -> Option<String> {
    let Ok(settings) = Settings::load(dir) else {
        return Some(format!("it has mistakes: {}", Command::new("validate")));
    };
    let of = [
        ("development", "PGVECTOR_DB_URL"),
        ("staging", "STAGING_DATABASE_URL"),
        ("production", "PRODUCTION_DATABASE_URL"),
    ];
    let missing = of.iter().filter(|(name, _)| settings.environment(name).is_err());
    let lines: String = missing.map(|(name, variable)| format!("\n    {name}: {{url: {{env: {variable}}}}}")).collect();
    let under = if settings.environments.is_empty() { "\n  environments:" } else { "" };
    (!lines.is_empty()).then(|| format!("add what it does not have yet, under `environments:`{under}{lines}"))
}

fn lacks_service(_: &Path, text: &str) -> Option<String> {
    if text.lines().any(|line| line.trim_end() == "  pgform:") {
        return None;
    }
    let from = COMPOSE.find("  # docker compose run")?;
    let to = COMPOSE.find("\nvolumes:")?;
    let service = COMPOSE[from..to].trim_end();
    Some(format!(
        "add this service to it, for make docker-migrate-up and its like (`postgres` is the database's service):\n{service}"
    ))
}

fn lacks_variable(_: &Path, text: &str) -> Option<String> {
    let says = text.contains("PGVECTOR_DB_URL");
    (!says).then(|| "make migrate-up takes PGVECTOR_DB_URL from .env: add it to the example".to_owned())
}

fn lacks_ignored(_: &Path, text: &str) -> Option<String> {
    let has = |name: &str| text.lines().any(|line| line.trim().trim_matches('/') == name);
    let missing: Vec<&str> = [".env", ".pgform"].into_iter().filter(|name| !has(name)).collect();
    (!missing.is_empty()).then(|| format!("add to it what is not to be committed: {}", missing.join(", ")))
}

/// Advice about the merge driver that keeps the receipts of both branches.
fn lacks_union(_: &Path, text: &str) -> Option<String> {
    let line = include_str!("template/gitattributes").lines().last()?;
    let has = text.lines().any(|own| own.contains(".receipts/") && own.contains("merge=union"));
    (!has).then(|| format!("add this line to it, so that git keeps the receipts of both branches:\n  {line}"))
}
