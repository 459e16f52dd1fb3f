//! Writes SQL for what a shadow lacks: objects that carry the right name and shape, and do nothing.
//!
//! Each function gives statements to run one by one, in order. Some run outside of a transaction only (tablespaces).
use super::wipe::MARK;
use crate::plan::sql::dollar_quoted;
use sha2::{Digest, Sha256};

/// Schema of the input and output functions of stand-in types; no plan and no declaration sees it.
pub const STANDIN_SCHEMA: &str = "pgform_standin";

/// Promises of a function about its answers: <https://www.postgresql.org/docs/current/xfunc-volatility.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Volatility {
    /// Equal answers for equal arguments, always.
    Immutable,
    /// Equal answers for equal arguments within one statement.
    Stable,
    /// Any answer.
    Volatile,
}

impl Volatility {
    fn keyword(self) -> &'static str {
        match self {
            Self::Immutable => "immutable",
            Self::Stable => "stable",
            Self::Volatile => "volatile",
        }
    }
}

/// Makes a role that cannot log in. Nothing happens if it is there already: on a server that was offered it may be.
#[must_use]
pub fn role(name: &str) -> Vec<String> {
    let body = format!(
        "begin if not exists (select from pg_catalog.pg_roles where rolname = {}) then \
         create role {name} nologin; comment on role {name} is '{MARK}'; end if; end",
        literal(name),
        name = identifier(name)
    );
    vec![format!("do {}", dollar_quoted(&body))]
}

/// Makes a tablespace inside the data directory. Needs a superuser, PostgreSQL 15 or a recent minor version, and no
/// transaction.
#[must_use]
pub fn tablespace(name: &str) -> Vec<String> {
    let name = identifier(name);
    vec![
        "set allow_in_place_tablespaces = on".to_owned(),
        format!("create tablespace {name} location ''"),
        format!("comment on tablespace {name} is '{MARK}'"),
    ]
}

/// Makes a collation of this name that sorts by bytes. Its schema may be `pg_catalog`, where ICU's collations live.
#[must_use]
pub fn collation(schema: &str, name: &str) -> Vec<String> {
    vec![format!("create collation if not exists {} (provider = libc, locale = 'C')", qualified(Some(schema), name))]
}

/// Makes a base type that holds text. With `has_typmod` it takes one positive number in parentheses and prints it back.
///
/// Lacks operators and operator classes, so it can be a column, an argument and a result, and not be indexed.
/// Without a schema it is for the script of an extension that is offered to the shadow, its functions beside it.
#[must_use]
pub fn type_(schema: Option<&str>, name: &str, has_typmod: bool) -> Vec<String> {
    let type_name = qualified(schema, name);
    // The functions of two types need different names: `typmod_in` has the same arguments for all types.
    let hash: String = Sha256::digest(&type_name).iter().take(10).map(|byte| format!("{byte:02x}")).collect();
    let home = schema.map_or_else(|| "pgform_".to_owned(), |_| format!("{STANDIN_SCHEMA}."));
    let helper = |part: &str| format!("{home}{part}_{hash}");
    let make = |part: &str, arguments: &str, returns: &str, internal: &str| {
        format!(
            "create function {}({arguments}) returns {returns} language internal immutable strict as '{internal}'",
            helper(part)
        )
    };
    let mut statements = vec![
        format!("create type {type_name}"),
        make("in", "cstring, oid, int4", &type_name, "varcharin"),
        make("out", &type_name, "cstring", "varcharout"),
    ];
    if schema.is_some() {
        statements.insert(0, format!("create schema if not exists {STANDIN_SCHEMA}"));
    }
    let mut typmod = String::new();
    if has_typmod {
        statements.push(make("typmod_in", "cstring[]", "int4", "varchartypmodin"));
        statements.push(make("typmod_out", "int4", "cstring", "varchartypmodout"));
        typmod = format!(", typmod_in = {}, typmod_out = {}", helper("typmod_in"), helper("typmod_out"));
    }
    statements.push(format!(
        "create type {type_name} (input = {}, output = {}, like = pg_catalog.varchar{typmod})",
        helper("in"),
        helper("out")
    ));
    statements
}

/// Makes a function that answers null (or no rows). `arguments` and `returns` are as PostgreSQL prints them
/// (`pg_get_function_identity_arguments`, `pg_get_function_result`), types qualified.
///
/// Without a schema it is for the script of an offered extension.
/// Not for functions over `cstring` or `internal`, which only C can write, nor for aggregates.
#[must_use]
pub fn function(
    schema: Option<&str>,
    name: &str,
    arguments: &str,
    returns: &str,
    volatility: Volatility,
) -> Vec<String> {
    let shape = returns.trim().to_ascii_lowercase();
    let body = match shape.as_str() {
        "void" | "event_trigger" | "pg_catalog.void" | "pg_catalog.event_trigger" => "begin end",
        "trigger" | "pg_catalog.trigger" => "begin return coalesce(new, old); end",
        set if set.starts_with("setof ") || set.starts_with("table") => "begin return; end",
        _ => "begin return null; end",
    };
    vec![format!(
        "create function {}({arguments}) returns {returns} language plpgsql {} as {}",
        qualified(schema, name),
        volatility.keyword(),
        dollar_quoted(body)
    )]
}

fn qualified(schema: Option<&str>, name: &str) -> String {
    schema.map_or_else(|| identifier(name), |schema| format!("{}.{}", identifier(schema), identifier(name)))
}

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Writes a string constant that means the same whatever `standard_conforming_strings` says.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_whatever_a_name_holds() {
        assert_eq!(identifier("a\"; drop"), "\"a\"\"; drop\"");
        assert_eq!(literal("a'b\\"), "E'a''b\\\\'");
    }
}
