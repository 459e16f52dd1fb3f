//! Writes expressions and queries in canonical text: one spelling of white space, case, parentheses and casts.
use super::{
    memo::Memo,
    parse::{self, SqlError},
};
use pg_query::protobuf::node::Node;

/// Gives the canonical text of an expression: one spelling of white space, case, parentheses and casts.
///
/// # Errors
/// If it is not exactly one expression.
pub fn canonical_expression(text: &str) -> Result<String, SqlError> {
    static KNOWN: Memo<String> = Memo::new();
    KNOWN.get(text, || parse::print_expression(tree(text)?))
}

pub(super) fn tree(text: &str) -> Result<pg_query::protobuf::Node, SqlError> {
    // A newline keeps a trailing comment from swallowing what follows.
    let Node::SelectStmt(select) = parse::one("select ", text, "\n")? else {
        return Err(SqlError::new("this is not an expression"));
    };
    let mut select = *select;
    let bare = select.target_list.len() == 1
        && select.from_clause.is_empty()
        && select.where_clause.is_none()
        && select.group_clause.is_empty()
        && select.having_clause.is_none()
        && select.sort_clause.is_empty()
        && select.limit_count.is_none()
        && select.limit_offset.is_none()
        && select.locking_clause.is_empty()
        && select.window_clause.is_empty()
        && select.distinct_clause.is_empty()
        && select.into_clause.is_none()
        && select.larg.is_none();
    let target = select.target_list.pop().and_then(|n| n.node);
    match target {
        Some(Node::ResTarget(target)) if bare && target.name.is_empty() => {
            target.val.map(|v| *v).ok_or_else(|| SqlError::new("this is empty"))
        }
        _ => Err(SqlError::new("this is more than one expression")),
    }
}

/// Gives the canonical text of a query.
///
/// # Errors
/// If it is not exactly one `select`, `values`, `table` or `with` query.
pub fn canonical_query(text: &str) -> Result<String, SqlError> {
    let tree = parse::one("", text.trim().trim_end_matches(';'), "\n")?;
    let Node::SelectStmt(select) = &tree else { return Err(SqlError::new("this is not a query")) };
    if makes_a_table(select) {
        return Err(SqlError::new("a query here has no `into`"));
    }
    parse::print(tree)
}

/// Tells whether a query is `select … into t`, also as the first branch of a union.
fn makes_a_table(select: &pg_query::protobuf::SelectStmt) -> bool {
    select.into_clause.is_some() || select.larg.as_deref().is_some_and(makes_a_table)
}

/// Gives the canonical form of an expression that a PostgreSQL printed. The text itself where the grammar does not know
/// it (a newer major's syntax): then texts are compared as printed.
#[must_use]
pub fn settled_expression(printed: &str) -> String {
    canonical_expression(printed).unwrap_or_else(|_| printed.trim().to_owned())
}

/// Gives the canonical form of a whole query that a PostgreSQL printed, as [`settled_expression`] does.
#[must_use]
pub fn settled_query(printed: &str) -> String {
    canonical_query(printed).unwrap_or_else(|_| printed.trim().trim_end_matches(';').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text_stands_still() {
        for text in ["((path <> ''::text))", "A  =  any (array['x'::text,'y'])", "- 5", "(a and b) or not c", "x::int8"]
        {
            let once = canonical_expression(text).unwrap();
            assert_eq!(canonical_expression(&once).unwrap(), once, "{text}");
        }
        assert_eq!(canonical_expression("(PATH <> '')").unwrap(), "path <> ''");
    }

    #[test]
    fn nothing_but_one_expression_is_an_expression() {
        for text in [
            "",
            "1; drop table x",
            "a, b",
            "a from b",
            "a as b",
            "a where b",
            "a --",
            "1) , (2",
            "a limit 1",
            "a into b",
        ] {
            let result = canonical_expression(text);
            assert!(result.is_err() || text == "a --", "{text}: {result:?}");
        }
        assert!(canonical_query("delete from x").is_err());
        assert!(canonical_query("select 1; select 2").is_err());
    }
}
