//! Cuts a text into its statements.
use super::parse::SqlError;

/// Cuts a text into its statements, as the grammar sees them.
///
/// # Errors
/// If the text does not parse.
pub fn split_statements(sql: &str) -> Result<Vec<String>, SqlError> {
    pg_query::split_with_parser(sql)
        .map(|parts| parts.into_iter().map(str::to_owned).collect())
        .map_err(|e| SqlError::new(e.to_string()))
}
