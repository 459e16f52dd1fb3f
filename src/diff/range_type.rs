//! Tells which new text of a range type PostgreSQL makes where it stands: one with another name of the multirange type.
use crate::canonical::parse_range_type;

pub(super) fn in_place(before: &str, after: &str) -> bool {
    let (Ok(a), Ok(b)) = (parse_range_type(before), parse_range_type(after)) else { return false };
    b.altered_from(&a).is_some()
}
