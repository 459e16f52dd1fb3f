//! Calls PostgreSQL's parser, and tells its errors at their place in the user's text.
use crate::model::quote;
use pg_query::protobuf::{self, RawStmt};

/// SQL that PostgreSQL's grammar refuses, or that is more than the one thing asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SqlError {
    /// The parser's words.
    pub message: String,
    /// The byte offset of the word that it stumbled on, in the text given, where it can be told.
    pub at: Option<usize>,
}

impl SqlError {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), at: None }
    }

    /// Makes an error of another stage's words about SQL that the grammar would take.
    #[must_use]
    pub fn from_message(message: impl Into<String>) -> Self {
        Self::new(message)
    }

    /// Makes an error of the parser's message about `prefix + text + suffix`; the offset is counted in `text`.
    fn from_parser(message: &str, text: &str) -> Self {
        let word = message.split("at or near \"").nth(1).and_then(|rest| rest.strip_suffix('"'));
        // The parser tells the word and not the place: where the word stands once, that is the place.
        let at = word.and_then(|word| (text.matches(word).count() == 1).then(|| text.find(word))).flatten();
        Self { message: message.to_owned(), at }
    }
}

/// Parses `prefix + text + suffix` as one statement.
pub(super) fn one(prefix: &str, text: &str, suffix: &str) -> Result<protobuf::node::Node, SqlError> {
    let mut statements = many(&format!("{prefix}{text}{suffix}")).map_err(|e| told(e, text))?;
    if statements.len() != 1 {
        return Err(SqlError::new("this is more than one statement"));
    }
    let statement = statements.remove(0).stmt.and_then(|node| node.node);
    statement.ok_or_else(|| SqlError::new("this is empty"))
}

/// Words of the parser's several limits, about its own memory: to people they are one.
const TOO_DEEP: [&str; 3] = ["stack depth limit exceeded", "nested too deeply", "memory exhausted"];

pub(super) fn told(error: pg_query::Error, text: &str) -> SqlError {
    match error {
        pg_query::Error::Parse(message) if !TOO_DEEP.iter().any(|words| message.contains(words)) => {
            SqlError::from_parser(&message, text)
        }
        pg_query::Error::Parse(_) | pg_query::Error::Decode(_) => SqlError::new(
            "its parts are nested deeper than pgform reads, some thousand levels (each `||` or `union` in a row is one; \
             concat(…), arrays and `and` hold many parts on one level)",
        ),
        pg_query::Error::Conversion(_)
        | pg_query::Error::InvalidJson(_)
        | pg_query::Error::InvalidPointer
        | pg_query::Error::Scan(_)
        | pg_query::Error::IsUtility(_)
        | pg_query::Error::Split(_) => SqlError::new(error.to_string()),
    }
}

/// Parses any number of statements.
pub(super) fn many(sql: &str) -> Result<Vec<RawStmt>, pg_query::Error> {
    Ok(pg_query::parse(sql, pg_query::ParserOptions::DEFAULT)?.protobuf.stmts)
}

/// Number of conditions in one `and` or `or` above which they are walked one by one.
const MANY: usize = 100;

/// Walks statements by way of their serialised form, in which no kind of node is missed. It takes some kilobytes for each node:
/// of a long list of conditions there is never more than one of them in memory.
pub(super) fn each_tree(mut statements: Vec<RawStmt>, mut walk: impl FnMut(&serde_json::Value)) {
    let mut members = Vec::new();
    for statement in &mut statements {
        let Some(protobuf::node::Node::SelectStmt(select)) = statement.stmt.as_mut().and_then(|s| s.node.as_mut())
        else {
            continue;
        };
        let targets = select.target_list.iter_mut().filter_map(|target| match &mut target.node {
            Some(protobuf::node::Node::ResTarget(target)) => target.val.as_deref_mut(),
            _ => None,
        });
        for expression in targets.chain(select.where_clause.as_deref_mut()) {
            if let Some(protobuf::node::Node::BoolExpr(list)) = &mut expression.node
                && list.args.len() > MANY
            {
                members.append(&mut list.args);
            }
        }
    }
    for tree in members.iter().map(serde_json::to_value).chain([serde_json::to_value(&statements)]) {
        tree.iter().for_each(&mut walk);
    }
}

/// Prints one statement's tree.
pub(super) fn print(node: protobuf::node::Node) -> Result<String, SqlError> {
    let statement =
        RawStmt { stmt: Some(Box::new(protobuf::Node { node: Some(node) })), stmt_location: 0, stmt_len: 0 };
    let tree = protobuf::ParseResult { version: 180_000, stmts: vec![statement] };
    pg_query::deparse(&tree, pg_query::DeparseOptions::default()).map_err(|e| SqlError::new(e.to_string()))
}

/// Prints an expression's tree.
pub(super) fn print_expression(expression: protobuf::Node) -> Result<String, SqlError> {
    let target = protobuf::ResTarget { val: Some(Box::new(expression)), ..Default::default() };
    let select = protobuf::SelectStmt {
        target_list: vec![node(protobuf::node::Node::ResTarget(Box::new(target)))],
        limit_option: protobuf::LimitOption::Default.into(),
        op: protobuf::SetOperation::SetopNone.into(),
        ..Default::default()
    };
    let text = print(protobuf::node::Node::SelectStmt(Box::new(select)))?;
    Ok(text.strip_prefix("SELECT ").unwrap_or(&text).to_owned())
}

pub(super) fn node(node: protobuf::node::Node) -> protobuf::Node {
    protobuf::Node { node: Some(node) }
}

/// Writes a relation's name as SQL, with the schema where that was written.
pub(super) fn relation(range: &protobuf::RangeVar) -> String {
    let parts = [range.schemaname.as_str(), range.relname.as_str()];
    parts.into_iter().filter(|part| !part.is_empty()).map(quote).collect::<Vec<_>>().join(".")
}

/// Gives the texts of a list of string nodes: a qualified name's parts.
pub(super) fn names(nodes: &[protobuf::Node]) -> Vec<String> {
    nodes
        .iter()
        .filter_map(|n| match &n.node {
            Some(protobuf::node::Node::String(s)) => Some(s.sval.clone()),
            _ => None,
        })
        .collect()
}
