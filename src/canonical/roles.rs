//! Lists the roles that statements name.
use super::parse;
use pg_query::protobuf::node::Node;
use serde_json::Value;
use std::collections::BTreeSet;

/// Lists the roles that statements name: whom they grant to, give things to, or let through. Empty where they don't
/// parse. What a block runs on some servers only, as plans write that, is among them.
#[must_use]
pub fn roles_of_statements(sql: &str) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let statements = parse::many(sql).unwrap_or_default();
    for block in statements.iter().filter_map(|statement| inside(statement.stmt.as_ref()?.node.as_ref()?)) {
        out.extend(roles_of_statements(&block));
    }
    // A visitor written by hand would miss a kind of node in silence.
    parse::each_tree(statements, |tree| walk(tree, &mut out));
    out
}

/// Gives the statement that a block runs on some servers only, as plans write that; `None` for any other statement.
#[must_use]
pub fn guarded_statement(sql: &str) -> Option<String> {
    inside(&parse::one("", sql, "").ok()?)
}

/// Gives the statement in `begin if … then STATEMENT; end if; end`.
fn inside(node: &Node) -> Option<String> {
    let Node::DoStmt(block) = node else { return None };
    let text = block.args.iter().find_map(|argument| {
        let Some(Node::DefElem(argument)) = &argument.node else { return None };
        if let Some(Node::String(text)) = &argument.arg.as_ref()?.node { Some(text.sval.as_str()) } else { None }
    });
    Some(text?.split_once(" then ")?.1.split_once("; end if")?.0.to_owned())
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
            "do $p0$begin if x >= 170000 then grant maintain on t to a; end if; end$p0$",
        ] {
            assert_eq!(roles_of_statements(sql), BTreeSet::from(["a".to_owned()]), "{sql}");
        }
        assert_eq!(roles_of_statements("select 1; grant b to a").len(), 1);
    }
}
