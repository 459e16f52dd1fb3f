//! Lists what a fragment does to values: operators and casts, with what the text alone tells about their operands.
use super::{TypeName, memo::Memo, parse, parse_type};
use crate::model::quote;
use serde_json::Value;
use std::convert::Infallible;

/// Operand of an operator or a cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operand {
    /// A column, by its last name.
    Column(String),
    /// Something cast to a type, a typed constant included.
    Of(TypeName),
    /// `array[…]`.
    Array,
    /// Anything else: its type is not in the text.
    Other,
}

/// Operation on values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueOperation {
    /// An operator. Its schema is `None` where it was not written.
    Operator {
        /// The schema in `operator(schema.+)`.
        schema: Option<String>,
        /// Name of the operator: `<->`.
        name: String,
        /// One operand, or two.
        operands: Vec<Operand>,
    },
    /// A cast.
    Cast {
        /// Operand that is cast.
        of: Operand,
        /// The type that it becomes.
        to: TypeName,
    },
}

/// Lists the operations of an expression; empty where it does not parse.
#[must_use]
pub fn operations_of_expression(text: &str) -> Vec<ValueOperation> {
    static KNOWN: Memo<Vec<ValueOperation>> = Memo::new();
    let found = KNOWN.get(text, || Ok::<_, Infallible>(operations_of_query(&format!("select {text}\n"))));
    found.unwrap_or_default()
}

/// Lists the operations of a query; empty where it does not parse.
#[must_use]
pub fn operations_of_query(text: &str) -> Vec<ValueOperation> {
    let mut out = Vec::new();
    // Walked in serialised form, as references are: a visitor written by hand would miss a kind of node in silence.
    parse::each_tree(parse::many(text).unwrap_or_default(), |tree| walk(tree, &mut out));
    out
}

fn walk(value: &Value, out: &mut Vec<ValueOperation>) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map {
                match key.as_str() {
                    "AExpr" => out.extend(operator(inner)),
                    "TypeCast" => out.extend(cast(inner)),
                    _ => {}
                }
                walk(inner, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn operator(value: &Value) -> Option<ValueOperation> {
    let mut parts = strings(&value["name"]);
    let name = parts.pop()?;
    let operands = ["lexpr", "rexpr"].iter().filter(|side| !value[**side].is_null());
    let operands = operands.map(|side| operand(&value[*side]["node"])).collect();
    Some(ValueOperation::Operator { schema: parts.pop(), name, operands })
}

fn cast(value: &Value) -> Option<ValueOperation> {
    Some(ValueOperation::Cast { of: operand(&value["arg"]["node"]), to: type_of(&value["type_name"])? })
}

fn operand(node: &Value) -> Operand {
    if let Some(name) = strings(&node["ColumnRef"]["fields"]).pop() {
        return Operand::Column(name);
    }
    if let Some(of) = node.get("TypeCast").and_then(|cast| type_of(&cast["type_name"])) {
        return Operand::Of(of);
    }
    if node.get("AArrayExpr").is_some() { Operand::Array } else { Operand::Other }
}

/// Gives the type that a tree names; its modifiers where they are numbers.
fn type_of(value: &Value) -> Option<TypeName> {
    let names: Vec<String> = strings(&value["names"]).iter().map(|name| quote(name)).collect();
    let list = |name: &str| value[name].as_array().map(Vec::as_slice).unwrap_or_default().to_vec();
    let number = |m: &Value| m["node"]["AConst"]["val"]["Ival"]["ival"].as_i64().map(|n| n.to_string());
    let modifiers: Vec<String> = list("typmods").iter().filter_map(number).collect();
    let modifiers = if modifiers.is_empty() { String::new() } else { format!("({})", modifiers.join(", ")) };
    let array = if list("array_bounds").is_empty() { "" } else { "[]" };
    parse_type(&format!("{}{modifiers}{array}", names.join("."))).ok()
}

fn strings(list: &Value) -> Vec<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|i| i["node"]["String"]["sval"].as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Operand {
        Operand::Of(parse_type(text).unwrap())
    }

    #[test]
    fn operators_tell_their_operands() {
        let operator = |schema: Option<&str>, name: &str, operands| ValueOperation::Operator {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            operands,
        };
        let found = operations_of_expression("t.e operator(x.<+>) '[1]'::x.halfvec(3)");
        let operands = vec![Operand::Column("e".into()), of("x.halfvec(3)")];
        assert_eq!(found[0], operator(Some("x"), "<+>", operands));
        assert_eq!(found[1], ValueOperation::Cast { of: Operand::Other, to: parse_type("x.halfvec(3)").unwrap() });
        assert_eq!(operations_of_expression("-a"), [operator(None, "-", vec![Operand::Column("a".into())])]);
        let nested = operations_of_query("select 1 from t where exists (select a || b from u) order by c <-> d");
        let names: Vec<&ValueOperation> = nested.iter().collect();
        assert_eq!(names.len(), 2, "{names:?}");
    }

    #[test]
    fn casts_tell_what_they_are_of() {
        let to = |text: &str| parse_type(text).unwrap();
        for (text, operand, target) in [
            ("array[1]::sparsevec(3)", Operand::Array, "sparsevec(3)"),
            ("cast(a as real[])", Operand::Column("a".into()), "real[]"),
            ("halfvec '[1]'", Operand::Other, "halfvec"),
            ("f(a)::bit(8)", Operand::Other, "bit(8)"),
        ] {
            assert_eq!(
                operations_of_expression(text),
                [ValueOperation::Cast { of: operand, to: to(target) }],
                "{text}"
            );
        }
        assert!(operations_of_expression("a b c").is_empty());
    }
}
