//! Tells which new text of a routine `create or replace` takes: not another result or argument name, no default less.
//! Source: <https://www.postgresql.org/docs/18/sql-createfunction.html>.
use crate::canonical::{ArgumentText, parse_routine};

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_routine(before), parse_routine(after)) else { return false };
    let pairs = || a.arguments.iter().zip(&b.arguments);
    (a.is_procedure, a.window, &a.returns) == (b.is_procedure, b.window, &b.returns)
        && a.arguments.len() == b.arguments.len()
        && pairs().all(|(a, b)| stays(a, b))
}

fn stays(a: &ArgumentText, b: &ArgumentText) -> bool {
    // An argument without a name may get one, where it only goes in.
    let named = a.name == b.name || (a.name.is_none() && matches!(a.mode, None | Some("VARIADIC")));
    named && (a.mode, &a.data_type) == (b.mode, &b.data_type) && (a.default.is_none() || b.default.is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn or_replace_takes_what_callers_do_not_see() {
        let text = |arguments: &str, rest: &str| format!("create function f({arguments}) {rest} language sql as ''");
        for (a, b, stays) in [
            (text("a int", "returns int"), text("a int default 1", "returns int stable"), true),
            (text("int", "returns int"), text("a int", "returns int"), true),
            (text("a int", "returns int"), text("b int", "returns int"), false),
            (text("a int", "returns int"), text("a int", "returns bigint"), false),
            (text("a int default 1", "returns int"), text("a int", "returns int"), false),
            (text("a int, out b int", ""), text("a int, out c int", ""), false),
            (text("a int[]", "returns int"), text("variadic a int[]", "returns int"), false),
            (text("", "returns int"), text("", "returns int window"), false),
        ] {
            assert_eq!(in_place(&a, &b), stays, "{a}\n{b}");
        }
        assert!(!in_place("", ""));
    }
}
