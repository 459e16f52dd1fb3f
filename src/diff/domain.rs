//! Tells which new text of a domain `alter domain` takes: each over the same type and collation.
use crate::canonical::parse_domain;

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_domain(before), parse_domain(after)) else { return false };
    b.altered_from(&a).is_some()
}
