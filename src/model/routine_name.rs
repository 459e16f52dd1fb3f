//! Name that functions, procedures and aggregates have in common: each of them is called by it and the types of its
//! arguments, so one alone has it in a schema.
use super::{ObjectId, ObjectKind};

/// The function that would have the routine's name. The identity of an aggregate has its arguments as PostgreSQL prints
/// them, with their names and `ORDER BY`; of these their types are left.
#[must_use]
pub fn routine_name(id: &ObjectId) -> ObjectId {
    match id.parts().as_slice() {
        [schema, name, arguments] if id.is(ObjectKind::Aggregate) => {
            ObjectId::of_parts(ObjectKind::Function, &[*schema, *name, types(arguments).join(", ").as_str()])
        }
        parts => ObjectId::of_parts(ObjectKind::Function, parts),
    }
}

/// The types in a list of arguments as `pg_get_function_identity_arguments` prints it: `x integer ORDER BY y text`.
fn types(arguments: &str) -> Vec<String> {
    let items = items(arguments);
    let sorted = items.iter().position(|item| item.starts_with(&["ORDER", "BY"]));
    // A variadic argument that is both direct and sorted is one.
    let last = sorted.filter(|at| *at > 0 && items[at - 1].first() == Some(&"VARIADIC")).unwrap_or(items.len());
    items[..last].iter().map(|item| type_of(item)).collect()
}

/// The words of each argument; `ORDER BY` stands before the first that is sorted.
fn items(arguments: &str) -> Vec<Vec<&str>> {
    let (mut items, mut words, mut start, mut quoted) = (Vec::new(), Vec::new(), 0, false);
    for (at, c) in arguments.char_indices().chain([(arguments.len(), ',')]) {
        quoted ^= c == '"';
        if quoted || !matches!(c, ' ' | ',') {
            continue;
        }
        let word = &arguments[start..at];
        start = at + 1;
        // What PostgreSQL prints in capitals and without quotes is a word of its own.
        if word == "ORDER" && !words.is_empty() {
            items.push(std::mem::take(&mut words));
        }
        words.extend(Some(word).filter(|word| !word.is_empty()));
        if c == ',' && !words.is_empty() {
            items.push(std::mem::take(&mut words));
        }
    }
    items
}

/// The type of an argument, whose name may stand before it. A name that is one of these words is in quotes.
fn type_of(words: &[&str]) -> String {
    let words = words.strip_prefix(&["ORDER", "BY"]).unwrap_or(words);
    let words = words.strip_prefix(&["VARIADIC"]).unwrap_or(words);
    let is_type = match words {
        ["double", second, ..] => second.starts_with("precision"),
        ["character" | "bit", second, ..] => second.starts_with("varying"),
        ["time" | "timestamp", second, ..] => matches!(*second, "with" | "without"),
        [_, _, ..] => false,
        [_] | [] => true,
    };
    words[usize::from(!is_type)..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_an_aggregate_the_types_are_left() {
        for (arguments, types) in [
            ("", ""),
            ("integer", "integer"),
            ("x integer, y character varying", "integer, character varying"),
            ("\"ORDER BY\" integer, \"a, b\" app.\"My type\"[]", "integer, app.\"My type\"[]"),
            (
                "timestamp without time zone, at timestamp with time zone",
                "timestamp without time zone, timestamp with time zone",
            ),
            ("double double precision[], bit varying, bit", "double precision[], bit varying, bit"),
            ("double precision ORDER BY anyelement", "double precision, anyelement"),
            ("ORDER BY value anyelement", "anyelement"),
            ("VARIADIC xs integer[]", "integer[]"),
            ("VARIADIC \"any\" ORDER BY VARIADIC \"any\"", "\"any\""),
            ("ORDER BY VARIADIC \"any\"", "\"any\""),
        ] {
            let of = |kind, arguments| ObjectId::of_parts(kind, &["s", "f", arguments]);
            assert_eq!(routine_name(&of(ObjectKind::Aggregate, arguments)), of(ObjectKind::Function, types));
        }
    }
}
