//! Tells which new text of an aggregate `create or replace` takes: of the same kind, with the same result.
//! Source: <https://www.postgresql.org/docs/18/sql-createaggregate.html>.
use super::Pair;
use crate::canonical::{AggregateText, OptionForm, OptionValue, parse_aggregate, parse_routine};
use crate::model::{ObjectId, ObjectKind, State};

/// Says that PostgreSQL makes the one text of the other where the aggregate stands. Its identity, which has its
/// arguments, is the same.
pub(super) fn in_place((before, after): (&str, &str), states: Pair<'_, State>) -> bool {
    let (Ok(a), Ok(b)) = (parse_aggregate(before), parse_aggregate(after)) else { return false };
    let is_hypothetical = |of: &AggregateText| of.options.contains_key("hypothetical");
    let ends = |of: &AggregateText| ["stype", "finalfunc", "finalfunc_extra"].map(|word| of.options.get(word).cloned());
    let known = |a: Option<String>, b: Option<String>| a.is_some() && a == b;
    is_hypothetical(&a) == is_hypothetical(&b)
        && (ends(&a) == ends(&b) || known(result(&a, states.before), result(&b, states.after)))
}

/// The type of the result, where it can be told: what the final function returns, or else the type of the state. Of
/// PostgreSQL's own functions, and of several with one name, it cannot.
fn result(of: &AggregateText, state: &State) -> Option<String> {
    let returned = match (of.options.get("finalfunc"), of.options.get("stype")) {
        (None, Some(state)) => state.sql(OptionForm::Type),
        (Some(OptionValue::Name(name)), _) => returned(name, state)?,
        (_, _) => return None,
    };
    // Which type that is depends on the arguments, and on those that the function takes.
    (!returned.starts_with("any")).then_some(returned)
}

fn returned(name: &[String], state: &State) -> Option<String> {
    let [schema, own] = name else { return None };
    let first = ObjectId::of_parts(ObjectKind::Function, &[schema, own]);
    let is_one =
        |id: &ObjectId| id.is(ObjectKind::Function) && id.parts().starts_with(&[schema.as_str(), own.as_str()]);
    let mut all = state.objects.range(first..).take_while(|(id, _)| is_one(id));
    match (all.next(), all.next()) {
        (Some((_, function)), None) => parse_routine(function.definition()?.text()?).ok()?.returns,
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Body, Definition, Fragment};

    #[test]
    fn or_replace_takes_what_gives_the_same_type() {
        let function = |name: &str, arguments: &str, returns: &str| {
            let text = format!("create function s.{name}({arguments}) returns {returns} language sql as ''");
            let body = Body::Definition(Definition::declared(Fragment::written(text)));
            (ObjectId::of_parts(ObjectKind::Function, &["s", name, arguments]), body.into())
        };
        let functions = [
            function("half", "integer", "integer"),
            function("half_of", "integer", "integer"),
            function("many", "integer", "integer"),
            function("many", "text", "integer"),
            function("some", "anyelement", "anyelement"),
            function("thing", "integer", "anyelement"),
            function("words", "integer", "text"),
        ];
        let state = State { objects: functions.into_iter().collect() };
        let text = |rest: &str| format!("create aggregate s.f(integer) (sfunc = s.step, {rest})");
        for (a, b, stays) in [
            ("stype = integer", "stype = int4, initcond = '1', parallel = safe, combinefunc = int4pl", true),
            ("stype = integer", "stype = bigint", false),
            ("stype = integer", "stype = integer, finalfunc = s.half", true),
            ("stype = integer", "stype = integer, finalfunc = s.words", false),
            ("stype = integer, finalfunc = s.half", "stype = integer, finalfunc = s.half_of", true),
            ("stype = bigint, finalfunc = s.half", "stype = integer, finalfunc = s.half_of", true),
            ("stype = integer, finalfunc = s.half", "stype = integer, finalfunc = s.many", false),
            ("stype = integer, finalfunc = s.many", "stype = integer, finalfunc = s.many, sspace = 3", true),
            ("stype = integer, finalfunc = int4abs", "stype = integer, finalfunc = int4um", false),
            ("stype = integer, finalfunc = s.some", "stype = integer, finalfunc = s.thing", false),
            ("stype = anyelement", "stype = anyarray", false),
            ("stype = internal", "stype = internal, hypothetical", false),
        ] {
            let (a, b) = (text(a), text(b));
            let states = Pair { before: &state, after: &state };
            assert_eq!(in_place((&a, &b), states), stays, "{a}\n{b}");
        }
    }
}
