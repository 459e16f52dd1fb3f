//! Writes the executor's small pieces of SQL: literals and `set role`.
use crate::{
    model::quote,
    server::{Connection, ServerError},
};

/// Writes a text as an SQL literal. `standard_conforming_strings` is pinned, so only quotes are special.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Writes `set role`, or the way back to the role that logged in.
pub(super) fn set_role(local: bool, role: Option<&str>) -> String {
    let set = if local { "set local role" } else { "set role" };
    role.map_or_else(|| format!("{set} none"), |role| format!("{set} {}", quote_always(role)))
}

/// Quotes a name always: `set role none` is not the role "none".
fn quote_always(name: &str) -> String {
    let quoted = quote(name);
    if quoted.starts_with('"') { quoted } else { format!("\"{quoted}\"") }
}

/// Asks for the one value of a query.
pub(super) async fn one(connection: &mut Connection, sql: &str) -> Result<Option<String>, ServerError> {
    let rows = connection.query_text(sql).await?;
    match <[Vec<Option<String>>; 1]>::try_from(rows) {
        Ok([row]) if row.len() == 1 => Ok(row.into_iter().next().flatten()),
        Ok([row]) => Err(ServerError::local(format!("the query gave {} columns instead of one: {sql}", row.len()))),
        Err(rows) => Err(ServerError::local(format!("the query gave {} rows instead of one: {sql}", rows.len()))),
    }
}
