//! Names in reports: of plans and of databases.
use crate::{
    diagnostic::{Again, shown},
    model::Digest,
};
use serde::Serialize;

/// Name of a plan in reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanName {
    /// `0003-add-embeddings`, or the title where the file is gone.
    pub name: String,
    /// The digest.
    pub digest: Digest,
    /// The file, where it is not in the plans' folder: as far as known.
    #[serde(skip)]
    pub file: Option<String>,
}

impl PlanName {
    /// Name with the number apart: `0003 add-embeddings`.
    #[must_use]
    pub fn line(&self) -> String {
        match self.name.split_once('-') {
            Some((number, slug)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => {
                format!("{number} {}", shown(slug))
            }
            _ => shown(&self.name),
        }
    }

    /// Name as commands take it: without its number, or the file.
    #[must_use]
    pub fn slug(&self) -> String {
        if let Some(file) = &self.file {
            return file.clone();
        }
        match self.name.split_once('-') {
            Some((number, slug)) if !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) => slug.to_owned(),
            _ => self.name.clone(),
        }
    }
}

/// Database that a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Database {
    /// The environment, if one was named or the database remembers one.
    pub environment: Option<String>,
    /// `db.internal:5432`, or the socket's path.
    pub address: String,
    /// Name of the database.
    pub database: String,
    /// The role that logged in.
    pub role: String,
    /// The role that statements run as, where the environment names one.
    pub runs_as: Option<String>,
    /// Versions: `PostgreSQL 16.4, pgvector 0.8.0`.
    pub server: String,
    /// Flags that name the database again in a suggested command.
    #[serde(skip)]
    pub again: Again,
}

impl Database {
    /// Line: `production · db.internal:5432/vectordb as search_owner · PostgreSQL 16.4, pgvector 0.8.0`.
    #[must_use]
    pub fn line(&self) -> String {
        let Self { environment, address, database, role, runs_as, server, again: _ } = self;
        let environment = environment.as_ref().map(|e| format!("{e} · ")).unwrap_or_default();
        let runs_as = runs_as.as_ref().map(|r| format!(", then {r}")).unwrap_or_default();
        shown(&format!("{environment}{address}/{database} as {role}{runs_as} · {server}"))
    }

    /// Name in a sentence: the environment, or else the database.
    #[must_use]
    pub fn called(&self) -> String {
        shown(self.environment.as_deref().unwrap_or(&self.database))
    }
}
