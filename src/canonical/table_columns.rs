//! Parses the target of a foreign key: `repositories (id)`.
use super::parse::{self, SqlError};
use pg_query::protobuf::node::Node;

/// A table and some of its columns, as a foreign key names them: `repositories (id)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumns {
    /// The schema, where written.
    pub schema: Option<String>,
    /// The table.
    pub name: String,
    /// The columns; empty where none are written.
    pub columns: Vec<String>,
}

/// Reads what stands behind `references`.
///
/// # Errors
/// If it is not exactly a table's name and perhaps columns in parentheses.
pub fn parse_table_columns(text: &str) -> Result<TableColumns, SqlError> {
    let other = || SqlError::new("this is not a table with columns");
    let Node::AlterTableStmt(mut alter) = parse::one("alter table t add foreign key (c) references ", text, "\n")?
    else {
        return Err(other());
    };
    let (1, Some(Node::AlterTableCmd(command))) = (alter.cmds.len(), alter.cmds.pop().and_then(|n| n.node)) else {
        return Err(other());
    };
    let Some(Node::Constraint(constraint)) = command.def.and_then(|n| n.node) else { return Err(other()) };
    let plain = constraint.fk_matchtype == "s"
        && constraint.fk_upd_action == "a"
        && constraint.fk_del_action == "a"
        && !constraint.deferrable
        && !constraint.skip_validation
        && !constraint.pk_with_period;
    let table = constraint.pktable.as_ref().filter(|t| plain && t.catalogname.is_empty()).ok_or_else(other)?;
    Ok(TableColumns {
        schema: (!table.schemaname.is_empty()).then(|| table.schemaname.clone()),
        name: table.relname.clone(),
        columns: parse::names(&constraint.pk_attrs),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_columns_and_nothing_else() {
        let found = parse_table_columns("app.\"My Table\" (id, \"B\")").unwrap();
        assert_eq!((found.schema.as_deref(), found.name.as_str()), (Some("app"), "My Table"));
        assert_eq!(found.columns, ["id", "B"]);
        assert!(parse_table_columns("t").unwrap().columns.is_empty());
        for text in ["", "t (id) on delete cascade", "t (id), add column x int", "t (id) deferrable", "t (1)", "a b"] {
            assert!(parse_table_columns(text).is_err(), "{text}");
        }
    }
}
