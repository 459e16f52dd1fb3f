//! Tells which change of a trigger `create or replace trigger` takes: each, but none of a constraint trigger.
//! The times at which either fires are said in place.
use crate::canonical::{TriggerText, parse_trigger};

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_trigger(before), parse_trigger(after)) else { return false };
    let bare = |of: &TriggerText| TriggerText { enabled: None, ..of.clone() };
    !(a.is_constraint || b.is_constraint) || bare(&a) == bare(&b)
}
