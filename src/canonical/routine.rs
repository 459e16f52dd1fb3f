//! Parses `create function` and `create procedure` into their parts.
use super::parse::{self, SqlError};
use super::routine_text::{ArgumentText, RoutineBody, RoutineText, in_a_signature};
use super::type_name;
use super::words::{Word, between, closing, words};
use crate::model::quote;
use pg_query::protobuf::{self, FunctionParameterMode as Mode, node::Node};

/// Words at which the type behind `returns` ends.
const CLAUSES: &[&str] = &[
    "language",
    "transform",
    "window",
    "immutable",
    "stable",
    "volatile",
    "not",
    "leakproof",
    "called",
    "strict",
    "returns",
    "external",
    "security",
    "parallel",
    "cost",
    "rows",
    "support",
    "set",
    "as",
    "begin",
    "return",
    ";",
];

/// Reads the statement of a function or a procedure.
///
/// # Errors
/// If it is anything else.
pub fn parse_routine(text: &str) -> Result<RoutineText, SqlError> {
    let Node::CreateFunctionStmt(tree) = parse::one("", text, "")? else {
        return Err(SqlError::new("this makes no function and no procedure"));
    };
    let all = words(text)?;
    let open = all.iter().position(|w| w.text == "(").ok_or_else(|| SqlError::new("this has no list of arguments"))?;
    let close = closing(&all, open).ok_or_else(|| SqlError::new("this has no list of arguments"))?;
    let mut names = parse::names(&tree.funcname);
    let name = names.pop().unwrap_or_default();
    let parameters = tree.parameters.iter().filter_map(|p| match &p.node {
        Some(Node::FunctionParameter(parameter)) if parameter.mode() != Mode::FuncParamTable => Some(parameter),
        _ => None,
    });
    let texts = all[open + 1..close].split(|w| w.text == "," && w.depth == all[open].depth + 1);
    let arguments = parameters.zip(texts).map(|(tree, words)| argument(text, tree, words)).collect::<Result<_, _>>()?;
    let rest = &all[close + 1..];
    let (returns, clauses) = match rest.first() {
        Some(word) if word.is("returns") => {
            let (of, clauses) = rest[1..].split_at(end_of_type(&rest[1..]));
            (Some(between(text, of).to_owned()), clauses)
        }
        _ => (None, rest),
    };
    let mut out = RoutineText {
        is_procedure: tree.is_procedure,
        schema: names.pop(),
        name,
        arguments,
        returns: returns.map(|sql| canonical_returns(&sql, tree.return_type.as_ref())),
        ..RoutineText::new(RoutineBody::Text(String::new()))
    };
    for option in &tree.options {
        if let Some(Node::DefElem(option)) = &option.node {
            out.option(option)?;
        }
    }
    if tree.sql_body.is_some() {
        let starts = |w: &Word<'_>| w.depth == 0 && w.is_any(&["return", "begin"]);
        let at = clauses.iter().position(starts).unwrap_or(clauses.len());
        let body = between(text, &clauses[at..]).trim_end().trim_end_matches(';').trim_end();
        out.body = RoutineBody::Sql(body.to_owned());
    }
    Ok(out)
}

/// Counts the words of a type behind `returns`: its name may be a word that begins a clause.
fn end_of_type(words: &[Word<'_>]) -> usize {
    let name = usize::from(words.first().is_some_and(|word| word.is("setof")));
    let begins = |at: &usize| words[*at].depth == 0 && words[*at].is_any(CLAUSES) && words[*at - 1].text != ".";
    (name + 1..words.len()).find(begins).unwrap_or(words.len())
}

/// Tells whether a text is a body in SQL's own form, which PostgreSQL reads as it is: `return …` or `begin atomic …
/// end`.
#[must_use]
pub fn is_sql_body(text: &str) -> bool {
    let Ok(Node::CreateFunctionStmt(tree)) = parse::one("create function f() returns void ", text, "\n") else {
        return false;
    };
    tree.sql_body.is_some()
}

/// Says that a body in SQL is statements that PostgreSQL reads, which it does only when the function is made, or called.
///
/// # Errors
/// At the word that the parser stumbled on.
pub fn read_sql_body(text: &str) -> Result<(), SqlError> {
    parse::many(text).map(drop).map_err(|error| parse::told(error, text))
}

/// Says that PL/pgSQL's parser, as PostgreSQL 18 has it, reads a whole `create function` or `create procedure`.
#[must_use]
pub fn is_plpgsql(create: &str) -> bool {
    pg_query::parse_plpgsql(create).is_ok()
}

/// Writes a type behind `returns` in PostgreSQL's own spelling, where it is one of PostgreSQL's own.
fn canonical_returns(sql: &str, tree: Option<&protobuf::TypeName>) -> String {
    let Some(tree) = tree else { return sql.to_owned() };
    let single = protobuf::TypeName { setof: false, ..tree.clone() };
    let is_table = sql.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("table"));
    match type_name::from_tree(&single) {
        Ok(name) if !is_table && name.builtin => {
            let set = if tree.setof { "SETOF " } else { "" };
            format!("{set}{}", in_a_signature(&name))
        }
        _ => match sql.get(..6).filter(|word| word.eq_ignore_ascii_case("setof ")) {
            Some(_) => format!("SETOF {}", sql[6..].trim_start()),
            None => sql.to_owned(),
        },
    }
}

fn argument(text: &str, tree: &protobuf::FunctionParameter, words: &[Word<'_>]) -> Result<ArgumentText, SqlError> {
    let mut rest = words;
    let (mode, written): (_, &[&str]) = match tree.mode() {
        Mode::FuncParamOut => (Some("OUT"), &["out"]),
        Mode::FuncParamInout => (Some("INOUT"), &["inout", "in", "out"]),
        Mode::FuncParamVariadic => (Some("VARIADIC"), &["variadic"]),
        Mode::Undefined | Mode::FuncParamIn | Mode::FuncParamTable | Mode::FuncParamDefault => (None, &["in"]),
    };
    // The mode may stand behind the name too.
    let is_mode = |w: &Word<'_>| w.depth == words[0].depth && w.is_any(written);
    while rest.first().is_some_and(is_mode) {
        rest = &rest[1..];
    }
    if !tree.name.is_empty() {
        rest = rest.get(1..).unwrap_or_default();
        while rest.first().is_some_and(is_mode) {
            rest = &rest[1..];
        }
    }
    let outer = rest.first().map_or(0, |w| w.depth);
    let split = rest.iter().position(|w| w.depth == outer && (w.is("default") || w.text == "="));
    let (of_type, default) = match split {
        Some(at) => (&rest[..at], Some(between(text, &rest[at + 1..]).to_owned())),
        None => (rest, None),
    };
    let known_type = tree.arg_type.as_ref().and_then(|tree| type_name::from_tree(tree).ok());
    let data_type = match &known_type {
        Some(name) if name.builtin => in_a_signature(name),
        Some(_) | None => between(text, of_type).to_owned(),
    };
    let name = (!tree.name.is_empty()).then(|| tree.name.clone());
    Ok(ArgumentText { mode, name, data_type, default, known_type })
}

impl RoutineText {
    fn option(&mut self, option: &protobuf::DefElem) -> Result<(), SqlError> {
        let argument = option.arg.as_deref().and_then(|node| node.node.as_ref());
        let text = || match argument {
            Some(Node::String(text)) => Some(text.sval.clone()),
            Some(Node::Integer(number)) => Some(number.ival.to_string()),
            Some(Node::Float(number)) => Some(number.fval.clone()),
            _ => None,
        };
        let flag = || matches!(argument, Some(Node::Boolean(flag)) if flag.boolval);
        let list = || match argument {
            Some(Node::List(list)) => list.items.as_slice(),
            _ => &[],
        };
        match option.defname.as_str() {
            "language" => self.language = text(),
            "window" => self.window = flag(),
            "volatility" => self.volatility = text().filter(|word| word != "volatile"),
            "parallel" => self.parallel = text().filter(|word| word != "unsafe"),
            "strict" => self.strict = flag(),
            "security" => self.security_definer = flag(),
            "leakproof" => self.leakproof = flag(),
            "cost" => self.cost = text(),
            "rows" => self.rows = text(),
            "support" => {
                self.support = Some(parse::names(list()).iter().map(|n| quote(n)).collect::<Vec<_>>().join("."));
            }
            "transform" => {
                let types = list().iter().filter_map(|node| match &node.node {
                    Some(Node::TypeName(name)) => Some(type_name::from_tree(name).map(|name| name.spelled())),
                    _ => None,
                });
                self.transforms = types.collect::<Result<_, _>>()?;
            }
            "as" => match parse::names(list()).as_slice() {
                [text] => self.body = RoutineBody::Text(text.clone()),
                [file, symbol] => self.body = RoutineBody::Library(file.clone(), symbol.clone()),
                _ => return Err(SqlError::new("this says twice what it does")),
            },
            "set" => {
                if let Some(Node::VariableSetStmt(set)) = argument {
                    self.settings.push(setting(set)?);
                }
            }
            other => return Err(SqlError::new(format!("`{other}` is no option of a function"))),
        }
        Ok(())
    }
}

/// Gives a setting and its values.
fn setting(set: &protobuf::VariableSetStmt) -> Result<(String, Vec<String>), SqlError> {
    let value = |node: &protobuf::Node| match &node.node {
        Some(Node::AConst(constant)) => match &constant.val {
            Some(protobuf::a_const::Val::Sval(text)) => Some(text.sval.clone()),
            Some(protobuf::a_const::Val::Ival(number)) => Some(number.ival.to_string()),
            Some(protobuf::a_const::Val::Fval(number)) => Some(number.fval.clone()),
            _ => None,
        },
        _ => None,
    };
    let values: Option<Vec<String>> = set.args.iter().map(value).collect();
    match values {
        Some(values) if !values.is_empty() => Ok((set.name.clone(), values)),
        _ => Err(SqlError::new(format!("the setting {} has no value that can be read here", set.name))),
    }
}

/// Reads one argument of a list: `n integer default 5`.
///
/// # Errors
/// If it is not exactly one argument.
pub fn parse_argument(text: &str) -> Result<ArgumentText, SqlError> {
    let Node::CreateFunctionStmt(tree) = parse::one("create function f(", text, "\n) returns void language sql")?
    else {
        return Err(SqlError::new("this is no argument"));
    };
    let parsed = parse_routine(&format!("create function f({text}\n) returns void language sql as ''"))?;
    match (parsed.arguments.as_slice(), tree.parameters.len()) {
        ([argument], 1) => Ok(argument.clone()),
        (_, _) => Err(SqlError::new("this is not one argument")),
    }
}

/// Reads the types of a routine's arguments, as its key has them.
///
/// # Errors
/// If they are no list of types.
pub fn parse_signature(text: &str) -> Result<Vec<ArgumentText>, SqlError> {
    parse::one("create function f(", text, "\n) returns void language sql")?;
    Ok(parse_routine(&format!("create function f({text}\n) returns void language sql as ''"))?.arguments)
}

/// Reads what stands behind `returns`: its canonical text.
///
/// # Errors
/// If it is no type, set of a type, or table.
pub fn parse_returns(text: &str) -> Result<String, SqlError> {
    parse::one("create function f() returns ", text, "\n language sql")?;
    let all = words(text)?;
    if end_of_type(&all) < all.len() {
        return Err(SqlError::new("this is more than a type"));
    }
    let parsed = parse_routine(&format!("create function f() returns {text}\n language sql as ''"))?;
    parsed.returns.ok_or_else(|| SqlError::new("this is no type"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tests that what PostgreSQL printed is put together as it was.
    #[test]
    fn printed_statements_survive() {
        for text in [
            "CREATE OR REPLACE FUNCTION public.last_updated()\n RETURNS trigger\n LANGUAGE plpgsql\nAS $function$\nBEGIN\n    RETURN NEW;\nEND $function$",
            "CREATE OR REPLACE FUNCTION public.f(p_film_id integer, OUT n integer, VARIADIC xs text[] DEFAULT ARRAY['a'::text, 'b,)'::text])\n RETURNS SETOF integer\n LANGUAGE sql\n IMMUTABLE PARALLEL SAFE STRICT SECURITY DEFINER LEAKPROOF COST 5 ROWS 10\n SET search_path TO 'public', 'pg_temp'\n SET work_mem TO '64MB'\nAS $function$ select 1 $function$",
            "CREATE OR REPLACE FUNCTION app.\"Odd f\"(\"A b\" app.mood, character, bit)\n RETURNS TABLE(a integer, b text)\n LANGUAGE sql\nBEGIN ATOMIC\n SELECT 1, 'x'::text;\nEND",
            "CREATE OR REPLACE FUNCTION public.s()\n RETURNS SETOF public.support\n LANGUAGE sql\n STABLE SUPPORT public.set\nAS $function$ select $function$",
            "CREATE OR REPLACE FUNCTION public.g(n integer DEFAULT 5)\n RETURNS numeric\n LANGUAGE sql\n STABLE\nRETURN (n)::numeric",
            "CREATE OR REPLACE PROCEDURE public.p(IN_ integer, OUT b double precision)\n LANGUAGE plpgsql\nAS $procedure$ begin end $procedure$",
            "CREATE OR REPLACE FUNCTION public.w(a anyelement)\n RETURNS anyelement\n LANGUAGE internal\n WINDOW IMMUTABLE STRICT\nAS $functionx$window_$function_lag$functionx$",
            "CREATE OR REPLACE FUNCTION public.c(integer)\n RETURNS integer\n LANGUAGE c\n STRICT SUPPORT public.sup\nAS '$libdir/x', $function$sym$function$",
        ] {
            let parsed = parse_routine(text).unwrap();
            let expected = text.replace("(IN_ integer", "(in_ integer");
            assert_eq!(parsed.print(), expected);
        }
    }

    #[test]
    fn identities_have_types_alone() {
        let of = |text: &str| parse_routine(text).unwrap().signature();
        assert_eq!(
            of(
                "create function f(in a int, b varchar(9) default 'x', out c text, inout d app.mood[], variadic e char(3)[]) language sql as ''"
            ),
            "integer, character varying, app.mood[], character[]"
        );
        assert_eq!(of("create function f(a inout numeric(10, 2) = 5) language sql as ''"), "numeric");
        assert_eq!(of("create procedure f() language sql as ''"), "");
    }

    #[test]
    fn parts_are_read_alone() {
        assert_eq!(parse_argument("inout n int default (1 + 2)").unwrap().sql(), "INOUT n integer DEFAULT (1 + 2)");
        assert_eq!(parse_argument("int").unwrap().sql(), "integer");
        assert!(parse_argument("a int, b int").is_err() && parse_argument("").is_err());
        assert_eq!(parse_returns("setof int").unwrap(), "SETOF integer");
        assert_eq!(parse_returns("table (a int)").unwrap(), "table (a int)");
        assert!(parse_returns("int strict as 'x'").is_err());
        assert!(parse_routine("select 1").is_err());
    }
}
