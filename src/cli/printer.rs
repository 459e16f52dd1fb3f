//! Printing of results and diagnostics, as text or JSON.
use super::arguments::{Database, Folders, Format};
use super::output::Output;
use super::render;
use crate::diagnostic::{Again, Diagnostics};
use crate::report::{self, Report};
use crate::settings::Asked;
use crate::workflow::Project;
use std::cell::OnceCell;

/// Printer of one command's results, in the form that it asked for; suggested commands repeat the command's own flags.
pub(super) struct Printer {
    pub(super) format: Format,
    again: OnceCell<Again>,
}

impl Printer {
    /// Makes a printer that knows no database yet.
    pub(super) fn new(format: Format) -> Self {
        Self { format, again: OnceCell::new() }
    }

    /// Opens the project, and keeps the flags by which the command named database and folders.
    pub(super) fn project(&self, folders: &Folders, database: Option<&Database>) -> Result<Project, Diagnostics> {
        let here = std::path::Path::new(".");
        let project =
            Project::open(here, folders.schema_dir.clone(), folders.plans_dir.clone(), std::env::vars().collect())?;
        let _ = self.again.set(project.again(&database.map(asked).unwrap_or_default()));
        self.diagnostics(&project.settings.warnings);
        self.diagnostics(&project.variables.warnings);
        Ok(project)
    }

    /// Flags that name the database and the folders in suggested commands.
    pub(super) fn again(&self) -> Again {
        self.again.get().cloned().unwrap_or_default()
    }

    /// Prints diagnostics to standard error.
    pub(super) fn diagnostics(&self, diagnostics: &Diagnostics) {
        render::print(diagnostics, self.format, &self.again());
    }

    /// Prints a report.
    pub(super) fn report<T: Report>(&self, report: &T, text: impl FnOnce(&T) -> String) {
        match self.format {
            Format::Text => Output.text(&text(report)),
            Format::Json => match report::to_json(report) {
                Ok(json) => Output.text(&json),
                Err(error) => render::line(&format!("no JSON: {error}")),
            },
        }
    }
}

/// Flags of the command line about the database.
pub(super) fn asked(database: &Database) -> Asked {
    Asked {
        database_url: database.database_url.clone(),
        env: database.env.clone(),
        role: database.role.clone(),
        subscribers_ready: false,
    }
}
