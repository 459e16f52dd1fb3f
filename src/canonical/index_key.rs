//! Parses one key of an index into column or expression, collation, operator class and order.
use super::{
    memo::Memo,
    parse::{self, SqlError},
};
use pg_query::protobuf::{AExprKind, Node as Tree, SortByDir, SortByNulls, node::Node};

/// Target of an index key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyTarget {
    /// A column.
    Column(String),
    /// An expression, canonical, without its parentheses.
    Expression(String),
}

/// An index key taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexKeyParts {
    /// Column or expression.
    pub target: KeyTarget,
    /// The collation's name, outermost first.
    pub collation: Vec<String>,
    /// The operator class's name, outermost first; empty for the default.
    pub operator_class: Vec<String>,
    /// True where the key was written with an order or a place for nulls.
    pub ordered: bool,
    /// The canonical text of the whole key.
    pub text: String,
}

impl IndexKeyParts {
    /// Gives the column that the key is over. PostgreSQL takes an expression that is nothing but a column for the
    /// column.
    #[must_use]
    pub fn column(&self) -> Option<String> {
        match &self.target {
            KeyTarget::Column(name) => Some(name.clone()),
            KeyTarget::Expression(text) => {
                let Node::ColumnRef(column) = super::expression::tree(text).ok()?.node? else { return None };
                let [name] = parse::names(&column.fields).try_into().ok()?;
                (column.fields.len() == 1).then_some(name)
            }
        }
    }
}

/// Reads one key of an index on a method.
///
/// # Errors
/// If it is not exactly one key.
pub fn parse_index_key(method: &str, text: &str) -> Result<IndexKeyParts, SqlError> {
    static KNOWN: Memo<IndexKeyParts> = Memo::new();
    let method = crate::model::quote(method);
    KNOWN.get(&format!("{method} {text}"), || parse_new_key(&method, text))
}

fn parse_new_key(method: &str, text: &str) -> Result<IndexKeyParts, SqlError> {
    let prefix = format!("create index on t using {method} (");
    let Node::IndexStmt(index) = parse::one(&prefix, text, "\n)")? else {
        return Err(SqlError::new("this is not an index key"));
    };
    let extra = index.where_clause.is_some() || !index.index_including_params.is_empty() || !index.options.is_empty();
    let [key] = index.index_params.as_slice() else {
        return Err(SqlError::new("this is more than one index key"));
    };
    let Some(Node::IndexElem(element)) = key.node.clone() else {
        return Err(SqlError::new("this is not an index key"));
    };
    if extra || index.nulls_not_distinct || !index.table_space.is_empty() {
        return Err(SqlError::new("this is more than one index key"));
    }
    let target = match &element.expr {
        Some(expression) => KeyTarget::Expression(parse::print_expression((**expression).clone())?),
        None => KeyTarget::Column(element.name.clone()),
    };
    let ordered =
        element.ordering() != SortByDir::SortbyDefault || element.nulls_ordering() != SortByNulls::SortbyNullsDefault;
    let (collation, operator_class) = (parse::names(&element.collation), parse::names(&element.opclass));
    let printed = parse::print(Node::IndexStmt(index))?;
    let open = printed.find(" (").map_or(0, |at| at + 2);
    let text = printed[open..].strip_suffix(')').unwrap_or(&printed[open..]).to_owned();
    Ok(IndexKeyParts { target, collation, operator_class, ordered, text })
}

/// Gives the type that an expression is cast to last (`e::halfvec(3)`, `cast(e as halfvec(3))`), if it ends in a cast.
#[must_use]
pub fn outer_cast(expression: &str) -> Option<super::TypeName> {
    let Node::TypeCast(cast) = super::expression::tree(expression).ok()?.node? else { return None };
    super::type_name::from_tree(cast.type_name.as_ref()?).ok()
}

/// Tells whether the value of an expression is known to have no type modifier, such as a number of dimensions: that of
/// a call or an operator has none. `coalesce(…)`, `case` and the like have that of their parts, where it is the same in
/// all.
#[must_use]
pub fn has_no_modifier(expression: &str) -> bool {
    super::expression::tree(expression).is_ok_and(|tree| no_modifier(&tree))
}

fn no_modifier(tree: &Tree) -> bool {
    let any = |trees: &[Tree]| trees.iter().any(no_modifier);
    let boxed = |tree: &Option<Box<Tree>>| tree.as_deref().is_none_or(no_modifier);
    match &tree.node {
        // A constant without a cast takes the type of the others, and not its modifier.
        Some(Node::FuncCall(_) | Node::AConst(_)) => true,
        Some(Node::AExpr(operator)) if operator.kind() == AExprKind::AexprNullif => boxed(&operator.lexpr),
        Some(Node::AExpr(_)) => true,
        Some(Node::CoalesceExpr(list)) => any(&list.args),
        Some(Node::MinMaxExpr(list)) => any(&list.args),
        Some(Node::CaseExpr(case)) => {
            let result = |when: &Tree| matches!(&when.node, Some(Node::CaseWhen(when)) if boxed(&when.result));
            boxed(&case.defresult) || case.args.iter().any(result)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_taken_apart() {
        let key = parse_index_key("hnsw", "(embedding::halfvec(3072)) public.halfvec_cosine_ops").unwrap();
        assert_eq!(key.target, KeyTarget::Expression("embedding::halfvec(3072)".into()));
        assert_eq!(key.operator_class, ["public", "halfvec_cosine_ops"]);
        let key = parse_index_key("btree", "lower(x) collate \"C\" desc nulls last").unwrap();
        assert_eq!(key.text, "lower(x) COLLATE \"C\" DESC NULLS LAST");
        assert!(key.ordered);
        assert_eq!(parse_index_key("gist", "a tsvector_ops (siglen = 5)").unwrap().text, "a tsvector_ops(siglen=5)");
        assert_eq!(parse_index_key("hnsw", "((e)) vector_l2_ops").unwrap().target, KeyTarget::Expression("e".into()));
    }

    #[test]
    fn calls_and_operators_have_no_modifier() {
        // Measured on PostgreSQL 18: it refuses an hnsw index on one of `none`, as the column does not have dimensions.
        let none = ["f(e)", "e + f", "-e", "coalesce(e, '[0]')", "case when a then e end", "greatest(e, f(e))"];
        none.into_iter().for_each(|text| assert!(has_no_modifier(text), "{text}"));
        let some = [
            "coalesce(e, f)",
            "case when a then e else f end",
            "nullif(e, '[0]')",
            "e[1]",
            "greatest(e, f)",
            "e::v(3)",
        ];
        some.into_iter().for_each(|text| assert!(!has_no_modifier(text), "{text}"));
    }

    #[test]
    fn a_column_in_parentheses_is_a_column() {
        let column = |key: &str| parse_index_key("hnsw", key).unwrap().column();
        assert_eq!(column("e vector_l2_ops").as_deref(), Some("e"));
        assert_eq!(column("((\"E\")) vector_l2_ops").as_deref(), Some("E"));
        assert_eq!(column("(t.e) vector_l2_ops"), None);
        assert_eq!(column("(e::vector(3)) vector_l2_ops"), None);
    }

    #[test]
    fn the_outer_cast_is_found() {
        assert_eq!(outer_cast("cast(e as public.halfvec(3))").unwrap().canonical(), "public.halfvec(3)");
        assert_eq!(outer_cast("binary_quantize(e)::bit(8)").unwrap().modifiers, ["8"]);
        assert_eq!(outer_cast("lower(e::text)"), None);
    }

    #[test]
    fn one_key_and_nothing_else() {
        for text in ["", "a, b", "a) where (b", "a) include (b", "a); drop table t; --"] {
            assert!(parse_index_key("btree", text).is_err(), "{text}");
        }
    }
}
