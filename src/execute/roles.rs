//! Finds roles that a plan names and the server does not have, before the plan's first statement.
use super::sql;
use crate::canonical::roles_of_statements;
use crate::model::quote;
use crate::plan::format::Step;
use crate::server::{Connection, ServerError};
use std::collections::BTreeMap;

/// Words that every statement has which names a role.
const WORDS: [&str; 3] = [" to ", " from ", " for role "];
/// Length, in characters, of a statement as it is told.
const TOLD: usize = 80;

/// Gives the roles that steps name, each with a statement that does.
pub fn roles_named<'s>(steps: impl IntoIterator<Item = &'s Step>) -> BTreeMap<String, &'s str> {
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    for step in steps {
        let Step::Statement(statement) = step else { continue };
        if WORDS.iter().any(|word| statement.sql.contains(word)) {
            for role in roles_of_statements(&statement.sql) {
                named.entry(role).or_insert(&statement.sql);
            }
        }
    }
    named
}

/// Looks for the roles that steps name; of each that is not there, what is to be told and done.
///
/// # Errors
/// If the server does not answer.
pub(super) async fn missing(
    connection: &mut Connection,
    steps: Vec<&Step>,
) -> Result<Vec<(String, String)>, ServerError> {
    let named = roles_named(steps);
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<String> = named.keys().map(|name| sql::literal(name)).collect();
    let query = format!(
        "select w.name from (select pg_catalog.unnest(array[{}]::text[])) w(name)
         where not exists (select from pg_catalog.pg_roles r where r.rolname = w.name) order by 1",
        names.join(", ")
    );
    let lacking = connection.query_text(&query).await?.into_iter().flatten().flatten();
    Ok(lacking.map(|role| told(&role, named.get(&role).copied().unwrap_or_default())).collect())
}

fn told(role: &str, statement: &str) -> (String, String) {
    let short: String = statement.chars().take(TOLD).collect();
    let rest = if short.len() < statement.len() { "…" } else { "" };
    let message = format!("there is no role {} on this server, and the plan names it: {short}{rest}", quote(role));
    (message, format!("make it (create role {}), or name another one in the declaration and plan again", quote(role)))
}
