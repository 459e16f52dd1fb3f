//! Asks the shadow for rows.
use crate::diagnostic::{Code, Diagnostic, Diagnostics};
use crate::server::Connection;

fn lost(error: &str) -> Diagnostics {
    Diagnostic::error(Code::Shadow, format!("the rows of the proof could not be read: {error}")).into()
}

/// Gives the rows of a query, as texts; an empty one for null.
///
/// # Errors
/// If the shadow fails.
pub(super) async fn rows(connection: &mut Connection, sql: &str) -> Result<Vec<Vec<String>>, Diagnostics> {
    let rows = connection.query_text(sql).await.map_err(|e| lost(&e.message))?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect())
}
