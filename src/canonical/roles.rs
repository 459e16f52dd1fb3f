//! Lists the roles that statements name.
use super::parse;
use serde_json::Value;
use std::collections::BTreeSet;

/// Lists the roles that statements name: whom they grant to, give things to, or let through. Empty where they don't
/// parse.
#[must_use]
pub fn roles_of_statements(sql: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let statements = parse::many(sql).unwrap_or_default();
    // A visitor written by hand would miss a kind of node in silence.
    parse::each_tree(statements, |tree| walk(tree, &mut out));
    out
}

fn walk(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Object(map) => {
            // No other node has a field of that name; what is no role, `public` or `current_user`, has it empty.
            let named = map.get("rolename").and_then(Value::as_str).filter(|name| !name.is_empty());
            out.extend(named.map(str::to_owned));
            map.values().for_each(|inner| walk(inner, out));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_statement_that_names_a_role_is_read() {
        for sql in [
            "grant select on s.t to a, public",
            "revoke update (b) on t from a",
            "alter table s.t owner to a",
            "alter schema s owner to a",
            "create policy p on t to a using (current_user = 'b')",
            "alter policy p on t to a, current_user",
            "alter default privileges for role a in schema s grant select on tables to public",
            "create schema s authorization a",
        ] {
            assert_eq!(roles_of_statements(sql), BTreeSet::from(["a".to_owned()]), "{sql}");
        }
        assert_eq!(roles_of_statements("select 1; grant b to a").len(), 1);
    }
}
