//! Parses a column written as one string, `bigint not null default 5`, into its parts.
use super::{
    memo::Memo,
    parse::{self, SqlError},
    type_name,
};
use pg_query::protobuf::{ConstrType, node::Node};

/// The options of an identity by name, each with its value if it takes one.
pub(super) type IdentityOptions = Vec<(String, Option<String>)>;

/// A column as one string says it: `bigint not null default 5`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ColumnText {
    /// The type, canonical.
    pub data_type: String,
    /// The collation as SQL.
    pub collation: Option<String>,
    /// `not null`.
    pub not_null: bool,
    /// `null`, which PostgreSQL takes as the promise that it is not `not null`.
    pub null: bool,
    /// `default`, canonical.
    pub default: Option<String>,
    /// Expression of `generated always as (…)`, and true where it is stored.
    pub generated: Option<(String, bool)>,
    /// Identity of `generated … as identity`: true for always, and the options as written (`start`, `5`).
    pub identity: Option<(bool, IdentityOptions)>,
    /// `storage`.
    pub storage: Option<String>,
    /// `compression`.
    pub compression: Option<String>,
}

/// Reasons why a column's string was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ColumnTextError {
    /// PostgreSQL's grammar refuses the string.
    Sql(SqlError),
    /// The string says something that has its own place in the declaration; the help shows the lines to write.
    Elsewhere {
        /// Clause that is said: `primary key`.
        what: &'static str,
        /// The lines to write instead.
        help: String,
    },
}

impl From<SqlError> for ColumnTextError {
    fn from(error: SqlError) -> Self {
        Self::Sql(error)
    }
}

/// Reads a column's string. `name` is the column's, for the help's lines.
///
/// # Errors
/// If it does not parse, or says what belongs elsewhere (`primary key`, `unique`, `references`, `check`, `serial`).
pub fn parse_column(name: &str, text: &str) -> Result<ColumnText, ColumnTextError> {
    // The name is in the help of errors only.
    static KNOWN: Memo<ColumnText> = Memo::new();
    KNOWN.get(text, || parse_new_column(name, text))
}

fn parse_new_column(name: &str, text: &str) -> Result<ColumnText, ColumnTextError> {
    let Node::CreateStmt(mut create) = parse::one("create table t (c ", text, "\n)")? else {
        return Err(SqlError::new("this is not a column").into());
    };
    let extra = create.table_elts.len() != 1 || !create.tablespacename.is_empty() || !create.options.is_empty();
    let Some(Node::ColumnDef(column)) = create.table_elts.pop().and_then(|n| n.node) else {
        return Err(SqlError::new("this is not a column").into());
    };
    if extra || create.partspec.is_some() || !create.inh_relations.is_empty() {
        return Err(SqlError::new("this is more than one column").into());
    }
    let tree = column.type_name.as_ref().ok_or_else(|| SqlError::new("this has no type"))?;
    let data_type = type_name::from_tree(tree)?;
    if !data_type.builtin && data_type.schema.is_none() && data_type.name.ends_with("serial") {
        return Err(serial(name, &data_type.name));
    }
    let mut out = ColumnText { data_type: data_type.spelled(), ..ColumnText::default() };
    out.storage = (!column.storage_name.is_empty()).then(|| column.storage_name.clone());
    out.compression = (!column.compression.is_empty()).then(|| column.compression.clone());
    if let Some(collation) = &column.coll_clause {
        let parts: Vec<String> = parse::names(&collation.collname).iter().map(|p| crate::model::quote(p)).collect();
        out.collation = Some(parts.join("."));
    }
    for constraint in column.constraints {
        let Some(Node::Constraint(constraint)) = constraint.node else { continue };
        one_constraint(name, &mut out, *constraint)?;
    }
    Ok(out)
}

fn one_constraint(name: &str, out: &mut ColumnText, c: pg_query::protobuf::Constraint) -> Result<(), ColumnTextError> {
    let expression = |raw: Option<Box<pg_query::protobuf::Node>>| {
        raw.ok_or_else(|| SqlError::new("an expression is missing")).and_then(|e| parse::print_expression(*e))
    };
    let elsewhere = |what, help: String| Err(ColumnTextError::Elsewhere { what, help });
    match c.contype() {
        ConstrType::ConstrNotnull => {
            if !c.conname.is_empty() {
                return elsewhere(
                    "a named not-null constraint",
                    format!("{name}: {{type: …, not_null_name: {}}}", c.conname),
                );
            }
            out.not_null = true;
        }
        ConstrType::ConstrNull => out.null = true,
        ConstrType::ConstrDefault => {
            once(out.default.is_some(), "default")?;
            out.default = Some(expression(c.raw_expr)?);
        }
        ConstrType::ConstrGenerated => {
            once(out.generated.is_some(), "generated")?;
            let stored = c.generated_kind != "v";
            out.generated = Some((expression(c.raw_expr)?, stored));
        }
        ConstrType::ConstrIdentity => {
            once(out.identity.is_some(), "identity")?;
            out.identity = Some((c.generated_when == "a", options(&c.options)?));
            out.not_null = true;
        }
        ConstrType::ConstrPrimary => return elsewhere("primary key", format!("primary_key: [{name}]")),
        ConstrType::ConstrUnique => return elsewhere("unique", format!("unique:\n  <table>_{name}_key: [{name}]")),
        ConstrType::ConstrCheck => {
            let text = expression(c.raw_expr).unwrap_or_default();
            return elsewhere("check", format!("checks:\n  <table>_{name}_check: \"{text}\""));
        }
        ConstrType::ConstrForeign => {
            let table = c.pktable.map(|t| t.relname).unwrap_or_default();
            return elsewhere(
                "references",
                format!("foreign_keys:\n  <table>_{name}_fkey: {{columns: [{name}], references: \"{table} (…)\"}}"),
            );
        }
        ConstrType::Undefined
        | ConstrType::ConstrExclusion
        | ConstrType::ConstrAttrDeferrable
        | ConstrType::ConstrAttrNotDeferrable
        | ConstrType::ConstrAttrDeferred
        | ConstrType::ConstrAttrImmediate
        | ConstrType::ConstrAttrEnforced
        | ConstrType::ConstrAttrNotEnforced => {
            return Err(SqlError::new(
                "a column takes type, collate, default, not null, generated, identity, storage and compression",
            )
            .into());
        }
    }
    Ok(())
}

/// Refuses a second clause of its kind: the grammar takes one, and PostgreSQL refuses it later.
fn once(again: bool, what: &str) -> Result<(), SqlError> {
    if again { Err(SqlError::new(format!("it says `{what}` twice"))) } else { Ok(()) }
}

fn options(nodes: &[pg_query::protobuf::Node]) -> Result<Vec<(String, Option<String>)>, SqlError> {
    let mut out = Vec::new();
    for option in nodes {
        let Some(Node::DefElem(element)) = &option.node else { continue };
        let value = match element.arg.as_ref().and_then(|n| n.node.clone()) {
            Some(Node::Integer(i)) => Some(i.ival.to_string()),
            Some(Node::Float(f)) => Some(f.fval),
            Some(Node::Boolean(b)) => Some(b.boolval.to_string()),
            Some(Node::List(list)) => Some(parse::names(&list.items).join(".")),
            None => None,
            Some(other) => Some(parse::print_expression(parse::node(other))?),
        };
        out.push((element.defname.clone(), value));
    }
    Ok(out)
}

fn serial(name: &str, data_type: &str) -> ColumnTextError {
    let integer = match data_type {
        "smallserial" | "serial2" => "smallint",
        "bigserial" | "serial8" => "bigint",
        _ => "integer",
    };
    ColumnTextError::Elsewhere {
        what: "serial",
        help: format!(
            "{name}: {integer} generated by default as identity\nor, with a sequence of its own:\n{name}: {integer} not null default nextval('<table>_{name}_seq')\nsequences:\n  <table>_{name}_seq: {{as: {integer}, owned_by: <table>.{name}}}"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_says_what_a_column_takes() {
        let c = parse_column("c", "varchar(9) collate \"C\" not null default 'x' || 'y'").unwrap();
        assert_eq!(c.data_type, "character varying(9)");
        assert_eq!(c.collation.as_deref(), Some("\"C\""));
        assert_eq!(c.default.as_deref(), Some("'x' || 'y'"));
        let c = parse_column("c", "bigint generated by default as identity (start with 5 increment by -1)").unwrap();
        assert_eq!(
            c.identity.unwrap().1,
            [("start".into(), Some("5".into())), ("increment".into(), Some("-1".into()))]
        );
        let c = parse_column("c", "int generated always as (a * 2) stored").unwrap();
        assert_eq!(c.generated, Some(("a * 2".into(), true)));
        let c = parse_column("c", "text storage plain compression lz4").unwrap();
        assert_eq!((c.storage.as_deref(), c.compression.as_deref()), (Some("plain"), Some("lz4")));
    }

    #[test]
    fn what_belongs_elsewhere_shows_the_lines_to_write() {
        for text in ["int primary key", "int unique", "int references b (id)", "int check (c > 0)", "bigserial"] {
            assert!(matches!(parse_column("c", text), Err(ColumnTextError::Elsewhere { .. })), "{text}");
        }
        for text in ["", "int, d int", "int) ; drop table x; --", "int) inherits (x", "int foo"] {
            assert!(matches!(parse_column("c", text), Err(ColumnTextError::Sql(_))), "{text}");
        }
    }
}
