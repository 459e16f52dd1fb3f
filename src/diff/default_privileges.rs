//! Compares default privileges by what they give, however that is written.
use crate::canonical::parse_default_privileges;

/// Says that two texts give the same.
pub(super) fn same(a: &str, b: &str) -> bool {
    matches!((parse_default_privileges(a), parse_default_privileges(b)), (Ok(a), Ok(b)) if a == b)
}
