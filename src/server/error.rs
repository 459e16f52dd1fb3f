//! Errors and notices of a server, with their SQLSTATE.
use crate::diagnostic::{Code, Diagnostic};
use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};
use std::fmt;

/// The five characters by which PostgreSQL names an error.
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SqlState([u8; 5]);

impl SqlState {
    /// The code, if it is one: five ASCII characters.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        text.as_bytes().try_into().ok().filter(|bytes: &[u8; 5]| bytes.is_ascii()).map(Self)
    }

    /// The five characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII gets in, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or("XX000")
    }
}

impl fmt::Debug for SqlState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Answer of the server, or of the line to it, instead of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// Code of the error; none if it did not come from the server.
    pub sqlstate: Option<SqlState>,
    /// The primary message.
    pub message: String,
    /// Details of the error.
    pub detail: Option<String>,
    /// Suggestion of the server.
    pub hint: Option<String>,
    /// The call stack inside the server: the function or statement it happened in.
    pub context: Option<String>,
    /// Place in the statement, in characters, counted from 1.
    pub position: Option<u32>,
    /// True where the connection is gone: what the server did with the statement is then unknown.
    pub connection_lost: bool,
}

impl ServerError {
    /// An error that did not come from the server.
    #[must_use]
    pub fn local(message: impl Into<String>) -> Self {
        Self {
            sqlstate: None,
            message: message.into(),
            detail: None,
            hint: None,
            context: None,
            position: None,
            connection_lost: false,
        }
    }

    /// An error that says that the connection is gone.
    #[must_use]
    pub fn lost(message: impl Into<String>) -> Self {
        Self { connection_lost: true, ..Self::local(message) }
    }

    /// Tells whether the error has this SQLSTATE.
    #[must_use]
    pub fn is(&self, sqlstate: &str) -> bool {
        self.sqlstate.is_some_and(|own| own.as_str() == sqlstate)
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(sqlstate) = &self.sqlstate {
            write!(f, " (SQLSTATE {})", sqlstate.as_str())?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ServerError {}

impl From<ServerError> for Diagnostic {
    fn from(error: ServerError) -> Self {
        let code = if error.connection_lost {
            Code::Connect
        } else if error.is("42501") {
            Code::Rights
        } else {
            Code::Server
        };
        let said = if error.connection_lost { "the connection was lost: " } else { "the server says: " };
        let diagnostic = Self::error(code, format!("{said}{error}"));
        match error.hint {
            Some(hint) => diagnostic.help(hint),
            None => diagnostic,
        }
    }
}

/// Loses the SQLSTATE, as diesel-async keeps the message alone; [`super::Connection::explain`] knows it.
impl From<DieselError> for ServerError {
    fn from(error: DieselError) -> Self {
        let DieselError::DatabaseError(kind, information) = error else {
            return Self::local(error.to_string());
        };
        let sqlstate = match kind {
            DatabaseErrorKind::UniqueViolation => Some("23505"),
            DatabaseErrorKind::ForeignKeyViolation => Some("23503"),
            DatabaseErrorKind::SerializationFailure => Some("40001"),
            DatabaseErrorKind::ReadOnlyTransaction => Some("25006"),
            DatabaseErrorKind::NotNullViolation => Some("23502"),
            DatabaseErrorKind::CheckViolation => Some("23514"),
            // The enum is open: what diesel adds later has no code here either.
            DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection | _ => None,
        };
        let lost = matches!(kind, DatabaseErrorKind::UnableToSendCommand | DatabaseErrorKind::ClosedConnection);
        Self {
            sqlstate: sqlstate.and_then(SqlState::new),
            message: information.message().to_owned(),
            detail: information.details().map(str::to_owned),
            hint: information.hint().map(str::to_owned),
            context: None,
            position: information.statement_position().and_then(|position| position.try_into().ok()),
            connection_lost: lost,
        }
    }
}

impl From<ConnectionError> for ServerError {
    fn from(error: ConnectionError) -> Self {
        match error {
            ConnectionError::CouldntSetupConfiguration(inner) => inner.into(),
            other @ (ConnectionError::InvalidCString(_)
            | ConnectionError::BadConnection(_)
            | ConnectionError::InvalidConnectionUrl(_)
            // The enum is open, as above.
            | _) => Self::local(other.to_string()),
        }
    }
}

/// Something the server said beside its answers (`raise notice`, `drop … if exists`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `NOTICE`, `WARNING`, `INFO`, `LOG` or `DEBUG`, never translated.
    pub severity: String,
    /// Code of the notice.
    pub sqlstate: Option<SqlState>,
    /// The primary message.
    pub message: String,
    /// Details of the notice.
    pub detail: Option<String>,
    /// Suggestion of the server.
    pub hint: Option<String>,
}
