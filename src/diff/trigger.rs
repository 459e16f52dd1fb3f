//! `create or replace trigger` takes every change of a trigger, and none of a constraint; when either fires is said in place.
use crate::canonical::{TriggerText, parse_trigger};

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_trigger(before), parse_trigger(after)) else { return false };
    let bare = |of: &TriggerText| TriggerText { enabled: None, ..of.clone() };
    !(a.is_constraint || b.is_constraint) || bare(&a) == bare(&b)
}
