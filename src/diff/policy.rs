//! Tells which change of a policy `alter policy` makes: of its roles and its conditions, but not one more or less of these.
//! Source: <https://www.postgresql.org/docs/18/sql-alterpolicy.html>.
use crate::canonical::{PolicyText, parse_policy};

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let form = |text: &str| {
        let PolicyText { name: _, relation: _, is_restrictive, command, roles: _, using, check } =
            parse_policy(text).ok()?;
        Some((is_restrictive, command, using.is_some(), check.is_some()))
    };
    form(before).is_some_and(|before| form(after) == Some(before))
}

/// Says that two statements make the same policy, however their conditions are written.
pub(super) fn same(a: &str, b: &str) -> bool {
    matches!((parse_policy(a), parse_policy(b)), (Ok(a), Ok(b)) if a.is_same(&b))
}
