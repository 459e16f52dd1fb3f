//! Refusals of PostgreSQL while a state is built, told as mistakes of the declaration.
use super::OffPath;
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::model::ObjectId;
use crate::plan::Problem;
use crate::server::ServerError;

/// Refusal of PostgreSQL to build something in the shadow.
#[derive(Clone, Debug)]
pub struct Rejected {
    /// The object that was being built, or the part of it that the server stumbled over.
    pub object: ObjectId,
    /// Attribute of the object, where the server's words tell.
    pub attribute: Option<&'static str>,
    /// Statement that was refused.
    pub sql: String,
    /// Error of PostgreSQL.
    pub error: ServerError,
    /// The function that lacks a `search_path`, where that is the reason.
    pub off_path: Option<OffPath>,
}

impl Rejected {
    /// The diagnostic, without a place.
    #[must_use]
    pub fn problem(&self) -> Problem {
        if let Some(off_path) = &self.off_path {
            return off_path.problem(&self.object);
        }
        if let Some(problem) = self.unknown_label() {
            return problem;
        }
        let detail = self.error.detail.as_ref().map(|d| format!(" ({d})")).unwrap_or_default();
        Problem {
            code: Code::Rejected,
            object: self.object,
            attribute: self.attribute,
            message: format!(
                "PostgreSQL refuses {} {}: {}{detail}",
                self.object.word(),
                self.object.short(),
                self.error.message
            ),
            help: Some(self.error.hint.clone().unwrap_or_else(|| format!("the statement was: {}", self.sql))),
        }
    }
}

impl Rejected {
    /// Names a label that an enum does not have, or has no longer: the declaration still uses it here.
    fn unknown_label(&self) -> Option<Problem> {
        const INVALID_TEXT: &str = "22P02";
        let of_enum = self.error.message.strip_prefix("invalid input value for enum ")?;
        let (of, label) = of_enum.strip_suffix('"')?.split_once(": \"")?;
        if self.error.sqlstate.is_none_or(|state| state.as_str() != INVALID_TEXT) {
            return None;
        }
        let attribute = self.attribute.map(|attribute| format!("`{attribute}` of ")).unwrap_or_default();
        let message = format!(
            "{attribute}{} {} uses label '{label}', which enum {of} does not have, or no longer",
            self.object.word(),
            self.object.short()
        );
        Some(Problem {
            code: Code::NotDeclared,
            object: self.object,
            attribute: self.attribute,
            message,
            help: Some("use another label there, or keep this one in the enum".to_owned()),
        })
    }
}

/// Reasons why a state could not be built.
#[derive(Debug)]
pub enum BuildError {
    /// The state does not hold together, or holds what pgform cannot build.
    Problems(Vec<Problem>),
    /// PostgreSQL refused a statement.
    Rejected(Box<Rejected>),
    /// The shadow itself failed.
    Broken(Diagnostics),
}

impl From<Diagnostic> for BuildError {
    fn from(diagnostic: Diagnostic) -> Self {
        Self::Broken(diagnostic.into())
    }
}

impl From<Diagnostics> for BuildError {
    fn from(diagnostics: Diagnostics) -> Self {
        Self::Broken(diagnostics)
    }
}

pub(super) fn broken(error: &ServerError) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the shadow failed: {}", error.message)).into()
}
