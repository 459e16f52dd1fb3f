//! Parses one key of an exclusion constraint into the key of its index and the operator.
use super::{
    index_key::parse_index_key,
    memo::Memo,
    parse::{self, SqlError},
    words::words,
};
use crate::model::quote;
use pg_query::protobuf::{Constraint, node::Node};

/// A key of an exclusion constraint taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExclusionKeyParts {
    /// The key of the index, as it was written.
    pub key: String,
    /// The canonical text of the index's key.
    pub canonical: String,
    /// The operator as SQL, without the schema that PostgreSQL's own are in.
    pub operator: String,
}

/// Reads one key of an exclusion constraint by a method: `room with =`.
///
/// # Errors
/// If it is not exactly one key with its operator.
pub fn parse_exclusion_key(method: &str, text: &str) -> Result<ExclusionKeyParts, SqlError> {
    static KNOWN: Memo<ExclusionKeyParts> = Memo::new();
    let using = quote(method);
    KNOWN.get(&format!("{using} {text}"), || parse_new_key(method, &using, text))
}

fn parse_new_key(method: &str, using: &str, text: &str) -> Result<ExclusionKeyParts, SqlError> {
    let not_one = || SqlError::new("this is not one key with its operator, such as `room with =`");
    let all = words(text)?;
    let with = all.iter().rev().find(|word| word.depth == 0 && word.is("with")).ok_or_else(not_one)?;
    let constraint = constraint(&format!("alter table t add exclude using {using} ("), text)?;
    let [pair] = constraint.exclusions.as_slice() else { return Err(not_one()) };
    let Some(Node::List(pair)) = &pair.node else { return Err(not_one()) };
    let [_, operator] = pair.items.as_slice() else { return Err(not_one()) };
    let Some(Node::List(operator)) = &operator.node else { return Err(not_one()) };
    let key = text[..with.start].trim().to_owned();
    let canonical = parse_index_key(method, &key)?.text;
    Ok(ExclusionKeyParts { key, canonical, operator: called(&parse::names(&operator.items)) })
}

fn constraint(prefix: &str, text: &str) -> Result<Constraint, SqlError> {
    let not_one = || SqlError::new("this is not a key of an exclusion constraint");
    let Node::AlterTableStmt(table) = parse::one(prefix, text, "\n)")? else { return Err(not_one()) };
    let [command] = table.cmds.as_slice() else { return Err(not_one()) };
    let Some(Node::AlterTableCmd(command)) = command.node.clone() else { return Err(not_one()) };
    let Some(Node::Constraint(constraint)) = command.def.and_then(|def| def.node) else { return Err(not_one()) };
    if constraint.where_clause.is_some() || !constraint.options.is_empty() || !constraint.including.is_empty() {
        return Err(not_one());
    }
    Ok(*constraint)
}

/// The operator of these names: one of PostgreSQL's own is found by its sign alone.
fn called(names: &[String]) -> String {
    match names {
        [sign] => sign.clone(),
        [schema, sign] if schema == "pg_catalog" => sign.clone(),
        [schemas @ .., sign] => {
            let schemas: Vec<String> = schemas.iter().map(|name| quote(name)).collect();
            format!("operator({}.{sign})", schemas.join("."))
        }
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_operators_are_taken_apart() {
        for (text, key, operator) in [
            ("room with =", "room", "="),
            ("room  WITH  OPERATOR(pg_catalog.=)", "room", "="),
            ("tstzrange(a, b) with &&", "tstzrange(a, b)", "&&"),
            ("\"with\" with <>", "\"with\"", "<>"),
            ("name collate \"C\" s.ops with operator(\"S\".=)", "name collate \"C\" s.ops", "operator(\"S\".=)"),
            ("(select_with(a)) with && ", "(select_with(a))", "&&"),
        ] {
            let found = parse_exclusion_key("gist", text).unwrap();
            assert_eq!((found.key.as_str(), found.operator.as_str()), (key, operator), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_key_is_refused() {
        for text in ["room", "room with", "a with =, b with =", "a with =) where (true", "a with =) include (b", ""] {
            assert!(parse_exclusion_key("gist", text).is_err(), "{text}");
        }
    }
}
