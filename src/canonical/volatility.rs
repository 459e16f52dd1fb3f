//! Tells which values a default gives: one for all rows, or each row its own.
use super::{
    expression, parse,
    references::{Reference, references_of_expression},
};
use pg_query::protobuf::{Node, SqlValueFunctionOp, node::Node as Kind};
use serde_json::Value;

/// Functions of `pg_catalog` that people write in defaults and that give every row of one statement the same value
/// (<https://www.postgresql.org/docs/18/sql-altertable.html#SQL-ALTERTABLE-NOTES>: a default that is not volatile is
/// computed once).
const STABLE: &[&str] = &[
    "array_append",
    "btrim",
    "coalesce",
    "concat",
    "current_database",
    "current_setting",
    "date_part",
    "date_trunc",
    "jsonb_build_array",
    "jsonb_build_object",
    "length",
    "lower",
    "ltrim",
    "make_date",
    "make_interval",
    "md5",
    "now",
    "nullif",
    "replace",
    "rtrim",
    "statement_timestamp",
    "timezone",
    "to_timestamp",
    "transaction_timestamp",
    "trim",
    "upper",
];

/// Tells whether a default is known to be computed once for all rows, so that `add column` with it does not write the
/// table anew. Unknown functions count as volatile: the careful answer.
#[must_use]
pub fn is_stable_default(expression: &str) -> bool {
    references_of_expression(expression).iter().all(|reference| match reference {
        Reference::Function(schema, name) => {
            matches!(schema.as_deref(), None | Some("pg_catalog")) && STABLE.binary_search(&name.as_str()).is_ok()
        }
        Reference::Relation(..) | Reference::Type(..) | Reference::Collation(..) | Reference::Column(..) => true,
    })
}

/// Values that a default gives to the rows that are there when its column is added, and to those that come later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// Always equal: one constant.
    Constant,
    /// The moment, to the microsecond: one value for all rows that are there, and another one whenever a row is written.
    Moment,
    /// One value for all rows that are there, which others may be given as well: a day, a role, a setting.
    Once,
    /// Different for each row.
    Each,
}

/// Functions whose values change: what is made of constants by others in [`STABLE`] is a constant.
const CHANGING: &[&str] =
    &["current_database", "current_setting", "now", "statement_timestamp", "transaction_timestamp"];
/// Texts that a date or time is read from as it is then.
const MOMENTS: &[&str] = &["now", "today", "tomorrow", "yesterday"];

/// Tells which values a default gives.
#[must_use]
pub fn given_by(expression: &str) -> Given {
    if !is_stable_default(expression) {
        return Given::Each;
    }
    let calls = |reference: &Reference| matches!(reference, Reference::Function(_, name) if CHANGING.binary_search(&name.as_str()).is_ok());
    let mut changes = references_of_expression(expression).iter().any(calls);
    match parse::many(&format!("select {expression}\n")) {
        Ok(statements) => parse::each_tree(statements, |tree| changes |= names_a_moment(tree)),
        Err(_) => return Given::Once,
    }
    if !changes {
        return Given::Constant;
    }
    let moment = expression::tree(expression).is_ok_and(|tree| is_moment(&tree));
    if moment { Given::Moment } else { Given::Once }
}

/// Tells whether a tree names `current_date`, `current_user`, or a text like `'today'`.
fn names_a_moment(value: &Value) -> bool {
    match value {
        Value::Object(map) => map.iter().any(|(key, inner)| key == "SqlvalueFunction" || names_a_moment(inner)),
        Value::Array(items) => items.iter().any(names_a_moment),
        Value::String(text) => MOMENTS.contains(&text.trim().to_ascii_lowercase().as_str()),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Tells whether a tree is the moment in full, wherever on earth it is told.
fn is_moment(tree: &Node) -> bool {
    match &tree.node {
        Some(Kind::FuncCall(call)) => {
            match (parse::names(&call.funcname).last().map(String::as_str), call.args.as_slice()) {
                (Some("now" | "statement_timestamp" | "transaction_timestamp"), []) => true,
                (Some("timezone"), [_, of]) => is_moment(of),
                _ => false,
            }
        }
        Some(Kind::SqlvalueFunction(function)) => {
            let in_full = [SqlValueFunctionOp::SvfopCurrentTimestamp, SqlValueFunctionOp::SvfopLocaltimestamp];
            in_full.contains(&function.op())
        }
        Some(Kind::TypeCast(cast)) => {
            let in_full = cast.type_name.as_ref().is_some_and(|name| {
                let named = parse::names(&name.names);
                name.typmods.is_empty() && matches!(named.last().map(String::as_str), Some("timestamp" | "timestamptz"))
            });
            in_full && cast.arg.as_deref().is_some_and(is_moment)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_default_gives_to_the_rows_that_are_there() {
        assert!(CHANGING.is_sorted());
        for (texts, given) in [
            (
                &["5", "'x'::text", "lower('X')", "'{}'::jsonb", "'knows'", "timezone('utc', '2020-01-01'::timestamp)"]
                    [..],
                Given::Constant,
            ),
            (
                &[
                    "now()",
                    "CURRENT_TIMESTAMP",
                    "localtimestamp",
                    "now() at time zone 'utc'",
                    "timezone('utc'::text, now())",
                    "statement_timestamp()::timestamp",
                ],
                Given::Moment,
            ),
            (
                &[
                    "current_date",
                    "now()::date",
                    "date_trunc('day', now())",
                    "current_timestamp(0)",
                    "now()::timestamptz(0)",
                    "current_user",
                    "session_user",
                    "('today'::text)::date",
                    "current_setting('app.tenant')",
                    "now() + '1 day'::interval",
                ],
                Given::Once,
            ),
            (
                &["clock_timestamp()", "gen_random_uuid()", "nextval('s'::regclass)", "random()", "app.now()"],
                Given::Each,
            ),
        ] {
            for text in texts {
                assert_eq!(given_by(text), given, "{text}");
            }
        }
    }

    #[test]
    fn only_what_is_known_to_be_stable_is() {
        assert!(STABLE.is_sorted());
        for text in
            ["5", "'x'::text", "now()", "CURRENT_TIMESTAMP", "'{}'::jsonb", "lower('X')", "current_date", "array[1,2]"]
        {
            assert!(is_stable_default(text), "{text}");
        }
        for text in [
            "random()",
            "gen_random_uuid()",
            "nextval('s'::regclass)",
            "clock_timestamp()",
            "app.now()",
            "md5(random()::text)",
        ] {
            assert!(!is_stable_default(text), "{text}");
        }
    }
}
